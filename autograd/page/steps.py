"""The steps of a page: those of the tape, with sentences and formulas as data that the page fills in, see `page.formulas`.

A slider may open a gate that was closed when the graph was recorded, close one, or take another branch; then another sentence
holds. Which ones there are is read from the row, whose partials choose by conditions: `text.rules.cases`. The page evaluates
these conditions, and takes the sentence of the case that holds.

Read `Steps.all` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograd.page.formulas import Edge, Formulas
from autograd.show.notation import Adjoint, Bare, Piece, Sentence, Side
from autograd.show.steps import Step
from autograd.show.tape import Tape
from autograd.text.rules import Case
from autograd.value import Value

__all__ = ["Steps"]

LISTED = 8  # leaves that are written one by one
Cases = Mapping[Edge, Sequence[Case]]

START = "The graph before anything is computed: which operation takes what."
LEAF = "The leaf is given, before any operation."
LEAVES = "The leaves are given, before any operation."
MANY_LEAVES = "The {count} leaves are given, before any operation."
FAMILY = "{family} computes: {count} operations, one after the other."
BACK = "Back through {family}: what has arrived goes on along {edges} edges, each times its local derivative."
BACK_TO_ONE = (
    "Back through {family}: what has arrived goes on along {edges} edges, each times its local derivative, "
    "and reaches 1 node outside."
)
BACK_TO_MANY = (
    "Back through {family}: what has arrived goes on along {edges} edges, each times its local derivative, "
    "and reaches {count} nodes outside."
)
END = "All is computed: {root}, and its derivative with respect to every leaf."


class Steps:
    """Makes the steps of one page."""

    def __init__(self, recorded: Tape, cases: Cases, formulas: Formulas) -> None:
        self.tape, self.view, self.cases, self.formulas = recorded, recorded.sweep.view, cases, formulas
        self.perhaps_idle = self._perhaps_idle()

    def all(self) -> list[dict[str, Any]]:
        """The recorded steps between a beginning and an end; the leaves are one step, and so is a family, forward and backward."""
        every = list(self.tape)
        leaves = [node for node in self.tape.nodes if node.op is None]
        forward = self._runs([step for step in every if step.kind == "forward"])
        backward = self._runs([step for step in every if step.kind == "backward"])
        return [
            {"kind": "start", **self._stated([Sentence(START, {})])},
            {"kind": "leaf", "nodes": [self.tape.place[leaf] for leaf in leaves], **self._leaves(leaves)},
            *({"kind": "forward", **self._forward(run)} for run in forward),
            *({"kind": "seed", **self._of(step)} for step in every if step.kind == "seed"),
            *({"kind": "backward", **self._backward(run)} for run in backward),
            {"kind": "end", **self._end(leaves)},
        ]

    def _runs(self, steps: Iterable[Step]) -> list[list[Step]]:
        """Steps one by one, those inside the same family together."""
        runs: list[list[Step]] = []
        for step in steps:
            home = self.view.home.get(step.node)
            if runs and home is not None and self.view.home.get(runs[-1][-1].node) == home:
                runs[-1].append(step)
            else:
                runs.append([step])
        return runs

    def _leaves(self, leaves: Sequence[Value]) -> dict[str, Any]:
        if len(leaves) > LISTED:
            return self._stated([Sentence(MANY_LEAVES, {"count": str(len(leaves))})])
        formula = [self._value("data", leaf, Bare(leaf)) for leaf in leaves]
        return self._stated([Sentence(LEAVES if len(leaves) > 1 else LEAF, {})], formula)

    def _end(self, leaves: Sequence[Value]) -> dict[str, Any]:
        root = self.tape.root
        listed = [leaf for leaf in leaves if leaf is not root] if len(leaves) <= LISTED else []
        adjoints = [self._value("adjoint", leaf, Adjoint(leaf)) for leaf in listed]
        return self._stated([Sentence(END, {"root": root})], [self._value("data", root, Bare(root)), *adjoints])

    def _forward(self, run: Sequence[Step]) -> dict[str, Any]:
        nodes = [self.tape.place[step.node] for step in run]
        if len(run) == 1:
            return {"nodes": nodes, **self._of(run[0])}
        last = run[-1].node
        words = Sentence(FAMILY, {"family": self.view.title(self.view.home[last]), "count": str(len(run))})
        return {"nodes": nodes, **self._stated([words], [self._value("data", last, Bare(last))])}

    def _backward(self, run: Sequence[Step]) -> dict[str, Any]:
        edges = [(self.tape.place[step.node], step.slot or 0) for step in run]
        if len(run) == 1:
            return {"edges": edges, **self._of(run[0]), **self._otherwise(run[0], edges[0])}
        family = self.view.home[run[0].node]
        outside = {step.operand for step in run if step.operand is not None and self.view.home.get(step.operand) != family}
        template = BACK if not outside else BACK_TO_ONE if len(outside) == 1 else BACK_TO_MANY
        fields = {"family": self.view.title(family or ""), "edges": str(len(run)), "count": str(len(outside))}
        return {"edges": edges, **self._stated([Sentence(template, fields)])}

    # ------------------------------------------------------------------------------------------------- what else may be the case

    def _perhaps_idle(self) -> set[Value]:
        """The nodes that no adjoint might reach: every path from the root to them leads through something that can be closed."""
        idle = set(self.tape.nodes[:-1])
        for place, node in reversed(list(enumerate(self.tape.nodes))):
            if node not in idle:
                for slot, operand in enumerate(node.operands):
                    if all(case.is_open for case in self.cases[place, slot]):
                        idle.discard(operand)
        return idle

    def _otherwise(self, step: Step, edge: tuple[int, int]) -> dict[str, Any]:
        """Words and formula of every case, null where they are the recorded ones; and those where nothing has reached the node."""
        recorded = self._of(step)
        every = [self._of(replace(step, is_open=case.is_open, is_reached=True, case=case)) for case in self.cases[edge]]
        otherwise: dict[str, Any] = {}
        if any(each != recorded for each in every):
            otherwise["cases"] = [None if each == recorded else each for each in every]
        if step.node in self.perhaps_idle and step.is_reached:
            otherwise["idle"] = self._of(replace(step, is_reached=False))
        return otherwise

    # ------------------------------------------------------------------------------------------------------------------- as data

    def _value(self, kind: str, node: Value, name: Piece) -> list[Side]:
        """The equation of a node's number."""
        return [[name], [self.tape.quantity(kind, self.tape.place[node])]]

    def _of(self, step: Step) -> dict[str, Any]:
        """The words and the formula of one step of the tape."""
        edge = None if step.slot is None else (self.tape.place[step.node], step.slot)
        return self._stated(step.sentences(), [step.sides()], edge)

    def _stated(
        self, sentences: Sequence[Sentence], formula: Sequence[Sequence[Side]] = (), edge: Edge | None = None
    ) -> dict[str, Any]:
        return {
            "words": [self.formulas.sentence(sentence, edge) for sentence in sentences],
            "formula": [[self.formulas.side(side, edge) for side in statement] for statement in formula],
        }
