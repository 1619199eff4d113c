"""The steps of a page: those of the tape, with sentences and formulas as data that the page fills in.

A slider may open a gate that was closed when the graph was recorded, close one, or take another branch; then another sentence
holds. Which ones there are is read from the row, whose partials choose by conditions: `text.rules.cases`. The page evaluates
these conditions, and takes the sentence of the case that holds.

Read `Steps.all` first; `sentences.js` has the form of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from string import Formatter
from typing import Any

from autograd.operation import ATOM, UNARY
from autograd.show.notation import Adjoint, Derivative, Factor, Notation, Operation, Piece, Quantity, Sentence, Side
from autograd.show.steps import RULE, Step
from autograd.show.tape import Tape
from autograd.text.language import Part
from autograd.text.rules import NO_SLOPE, Case
from autograd.value import Value

__all__ = ["Steps"]

LISTED = 8  # leaves that are written one by one
Cases = Mapping[tuple[int, int], Sequence[Case]]  # of every edge (node, slot)

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
    """Makes the steps of one page, and numbers the templates of their sentences."""

    def __init__(self, recorded: Tape, cases: Cases) -> None:
        self.tape, self.view, self.cases = recorded, recorded.sweep.view, cases
        self.notation = Notation(recorded.names, recorded.root)
        self.templates: dict[str, list[str]] = {}  # each with its names, in the order of a sentence's fields
        self.rule, self.no_slope = self._number(RULE), self._number(NO_SLOPE.whole)
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
        formula: list[list[Side]] = [[[self._bare(leaf)], [self._quantity("data", leaf)]] for leaf in leaves]
        return self._stated([Sentence(LEAVES if len(leaves) > 1 else LEAF, {})], formula)

    def _end(self, leaves: Sequence[Value]) -> dict[str, Any]:
        root = self.tape.root
        formula: list[list[Side]] = [[[self._bare(root)], [self._quantity("data", root)]]]
        for leaf in leaves if len(leaves) <= LISTED else ():
            if leaf is not root:
                formula.append([[Adjoint(leaf)], [self._quantity("adjoint", leaf)]])
        return self._stated([Sentence(END, {"root": root})], formula)

    def _forward(self, run: Sequence[Step]) -> dict[str, Any]:
        nodes = [self.tape.place[step.node] for step in run]
        if len(run) == 1:
            return {"nodes": nodes, **self._of(run[0])}
        last = run[-1].node
        words = Sentence(FAMILY, {"family": self.view.home[last], "count": str(len(run))})
        return {"nodes": nodes, **self._stated([words], [[[self._bare(last)], [self._quantity("data", last)]]])}

    def _backward(self, run: Sequence[Step]) -> dict[str, Any]:
        edges = [(self.tape.place[step.node], step.slot or 0) for step in run]
        if len(run) == 1:
            return {"edges": edges, **self._of(run[0]), **self._otherwise(run[0], edges[0])}
        family = self.view.home[run[0].node]
        outside = {step.operand for step in run if step.operand is not None and self.view.home.get(step.operand) != family}
        template = BACK if not outside else BACK_TO_ONE if len(outside) == 1 else BACK_TO_MANY
        fields = {"family": family, "edges": str(len(run)), "count": str(len(outside))}
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

    def _quantity(self, kind: str, node: Value) -> Quantity:
        return self.tape.quantity(kind, self.tape.place[node])

    def _of(self, step: Step) -> dict[str, Any]:
        """The words and the formula of one step of the tape."""
        edge = None if step.slot is None else (self.tape.place[step.node], step.slot)
        return self._stated(step.sentences(), [step.sides(self.notation)], edge)

    def _stated(
        self, sentences: Sequence[Sentence], formula: Sequence[Sequence[Side]] = (), edge: tuple[int, int] | None = None
    ) -> dict[str, Any]:
        return {
            "words": [self._sentence(sentence, edge) for sentence in sentences],
            "formula": [[self._side(side, edge) for side in statement] for statement in formula],
        }

    def _number(self, template: str) -> int:
        if template not in self.templates:
            self.templates[template] = _names(template)
        return list(self.templates).index(template)

    def _sentence(self, sentence: Sentence, edge: tuple[int, int] | None) -> list[Any]:
        number = self._number(sentence.template)
        return [number, *[self._field(sentence.fields[name], edge) for name in self.templates[sentence.template]]]

    def _field(self, field: Piece | Sentence, edge: tuple[int, int] | None) -> Any:
        if isinstance(field, Sentence):
            return {"sentence": self._sentence(field, edge)}
        if isinstance(field, Value):
            return self.tape.place[field]
        pieces = self._pieces(field, edge)
        return pieces[0] if len(pieces) == 1 else [pieces]

    def _side(self, side: Side, edge: tuple[int, int] | None) -> Any:
        pieces = [part for piece in side for part in self._pieces(piece, edge)]
        return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], str) else pieces

    def _pieces(self, piece: Piece, edge: tuple[int, int] | None) -> list[Any]:
        """The data of a piece: texts, places of nodes, derivatives ["∂", place, place], numbers."""
        if isinstance(piece, str):
            return [piece]
        if isinstance(piece, Value):
            return [self.notation.name(piece) if self._is_formula(piece) else self.tape.place[piece]]
        if isinstance(piece, Operation):
            return self._operation(piece)
        if isinstance(piece, Adjoint):
            return self._derivative(self.tape.root, piece.node)
        if isinstance(piece, Derivative):
            return self._derivative(piece.above, piece.below)
        return [_number_of(piece.quantity if isinstance(piece, Factor) else piece, edge)]

    def _derivative(self, above: Value, below: Value) -> list[Any]:
        if self._is_formula(above) or self._is_formula(below):
            return [self.notation.derivative(above, below)]
        return [["∂", self.tape.place[above], self.tape.place[below]]]

    def _bare(self, node: Value) -> Piece:
        """The name, without brackets even if it is a formula."""
        return self.tape.names[node] if self._is_formula(node) else node

    def _is_formula(self, node: Value) -> bool:
        """Whether the name is a formula, which needs brackets."""
        return self.notation.name(node) != self.tape.names[node]

    def _operation(self, operation: Operation) -> list[Any]:
        """The operation as a template of its operands, with names or numbers in their places."""
        if operation.operands is None and any(map(self._is_formula, operation.node.operands)):
            return [self.notation.operation(operation.node)]
        operands = list(dict.fromkeys(operation.node.operands))
        parts = {operand: Part(f"{{{place}}}", ATOM) for place, operand in enumerate(operands)}
        template = self.notation.operation(operation.node, parts)
        pieces: list[Any] = []
        for text, field, _, _ in Formatter().parse(template):
            pieces += [text] if text else []
            if field is None:
                continue
            operand = operands[int(field)]
            if operation.operands is None:
                pieces.append(self.tape.place[operand])
                continue
            negative = {**parts, operand: parts[operand]._replace(level=UNARY)}
            needs_brackets = self.notation.operation(operation.node, negative) != template
            number = _number_of(operation.operands[operand], None)
            pieces.append([*number, 0, 1] if needs_brackets else number)
        return pieces


def _names(template: str) -> list[str]:
    """The names of the fields, each once."""
    return list(dict.fromkeys([name for _, name, _, _ in Formatter().parse(template) if name]))


def _number_of(quantity: Quantity, edge: tuple[int, int] | None) -> list[Any]:
    """Which number of the graph; without its place where that is the step's own edge, or the node that the edge starts from."""
    kind, node, slot, _ = quantity
    is_of_edge = kind not in ("data", "adjoint")
    if edge is not None and node == edge[0] and (kind == "adjoint" or (is_of_edge and slot == edge[1])):
        return [kind]
    return [kind, node, slot] if is_of_edge else [kind, node]
