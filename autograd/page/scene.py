"""What a page shows, as plain data: the graph, the places of its picture, and the steps with their sentences.

A page computes by itself. It is given each node's operation and arguments, the numbers as they were recorded, and sentences
with holes that it fills in whenever a slider has moved.

    nodes     name, also in MathML, path in a network, innermost box, operation, its noun and what is in its circle, arguments (the
              index of a node, or a constant in brackets), parameters, recorded data and local derivatives (null for a closed
              gate), these and the gradient in symbols, its kind
    picture   its direction, the boxes of `autograd.page.boxes`, the steps of the scale of widths, and what `marks.js` shows
    terms     the words of `autograd.text.terms`, with their meanings and their plurals
    templates those of sentences and formulas, see `page.formulas`; `rule`, `noSlope` and `product` are the numbers of three of them
    steps     what the player shows one after the other, from `autograd.page.steps`
    kinds     what is asked to find the case of an edge: `Kinds`

Read `scene` first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.page.boxes import boxes_of
from autograd.page.formulas import Formulas
from autograd.page.javascript import is_readable
from autograd.page.steps import Cases, Steps
from autograd.show.marks import MARKS, last_of
from autograd.show.notation import Adjoint, Derivative, Quantity, Sign, Slope
from autograd.show.scale import STEPS, THICK
from autograd.show.scene import layers_of
from autograd.show.steps import RULE
from autograd.show.tape import Tape
from autograd.show.view import View
from autograd.text import rules
from autograd.text.language import TEXT, in_circle
from autograd.text.mathml import MATHML
from autograd.text.rules import Case
from autograd.text.symbols import Condition
from autograd.text.templates import OPEN
from autograd.text.terms import FORMS, TERMS
from autograd.value import Value

__all__ = ["number", "scene"]


def scene(recorded: Tape, rankdir: str | None) -> tuple[dict[str, Any], list[tuple[Condition, ...]]]:
    """The page's data, ready for JSON, and the conditions that it needs, in the order of its `kinds`."""
    view, index = recorded.sweep.view, recorded.place
    cases = {(at, slot): _cases(node, slot) for at, node in enumerate(recorded.nodes) for slot in range(len(node.operands))}
    formulas, kinds = Formulas(recorded), Kinds()
    boxes, home = boxes_of(view)
    factors = [Quantity(kind, 0, 0, 1.0) for kind in ("adjoint", "partial")]
    return {  # in this order: what is written comes before the templates, and nodes before kinds
        "nodes": [
            _node(node, index, recorded.names, cases, kinds, formulas)
            | ({"path": node.label} if node.op is None and node in view.network.names else {})
            | ({"box": home[node]} if node in home else {})
            for node in recorded.nodes
        ],
        "picture": {
            "rankdir": rankdir or "",
            "boxes": boxes,
            "scale": {"thick": THICK, "steps": STEPS},
            "health": _health(view, index),
        },
        "steps": Steps(recorded, cases, formulas).all(),
        "rule": formulas.words(RULE),
        "noSlope": formulas.words(rules.NO_SLOPE.whole),
        "terms": {"words": TERMS, "forms": FORMS},
        "product": formulas.side([factors[0], Sign.TIMES, factors[1]])[0],
        "templates": list(formulas.templates),
        "kinds": list(kinds.written.values()),
    }, kinds.conditions


def _cases(node: Value, slot: int) -> Sequence[Case]:
    """The cases of an edge that a page can tell apart."""
    cases = rules.cases(node, slot)
    is_askable = all(is_readable(condition) for case in cases for condition, _ in case.asked)
    return cases if is_askable else rules.loose(cases)


class Kinds:
    """The operations whose local derivatives have several cases, by what distinguishes these; each is written once.

    A kind has the cases of each slot: a list of [number of a condition, whether it holds], or "gate" if only open (case 0) and
    closed (case 1) are distinguished.
    """

    def __init__(self) -> None:
        self.written: dict[Any, list[Any]] = {}
        self.conditions: list[tuple[Condition, ...]] = []

    def of(self, cases: Sequence[Sequence[Case]]) -> int | None:
        """The number of the kind; None if there is but one case on every edge."""
        if all(len(own) == 1 and not own[0].is_loose for own in cases):
            return None
        key = tuple([id(own) for own in cases])
        if key not in self.written:
            number_of = {condition: None for own in cases for case in own for condition, _ in case.asked}
            numbers = {condition: place for place, condition in enumerate(number_of)}
            self.conditions.append(tuple(numbers))
            self.written[key] = [
                "gate" if own[0].is_loose else [[[numbers[condition], holds] for condition, holds in case.asked] for case in own]
                for own in cases
            ]
        return list(self.written).index(key)


def number(x: Any) -> Any:
    """Return a float as JSON can hold it: an infinity or nan in words."""
    return {"float": repr(x)} if type(x) is float and not math.isfinite(x) else x


def _node(
    node: Value, index: Mapping[Value, int], names: Mapping[Value, str], cases: Cases, kinds: Kinds, formulas: Formulas
) -> dict[str, Any]:
    mathematics = "".join(MATHML.name(names[node]).text)
    described: dict[str, Any] = {"name": names[node], "mathematics": mathematics, "gradient": formulas.side([Adjoint(node)])}
    if TEXT.name(names[node]).level == OPEN:
        described["bracketed"] = TEXT.bracketed(TEXT.name(names[node]).text)  # in a derivative
    described["data"] = number(node.data)
    if node.op is not None:
        described["op"] = node.op.__name__
        described["circle"] = in_circle(node.op, node.arguments, dict(node.parameters))
        described["noun"] = rules.opening(node.op)
        described["arguments"] = [index[a] if type(a) is Value else [number(a)] for a in node.arguments]
        described["partials"] = [number(partial) if is_open else None for _, partial, _, is_open in node.edges]
        own = [cases[index[node], slot] for slot in range(len(node.operands))]
        described["slopes"] = [_slopes(node, slot, each, formulas) for slot, each in enumerate(own)]
        kind = kinds.of(own)
        if kind is not None:
            described["kind"] = kind
        if node.parameters:
            described["parameters"] = {name: number(value) for name, value in node.parameters.items()}
    return described


def _slopes(node: Value, slot: int, cases: Sequence[Case], formulas: Formulas) -> list[Any]:
    """The local derivative in symbols, as a factor of a product: in each case, and if there are several, in none of them."""
    if len(cases) == 1 and not cases[0].is_loose:
        return [formulas.side([Slope(node, slot)])]
    unknown = formulas.side([Derivative(node, node.operands[slot])])
    return [*[formulas.side([Slope(node, slot, case)]) for case in cases], unknown]


# ------------------------------------------------------------------------------------------------------------------ the picture


def _health(view: View, index: Mapping[Value, int]) -> dict[str, Any]:
    """The marks of boxes, the outputs of the box that theirs are compared with; of every layer the head, path and parameters."""
    last, layers = view.families.get(last_of(view)), layers_of(view)
    heads = {layer.name: layer.head for layer in view.network.layers}
    return {
        "marks": MARKS,
        "last": [index[node] for node in last.outputs] if last else [],
        "layers": [[heads.get(name, name), name, [index[node] for node in each]] for name, each in layers.items()]
        if len(layers) > 1
        else [],
    }
