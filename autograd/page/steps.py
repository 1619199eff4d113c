"""The steps of a page, with their sentences: those of the tape, with holes where numbers stand.

A slider may open a gate that was closed when the graph was recorded, close one, or take another branch; then another sentence
holds. Which sentences there are is found out by trying the row at other operands: `_ways`. Where a rule or a local derivative in
symbols depends on more than the gate, the page leaves it out once a slider has moved, and the numbers speak.

Read `steps` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from autograd import rules
from autograd.drawing import Picture
from autograd.graph import slots
from autograd.tape import Quantity, Step, Tape
from autograd.value import Value

__all__ = ["MARK", "Way", "hole", "say", "steps", "ways"]

MARK = "\ue000"  # stands around a hole; no name has this character: it is for private use
LISTED = 8  # leaves that are written one by one
TRIALS = (0.01, 0.5, -0.5, 2.0, -2.0, 7.0, -7.0, 50.0, -1000.0)
OPEN, SHUT, IDLE = "open", "closed", "unreached"  # what an edge may be in the sweep


def say(quantity: Quantity) -> str:
    """A hole in a sentence: which number of the graph stands here."""
    return hole(quantity.kind, quantity.node, quantity.slot)


def hole(kind: str, node: int, slot: int = 0) -> str:
    return f"{MARK}{kind} {node} {slot}{MARK}"


def _own(text: str, node: int, slot: int) -> str:
    """The sentence of an edge: its holes for the numbers of this very edge, and of the node it starts from, do not say which."""
    return text.replace(f" {node} {slot}{MARK}", MARK).replace(f"{MARK}adjoint {node} 0{MARK}", f"{MARK}adjoint{MARK}")


def steps(picture: Picture, recorded: Tape, edge_ways: Mapping[tuple[int, int], Way]) -> list[dict[str, Any]]:
    """The recorded steps between a beginning and an end; the leaves are one step, and so is a family on the way through it."""
    index = {node: place for place, node in enumerate(recorded.nodes)}
    names, every = recorded.names, list(recorded)
    forward = [step for step in every if step.kind == "forward"]
    backward = [step for step in every if step.kind == "backward"]
    leaves = [node for node in recorded.nodes if node.op is None]
    perhaps_idle = _perhaps_idle(recorded.nodes, index, edge_ways)
    return [
        {"kind": "start", "words": "The graph before anything is computed: which operation takes what.", "formula": ""},
        {"kind": "leaf", "nodes": [index[leaf] for leaf in leaves], **_leaves(leaves, names, index)},
        *(_forward(run, picture, names, index) for run in _runs(forward, picture)),
        *({"kind": "seed", **_said(step)} for step in every if step.kind == "seed"),
        *(_backward(run, picture, index, edge_ways, perhaps_idle) for run in _runs(backward, picture)),
        {"kind": "end", **_end(recorded.nodes[-1], leaves, names, index)},
    ]


def _said(step: Step) -> dict[str, str]:
    return {"words": step.words(say), "formula": step.formula(say)}


def _runs(steps: Iterable[Step], picture: Picture) -> list[list[Step]]:
    """Steps one by one, those inside the same family together."""
    runs: list[list[Step]] = []
    for step in steps:
        home = picture.home.get(step.node)
        if runs and home is not None and picture.home.get(runs[-1][-1].node) == home:
            runs[-1].append(step)
        else:
            runs.append([step])
    return runs


def _leaves(leaves: Sequence[Value], names: Mapping[Value, str], index: Mapping[Value, int]) -> dict[str, str]:
    if len(leaves) > LISTED:
        return {"words": f"The {len(leaves)} leaves are given, before any operation.", "formula": ""}
    words = f"The {'leaves are' if len(leaves) > 1 else 'leaf is'} given, before any operation."
    return {"words": words, "formula": ", ".join(f"{names[leaf]} = {hole('data', index[leaf])}" for leaf in leaves)}


def _end(root: Value, leaves: Sequence[Value], names: Mapping[Value, str], index: Mapping[Value, int]) -> dict[str, str]:
    words = f"All is computed: {names[root]}, and its derivative with respect to every leaf."
    others = [leaf for leaf in leaves if leaf is not root]
    slopes = [f"{rules.partial_of(names[root], names[leaf])} = {hole('adjoint', index[leaf])}" for leaf in others]
    given = [f"{names[root]} = {hole('data', index[root])}", *(slopes if len(leaves) <= LISTED else [])]
    return {"words": words, "formula": ", ".join(given)}


def _forward(run: Sequence[Step], picture: Picture, names: Mapping[Value, str], index: Mapping[Value, int]) -> dict[str, Any]:
    nodes = [index[step.node] for step in run]
    if len(run) == 1:
        return {"kind": "forward", "nodes": nodes, **_said(run[0])}
    last = run[-1].node
    words = f"{picture.home[last]} computes: {len(run)} operations, one after the other."
    return {"kind": "forward", "nodes": nodes, "words": words, "formula": f"{names[last]} = {hole('data', index[last])}"}


def _backward(
    run: Sequence[Step],
    picture: Picture,
    index: Mapping[Value, int],
    edge_ways: Mapping[tuple[int, int], Way],
    perhaps_idle: set[Value],
) -> dict[str, Any]:
    edges = [(index[step.node], step.slot or 0) for step in run]
    if len(run) == 1:
        said = {key: _own(text, *edges[0]) for key, text in _said(run[0]).items()}
        others = _otherwise(run[0], edges[0], edge_ways[edges[0]], run[0].node in perhaps_idle)
        return {"kind": "backward", "edges": edges, **said, **others}
    name = picture.home[run[0].node]
    outside = {step.operand: None for step in run if step.operand is not None and picture.home.get(step.operand) != name}
    nodes = f" and reaches {len(outside)} node{'s' * (len(outside) > 1)} outside" if outside else ""
    words = f"Back through {name}: what has arrived goes on along {len(run)} edges, each times its local derivative,{nodes}"
    return {"kind": "backward", "edges": edges, "words": f"{words.rstrip(',')}.", "formula": ""}


# --------------------------------------------------------------------------------------------------- what else may be the case


class Way(NamedTuple):
    """What an edge may be at other operands: for each state of its gate the rule, or "" where there are several."""

    rules: dict[str, str]
    is_firm: bool  # whether rule and local derivative in symbols are the same wherever the gate is as it is now


def ways(nodes: Sequence[Value]) -> dict[tuple[int, int], Way]:
    """For every edge (node, slot), found out by trying."""
    tried: dict[Any, list[Way]] = {}
    found: dict[tuple[int, int], Way] = {}
    for place, node in enumerate(nodes):
        if node.op is None:
            continue
        firsts = tuple([slots(node, operand)[0] for operand in node.operands])
        constants = tuple([None if type(a) is Value else a for a in node.arguments])
        now = tuple([(rules.rule(node, slot), is_open) for slot, (*_, is_open) in enumerate(node.edges)])
        key = (node.op, firsts, constants, repr(dict(node.parameters)), now)
        if key not in tried:
            tried[key] = _ways(node)
        found.update(((place, slot), way) for slot, way in enumerate(tried[key]))
    return found


def _ways(node: Value) -> list[Way]:
    assert node.op is not None
    seen: list[dict[str, set[tuple[str, str]]]] = [{} for _ in node.operands]
    for copy in _trials(node):
        names = {operand: f"x{place}" for place, operand in enumerate(copy.operands)} | {copy: "y"}
        for slot, (_, partial, _, is_open) in enumerate(copy.edges):
            if partial == partial:
                texts = (rules.rule(copy, slot), rules.slope(copy, slot, names))
                seen[slot].setdefault(OPEN if is_open else SHUT, set()).add(texts)
    found = []
    for slot, states in enumerate(seen):
        kinds = {state: {rule for rule, _ in texts} for state, texts in states.items()}
        now = OPEN if node.edges[slot][3] else SHUT
        found.append(
            Way({state: rule.pop() if len(rule) == 1 else "" for state, rule in kinds.items()}, len(states.get(now, ())) == 1)
        )
    return found


def _trials(node: Value) -> Iterable[Value]:
    """The same operation on other numbers, wherever it has a value: on its own, on rising ones and on falling ones."""
    assert node.op is not None
    distinct = list(dict.fromkeys(node.operands))
    rising = [[x * (1 + 0.1 * place) for place in range(len(distinct))] for x in TRIALS]
    for numbers in [[operand.data for operand in distinct], *rising, *(row[::-1] for row in rising if len(row) > 1)]:
        stand_in = {operand: Value(x) for operand, x in zip(distinct, numbers, strict=True)}
        try:
            copy: Value = node.op.apply(tuple([stand_in[a] if type(a) is Value else a for a in node.arguments]), node.parameters)
        except (ValueError, ArithmeticError):
            continue
        yield copy


def _perhaps_idle(nodes: Sequence[Value], index: Mapping[Value, int], edge_ways: Mapping[tuple[int, int], Way]) -> set[Value]:
    """The nodes that no adjoint might reach: every way from the root to them leads through something that can be a closed gate."""
    idle = set(nodes[:-1])
    for node in reversed(nodes):
        if node not in idle:
            idle.difference_update(
                operand for slot, operand in enumerate(node.operands) if SHUT not in edge_ways[index[node], slot].rules
            )
    return idle


def _otherwise(step: Step, edge: tuple[int, int], way: Way, may_be_idle: bool) -> dict[str, Any]:
    """What is to be said when the edge is not as it was recorded; nothing where that cannot be."""
    assert step.slot is not None
    state = IDLE if not step.is_reached else OPEN if step.is_open else SHUT
    rule = rules.rule(step.node, step.slot)
    others = {}
    if may_be_idle and state != IDLE:
        others[IDLE] = replace(step, is_reached=False)
    for other, is_open in ((OPEN, True), (SHUT, False)):
        if other in way.rules and (other != state or not way.is_firm):
            others[other] = replace(step, is_open=is_open, is_reached=True)
    texts = {}
    for other, otherwise in others.items():
        is_known = other != IDLE and bool(way.rules[other]) and (other != state or way.is_firm)
        words = otherwise.words(say).replace(f" {rule}.", f" {way.rules[other]}." if is_known else "")
        parts = otherwise.formula(say).split(" = ")
        is_as_recorded = other != IDLE and way.is_firm and step.is_open == (other == OPEN)
        if len(parts) == 4 and not is_as_recorded:  # the part that has the local derivative in symbols
            words = words.replace(f"{parts[1].partition(' · ')[2].strip('()')} = {MARK}", MARK)
            parts.pop(1)
        texts[other] = [_own(words, *edge), _own(" = ".join(parts), *edge)]
    return {"state": state, "otherwise": texts} if texts else {}
