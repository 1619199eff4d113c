"""The steps of a page, with their sentences: those of the tape, with holes where numbers stand.

A slider may open a gate that was closed when the graph was recorded, close one, or take another branch; then another sentence
holds. Which ones there are is read from the row, whose partials choose by conditions: `text.rules.cases`. The page evaluates
these conditions, and takes the sentence of the case that holds.

Read `steps` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograd.show.notation import Quantity
from autograd.show.steps import RULE, Step
from autograd.show.tape import Tape
from autograd.show.view import View
from autograd.text.rules import Case, partial_of
from autograd.value import Value

__all__ = ["MARK", "hole", "say", "steps"]

MARK = "\ue000"  # stands around a hole; no name has this character: it is for private use
LISTED = 8  # leaves that are written one by one
RULE_MARK = "\ue001"  # around the rule of an edge
Cases = Mapping[tuple[int, int], Sequence[Case]]  # of every edge (node, slot)


def say(quantity: Quantity) -> str:
    """A hole in a sentence: which number of the graph stands here."""
    return hole(quantity.kind, quantity.node, quantity.slot)


def hole(kind: str, node: int, slot: int = 0) -> str:
    return f"{MARK}{kind} {node} {slot}{MARK}"


def _own(text: str, node: int, slot: int) -> str:
    """The sentence of an edge: its holes for the numbers of this very edge, and of the node it starts from, do not say which."""
    return text.replace(f" {node} {slot}{MARK}", MARK).replace(f"{MARK}adjoint {node} 0{MARK}", f"{MARK}adjoint{MARK}")


def steps(view: View, recorded: Tape, cases: Cases) -> list[dict[str, Any]]:
    """The recorded steps between a beginning and an end; the leaves are one step, and so is a family on the way through it."""
    index = {node: place for place, node in enumerate(recorded.nodes)}
    names, every = recorded.names, list(recorded)
    forward = [step for step in every if step.kind == "forward"]
    backward = [step for step in every if step.kind == "backward"]
    leaves = [node for node in recorded.nodes if node.op is None]
    perhaps_idle = _perhaps_idle(recorded.nodes, index, cases)
    return [
        {"kind": "start", "words": "The graph before anything is computed: which operation takes what.", "formula": ""},
        {"kind": "leaf", "nodes": [index[leaf] for leaf in leaves], **_leaves(leaves, names, index)},
        *(_forward(run, view, names, index) for run in _runs(forward, view)),
        *({"kind": "seed", **_said(step)} for step in every if step.kind == "seed"),
        *(_backward(run, view, index, cases, perhaps_idle) for run in _runs(backward, view)),
        {"kind": "end", **_end(recorded.nodes[-1], leaves, names, index)},
    ]


def _said(step: Step) -> dict[str, str]:
    words = [
        f"{RULE_MARK}{sentence.fields['rule']}{RULE_MARK}." if sentence.template == RULE else sentence.written(say)
        for sentence in step.sentences()
    ]
    return {"words": " ".join(words), "formula": step.formula(say)}


def _runs(steps: Iterable[Step], view: View) -> list[list[Step]]:
    """Steps one by one, those inside the same family together."""
    runs: list[list[Step]] = []
    for step in steps:
        home = view.home.get(step.node)
        if runs and home is not None and view.home.get(runs[-1][-1].node) == home:
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
    slopes = [f"{partial_of(names[root], names[leaf])} = {hole('adjoint', index[leaf])}" for leaf in others]
    given = [f"{names[root]} = {hole('data', index[root])}", *(slopes if len(leaves) <= LISTED else [])]
    return {"words": words, "formula": ", ".join(given)}


def _forward(run: Sequence[Step], view: View, names: Mapping[Value, str], index: Mapping[Value, int]) -> dict[str, Any]:
    nodes = [index[step.node] for step in run]
    if len(run) == 1:
        return {"kind": "forward", "nodes": nodes, **_said(run[0])}
    last = run[-1].node
    words = f"{view.home[last]} computes: {len(run)} operations, one after the other."
    return {"kind": "forward", "nodes": nodes, "words": words, "formula": f"{names[last]} = {hole('data', index[last])}"}


def _backward(
    run: Sequence[Step],
    view: View,
    index: Mapping[Value, int],
    cases: Cases,
    perhaps_idle: set[Value],
) -> dict[str, Any]:
    edges = [(index[step.node], step.slot or 0) for step in run]
    if len(run) == 1:
        said = _of_edge(run[0], *edges[0])
        return {"kind": "backward", "edges": edges, **said, **_otherwise(run[0], *edges[0], cases, run[0].node in perhaps_idle)}
    name = view.home[run[0].node]
    outside = {step.operand: None for step in run if step.operand is not None and view.home.get(step.operand) != name}
    nodes = f" and reaches {len(outside)} node{'s' * (len(outside) > 1)} outside" if outside else ""
    words = f"Back through {name}: what has arrived goes on along {len(run)} edges, each times its local derivative,{nodes}"
    return {"kind": "backward", "edges": edges, "words": f"{words.rstrip(',')}.", "formula": ""}


# --------------------------------------------------------------------------------------------------- what else may be the case


def _of_edge(step: Step, node: int, slot: int) -> dict[str, str]:
    return {key: _own(text, node, slot) for key, text in _said(step).items()}


def _perhaps_idle(nodes: Sequence[Value], index: Mapping[Value, int], cases: Cases) -> set[Value]:
    """The nodes that no adjoint might reach: every path from the root to them leads through something that can be a closed gate."""
    idle = set(nodes[:-1])
    for node in reversed(nodes):
        if node not in idle:
            idle.difference_update(
                operand for slot, operand in enumerate(node.operands) if all(case.is_open for case in cases[index[node], slot])
            )
    return idle


def _otherwise(step: Step, node: int, slot: int, cases: Cases, may_be_idle: bool) -> dict[str, Any]:
    """Words and formula of every case, null where they are the recorded ones; and those where nothing has reached the node."""
    recorded = _of_edge(step, node, slot)
    every = [_of_edge(replace(step, is_open=case.is_open, is_reached=True, case=case), node, slot) for case in cases[node, slot]]
    texts = [None if said == recorded else [said["words"], said["formula"]] for said in every]
    otherwise: dict[str, Any] = {"cases": texts} if any(texts) else {}
    if may_be_idle and step.is_reached:
        otherwise["idle"] = list(_of_edge(replace(step, is_reached=False), node, slot).values())
    return otherwise
