"""What a quiz may ask about a graph: its numbers, what would give each away, what mistakes lead to, and hints."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograd.errors import OperandError
from autograd.show.answers import SHOWN
from autograd.show.notation import Adjoint, Bare, Derivative, Notation, Piece, Sentence, Side, Sign, Slope
from autograd.show.recording import recorded
from autograd.show.steps import Step, step_along, step_of
from autograd.show.view import View
from autograd.text import rules
from autograd.value import Value, toposort

__all__ = ["Hint", "Place", "Sheet"]

FEW = 4  # operands of a node, up to which an answer is compared with the other local derivatives

# Feedback on a number that a known mistake gives.
FLOW = "that is what flows along this edge, already times {adjoint}; the local derivative alone is asked for"
OTHER_EDGE = "that is {slope}, along the other edge"
WHOLE = "that is all of {adjoint}; what flows along this one edge is asked for"
LOCAL = "that is the local derivative {slope} alone; times {adjoint}, what arrives there"
UPSTREAM = "that is {adjoint} alone; times the local derivative {slope}"
ONE_OF_TWO = "that is what one edge brings; {name} is used twice, so 2 contributions are added"
ONE_OF_MANY = "that is what one edge brings; {name} is used {count} times, so {count} contributions are added"
LOCALS = "those are the local derivatives alone; each is multiplied by what arrives at its node first"
UPSTREAMS = "that is what arrives at the users alone; each is multiplied by its local derivative first"
PRODUCT_OF_TWO = "that is a product; {name} is used twice, and contributions are added"
PRODUCT_OF_MANY = "that is a product; {name} is used {count} times, and contributions are added"

# Hints, from the rule to the formula.
USED_ONCE = "{name} is used once, by {users}: its adjoint comes back along one edge"
USED_TWICE = "{name} is used twice, by {users}: what comes back along each edge is added"
USED = "{name} is used {count} times, by {users}: what comes back along each edge is added"
ALONG = "{user} → {operand}: {rule}"
UNREACHED = "{user} → {operand}: nothing has reached {user}, so nothing flows on"

# What distinguishes a local derivative from others that are written alike.
OF_OPERAND = Sentence(" (operand {index})", {})
OF_EDGE = Sentence(" (local)", {})

Place = tuple[str, int, int]  # a number of the graph: its kind, its node, and for an edge the operand's slot, else 0
Hint = Sentence | list[Side]  # a sentence, or the sides of an equation


class Sheet:
    """A copy of the graph, in which every node has its name as label, and the record of its sweep."""

    def __init__(self, root: Value, names: Mapping[str, Any] | None) -> None:
        given = View.of(root, names)
        self.given = given.nodes
        nodes = toposort(copy.deepcopy(root))
        for node, original in zip(nodes, self.given, strict=True):
            node.label = given.names[original]
        self.view = View.of(nodes[-1])
        self.nodes = self.view.nodes
        self.names = [self.view.names[node] for node in self.nodes]
        self.record = recorded(self.view)
        self.notation = Notation(self.view.names, self.nodes[-1])

    @cached_property
    def users(self) -> list[list[tuple[int, int]]]:
        """For every node the edges from its users, in the order of the reverse sweep."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.nodes]
        for edge in self.sweep():
            found[self.operand(*edge)].append(edge)
        return found

    def operand(self, node: int, slot: int) -> int:
        return self.view.place[self.nodes[node].operands[slot]]

    def sweep(self) -> list[tuple[int, int]]:
        """Every edge, as a node and a slot, in the order of the reverse sweep."""
        return [(edge.node, edge.slot) for edge in self.record.edges]

    def value(self, place: Place) -> float:
        return self.record.quantity(*place).value

    def places(self, kinds: set[str]) -> list[Place]:
        """All that can be asked for of these kinds, in the order in which the sweep finds it."""
        order: list[Place] = [("data", i, 0) for i, node in enumerate(self.nodes) if node.op is not None]
        for i in reversed(range(len(self.nodes))):
            order += [("adjoint", i, 0)] if i < len(self.nodes) - 1 else []
            for slot in range(len(self.nodes[i].operands)):
                order += [("partial", i, slot), ("contribution", i, slot)]
        return [place for place in order if place[0] in kinds]

    def about(self, places: Sequence[Place], nodes: Sequence[Value]) -> list[Place]:
        """Those of the places that are about these nodes of the given graph; an edge is about the operand it leads to."""
        wanted = set(nodes)
        if others := wanted.difference(self.given):
            raise OperandError(f"quiz: of has {others.pop()!r:.60}, which is no node of this graph; give nodes of it")
        return [place for place in places if self.given[self.subject(place)] in wanted]

    def subject(self, place: Place) -> int:
        """The node that this place is about."""
        kind, i, slot = place
        return self.operand(i, slot) if kind in ("partial", "contribution") else i

    def hidden(self, asked: Sequence[Place]) -> set[Place]:
        """The blanks, and what would give them away."""
        hidden = set(asked)
        if {kind for kind, _, _ in asked} == {"data"}:  # nothing of the sweep, which has not been yet
            hidden.update(("adjoint", i, 0) for i in range(len(self.nodes)))
            hidden.update((kind, *edge) for edge in self.sweep() for kind in ("partial", "contribution"))
        for kind, i, slot in asked:
            edges = [(i, other) for other in range(len(self.nodes[i].operands))]
            if kind == "data":  # a product's local derivatives are its operands
                around = edges + [(user, other) for user, _ in self.users[i] for other in range(len(self.nodes[user].operands))]
                hidden.update((hide, *edge) for edge in around for hide in ("partial", "contribution"))
            elif kind == "adjoint":
                hidden.update(("contribution", *edge) for edge in edges + self.users[i])
            elif kind == "partial":
                hidden.add(("contribution", i, slot))
            else:
                hidden.add(("adjoint", self.operand(i, slot), 0))
        return hidden

    # ------------------------------------------------------------------------------------------------------------- in symbols

    def made(self, place: int) -> str:
        """What made the node, on names: a * b."""
        node = self.nodes[place]
        return self.notation.operation(node) if node.op is not None else "leaf"

    def adjoint(self, place: int) -> str:
        return str(self.notation.adjoint(self.nodes[place]))

    def slope(self, node: int, slot: int) -> str:
        return str(self.notation.write(self._slope(node, slot)))

    def _slope(self, node: int, slot: int) -> list[Piece]:
        """∂user/∂operand, and which operand that is, if the user takes it more than once."""
        user, operand = self.nodes[node], self.nodes[self.operand(node, slot)]
        is_one_of_many = len(self.view.slots(user, operand)) > 1
        remark = [OF_OPERAND._replace(fields={"index": str(slot + 1)})] if is_one_of_many else []
        return [Derivative(user, operand), *remark]

    def edge(self, node: int, slot: int) -> str:
        return f"{self.names[node]} → {self.names[self.operand(node, slot)]}"

    def asked(self, place: Place) -> Side:
        kind, i, slot = place
        adjoint = Adjoint(self.nodes[i])
        if kind == "data":
            return [Bare(self.nodes[i])]
        is_result = i == len(self.nodes) - 1  # where the adjoint is written alike
        local = [] if kind == "adjoint" else [*self._slope(i, slot), *([OF_EDGE] if is_result else [])]
        if kind == "partial":
            return local
        return [adjoint] if kind == "adjoint" else [adjoint, Sign.TIMES, *local]

    # --------------------------------------------------------------------------------------------------------------- mistakes

    def mistakes(self, place: Place) -> Iterator[tuple[float, str]]:
        """Numbers that a forgotten factor or sum would give, each with its feedback."""
        kind, i, slot = place
        answer = self.value(place)
        found: Iterator[tuple[float, str]] = iter(())
        if kind == "adjoint":
            found = self._of_adjoint(i)
        elif kind == "partial":
            found = self._of_partial(i, slot)
        elif kind == "contribution":
            found = self._of_contribution(i, slot)
        seen = [answer, -answer]
        for x, words in found:
            if math.isfinite(x) and not any(math.isclose(x, other, rel_tol=2 * SHOWN) for other in seen):
                seen.append(x)
                yield x, words

    def _of_partial(self, node: int, slot: int) -> Iterator[tuple[float, str]]:
        yield self.value(("contribution", node, slot)), FLOW.format(adjoint=self.adjoint(node))
        count = len(self.nodes[node].operands)
        for other in range(count) if count <= FEW else ():
            if other != slot:
                yield self.value(("partial", node, other)), OTHER_EDGE.format(slope=self.slope(node, other))

    def _of_contribution(self, node: int, slot: int) -> Iterator[tuple[float, str]]:
        yield from self._of_factors(node, slot)
        target = self.operand(node, slot)
        yield self.value(("adjoint", target, 0)), WHOLE.format(adjoint=self.adjoint(target))

    def _of_factors(self, node: int, slot: int) -> Iterator[tuple[float, str]]:
        fields = {"slope": self.slope(node, slot), "adjoint": self.adjoint(node)}
        yield self.value(("partial", node, slot)), LOCAL.format_map(fields)
        yield self.value(("adjoint", node, 0)), UPSTREAM.format_map(fields)

    def _of_adjoint(self, place: int) -> Iterator[tuple[float, str]]:
        edges = self.users[place]
        if len(edges) == 1:
            yield from self._of_factors(*edges[0])
            return
        fields = {"name": self.names[place], "count": len(edges)}
        one, product = (ONE_OF_TWO, PRODUCT_OF_TWO) if len(edges) == 2 else (ONE_OF_MANY, PRODUCT_OF_MANY)
        flows = [self.value(("contribution", *edge)) for edge in edges]
        for flow in flows:
            yield flow, one.format_map(fields)
        yield sum([self.value(("partial", *edge)) for edge in edges]), LOCALS
        yield sum([self.value(("adjoint", node, 0)) for node, _ in edges]), UPSTREAMS
        yield math.prod(flows), product.format_map(fields)

    # ----------------------------------------------------------------------------------------------------------------- hints

    def hints(self, place: Place) -> list[Hint]:
        """What happens where this number comes to be, edge by edge: the rule, then its equation, as a step of the tape has it."""
        kind, i, slot = place
        if kind == "data":
            step = step_of(self.record, i)
            return [*step.sentences(), step.sides()]
        lines: list[Hint] = [self._use(i)] if kind == "adjoint" else []
        for edge in self.users[i] if kind == "adjoint" else [(i, slot)]:
            step = step_along(self.record, *edge)
            lines.append(self._rule(step, *edge, step.is_reached or kind == "partial"))
            if kind == "partial":
                lines.append([self.asked(place), [Slope(self.nodes[i], slot, is_factor=False)]])
            else:
                lines.append(step.sides())
        return lines

    def _use(self, place: int) -> Sentence:
        users = list(dict.fromkeys([self.nodes[node] for node, _ in self.users[place]]))
        count = len(self.users[place])
        template = USED_ONCE if count == 1 else USED_TWICE if count == 2 else USED
        return Sentence(template, {"name": self.nodes[place], "users": users, "count": str(count)})

    def _rule(self, step: Step, node: int, slot: int, is_reached: bool) -> Sentence:
        edge: dict[str, Any] = {"user": self.nodes[node], "operand": self.nodes[self.operand(node, slot)]}
        if not is_reached:
            return Sentence(UNREACHED, edge)
        rule = rules.rule(step.node, slot)
        return Sentence(ALONG, {**edge, "rule": Sentence(rule.whole, rule.fields)})
