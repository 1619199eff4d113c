"""A network as books draw it: a circle for each neuron, δ below it, and on every line its weight and what the weight learns.

δⱼ is ∂E/∂zⱼ, and ∂E/∂wᵢⱼ = yᵢ δⱼ. The signal flows to the output; the errors δ flow back along the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from autograd.errors import OptionError
from autograd.folding import LOSS
from autograd.network import subscript
from autograd.show.columns import Column, columns_of
from autograd.show.dot_text import FREE, SIDES, hint, html, order_of, quoted, refuse_if_no_direction
from autograd.show.scale import Scale
from autograd.show.scene import BOX, FAINT, INK, LEAF, LINE, RESULT, colour_of
from autograd.show.view import View
from autograd.text.numbers import short
from autograd.value import Value

__all__ = ["circles_of"]

WRITTEN = 12  # weights between two columns; where there are more, none has its number
KEY = "δ = ∂{root}/∂z; on a line the weight w and {learnt}; "
CHANGE = "Δw = −{rate} ∂{root}/∂w"
SLOPE = "∂w = ∂{root}/∂w = its input · δ"
COLOURS = "colour: sign of the weight, width: its size"


class Weight(NamedTuple):
    """The weight that neuron `neuron` has for an input, which is a node."""

    weight: Value
    source: Value
    neuron: str


def circles_of(view: View, rankdir: str = "LR", rate: float | None = None) -> str:
    """Return the DOT text of the network in a view that is folded by neurons.

    Raises an OptionError where there is no network of neurons, or where it was computed for several examples.
    """
    refuse_if_no_direction(rankdir)
    columns = columns_of(view)
    neurons = [member for column in columns for member in column.members if member in view.families and column.layers]
    if not neurons or any(len(view.families[str(name)].outputs) != 1 for name in neurons):
        raise OptionError("circles are for a network of neurons, each with one output; style='boxes' draws every other model")
    weights = list(_weights(view, {str(name) for name in neurons}))
    arriving = [sum([each.neuron in column.members for each in weights]) for column in columns]
    is_written = max(arriving) <= WRITTEN
    ids: dict[Any, str] = {
        member: f"c{place}" for place, member in enumerate(member for column in columns for member in column.members)
    }
    ids.update({view.families[str(name)].outputs[0]: ids[name] for name in neurons})
    lines = [line for column in columns for member in column.members for line in _node(view, member, ids[member], is_written)]
    scale = Scale.of([each.weight.data for each in weights])
    lines += [f"  s{id} [shape=point, style=invis, width=0.01, height=0.3]" for id in dict.fromkeys(ids.values()) if is_written]
    sides = FREE if is_written else SIDES[rankdir]
    lines += [_line(view, each, ids, scale, sides, rate) for each in weights if each.source in ids]
    lines += [
        f'  {ids[output]} -> {ids[LOSS]} [id=e_{ids[output]}, arrowhead=none, color="{LINE}"]'
        for output in view.network.logits
        if LOSS in ids and output in ids and view.network.home[output] in _last(columns)
    ]
    stacks = [
        [part for member in column.members for part in _stack(ids[member], bool(column.layers), is_written)] for column in columns
    ]
    root = view.names[view.roots[-1]]
    learnt = SLOPE.format(root=root) if rate is None else CHANGE.format(root=root, rate=short(rate))
    key = KEY.format(root=root, learnt=learnt) * is_written + COLOURS
    look = "nodesep=0.02, ranksep=0.5" if is_written else "splines=line, nodesep=0.08, ranksep=1.6"
    return "\n".join([
        "digraph {",
        f"  graph [rankdir={rankdir}, bgcolor=white, pad=0.2, {look}, fontname=Courier, fontsize=10, labelloc=b, labeljust=l]",
        f"  graph [label={quoted(key)}]",
        f'  node [fontname=Courier, fontsize=11, fontcolor="{INK}"]',
        f'  edge [fontname=Courier, fontsize=9, arrowsize=0.5, color="{LINE}"]',
        *lines,
        *order_of(stacks, [_head(column, index) for index, column in enumerate(columns)]),
        "}",
        "",
    ])  # fmt: skip


def _stack(id: str, is_neuron: bool, is_written: bool) -> list[str]:
    """A circle, what is written below it, and a gap: δ is to be nearer to its own neuron than to the next."""
    return [id, *([f"d{id}"] if is_neuron else []), f"s{id}"] if is_written else [id]


def _head(column: Column, index: int) -> str:
    return f'  h{index} [id=h{index}, shape=plaintext, fontcolor="{FAINT}", label={quoted(column.head)}]'


def _last(columns: Sequence[Column]) -> set[Value | str]:
    """The neurons of the last layer."""
    return set([column for column in columns if column.layers][-1].members)


def _weights(view: View, neurons: set[str]) -> Iterator[Weight]:
    """Every weight with the node that it weighs; of a constant input there is no node."""
    for node in view.nodes:
        home = view.home.get(node)
        if node.op is None or home not in neurons:
            continue
        half = len(node.arguments) // 2 if node.op.variadic else 1
        for weight, source in zip(node.arguments[:half], node.arguments[half : 2 * half], strict=False):
            if type(source) is Value and view.home.get(weight) == home and weight.op is None and view.home.get(source) != home:
                yield Weight(weight, source, home)


def _node(view: View, member: Value | str, id: str, is_written: bool) -> Iterator[str]:
    if isinstance(member, Value):
        text = f"{view.names[member]}\n{short(member.data)}"
        look = f'shape=box, margin=0.05, style=filled, fillcolor="{LEAF}", color="{LINE}"'
        yield f"  {id} [id={id}, {look}, label={_lines(text)}, tooltip={hint(f'{view.names[member]}: {member.data!r}')}]"
        return
    y = view.families[member].outputs[-1]
    text = f"{view.names[y]}\n{short(y.data)}" if is_written or member == LOSS else view.names[y]
    shape = "box" if member == LOSS else "circle"
    fill = RESULT if any(y is root for root in view.roots) else BOX
    size = "margin=0.05" if member == LOSS else f"fixedsize=true, width={0.85 if is_written else 0.5}"
    look = f'shape={shape}, {size}, style=filled, fillcolor="{fill}", color="{FAINT}"'
    yield f"  {id} [id={id}, {look}, label={_lines(text)}, tooltip={hint(f'{member}: {y.data!r}')}]"
    if is_written and member != LOSS:
        yield f"  d{id} [id=d{id}, shape=plain, label=<{_beside(view, member, y)}>]"


def _beside(view: View, member: str, y: Value) -> str:
    """δ of a neuron, and its bias."""
    delta = view.adjoint(view.network.logits[y])
    number = next(neuron.number for layer in view.network.layers for neuron in layer.neurons if neuron.name == member)
    biases = [parameter for parameter in view.families[member].parameters if parameter.label.endswith("b")]
    rows = [(f"δ{subscript(number)} = {'?' if delta is None else short(delta)}", colour_of(delta or 0.0))]
    rows += [(f"{view.names[bias]} = {short(bias.data)}", FAINT) for bias in biases]
    cells = "".join([f'<TR><TD ALIGN="LEFT"><FONT COLOR="{colour}">{html(text)}</FONT></TD></TR>' for text, colour in rows])
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{cells}</TABLE>'


def _line(view: View, each: Weight, ids: Mapping[Any, str], scale: Scale, sides: tuple[str, str], rate: float | None) -> str:
    weight, grad = each.weight, view.adjoint(each.weight)
    colour = colour_of(weight.data, FAINT)
    name = view.names[weight]
    learnt = "∂w = ?" if grad is None else f"∂w = {short(grad)}" if rate is None else f"Δw = {short(-rate * grad)}"
    said = f"{name} = {short(weight.data)}, {learnt}, {weight.label}"
    rows = "".join([
        f'<TR><TD ALIGN="LEFT"><FONT COLOR="{tone}">{html(text)}</FONT></TD></TR>'
        for text, tone in ((f"{name} = {short(weight.data)}", colour), (learnt, INK))
    ])  # fmt: skip
    table = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>'
    label, factor = (f"label=<{table}>", 0.6) if sides is FREE else ("arrowhead=none", 0.3)
    width = scale.width(weight.data) * factor
    look = f'color="{colour}", penwidth={width:.3g}, tooltip={hint(said)}, {label}'
    tail, head = ids[each.source], ids[each.neuron]
    return f"  {tail}{sides[0]} -> {head}{sides[1]} [id=e_{tail}_{head}, {look}]"


def _lines(text: str) -> str:
    """Several lines in the middle of a shape."""
    return '"' + r"\n".join([quoted(line)[1:-1] for line in text.split("\n")]) + '"'
