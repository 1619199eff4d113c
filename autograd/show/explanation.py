"""The chain rule of one derivative, explained: the sum over the node's users, and the sum over the paths that lead to it.

    >>> a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    >>> L = (a * b + c) * f
    >>> L.label = "L"
    >>> print(explain(L, a))
    ∂L/∂a = 6, where L = (a * b + c) * f
    with v1 = a * b, v2 = v1 + c
    <BLANKLINE>
    a is used by 1 node:
      v1 = a * b   ∂L/∂v1 · ∂v1/∂a = -2 · b = -2 · -3 = 6   mul swaps: each operand gets the adjoint times the other
    sum over the users: 6, which is ∂L/∂a
    <BLANKLINE>
    1 path leads from L to a:
      L → v2 → v1 → a   ∂L/∂v2 · ∂v2/∂v1 · ∂v1/∂a = f · 1 · b = -2 · 1 · -3 = 6   mul swaps, add distributes, mul swaps
    sum over the paths: 6, the same

Both sums are held against the gradient, which a sweep of its own finds; no `grad` is looked at or changed. The paths are counted
without being followed, and the largest found without trying the others (`_largest`): a graph of 61 nodes may have 2⁶⁰ of them.
Through a closed gate leads no path, but it is counted as closed.

Start reading at `explain`; what is said stands in `Explanation`.
"""

from __future__ import annotations

import collections
import functools
import itertools
import math
import operator
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, final

from autograd.errors import OperandError, whole
from autograd.graph import is_larger
from autograd.show.notation import Notation
from autograd.show.tape import Tape, record
from autograd.special import exact_sum
from autograd.text.formula import to_latex, to_text
from autograd.text.language import TEXT, Language
from autograd.text.latex import LATEX
from autograd.text.names import named
from autograd.text.numbers import short
from autograd.text.rules import factor, partial_of, rule, slope
from autograd.text.tables import aligned, columns
from autograd.value import Value, toposort

__all__ = ["Explanation", "explain"]

TOP = 5  # paths that are listed
FEW = 10  # users, and nodes on the way, that are listed
LONGEST = 7  # factors of a product that is written in full
WIDE = 120  # columns of a terminal; what is wider is written below one another
CLEAR, SHORT = 12, 96  # nodes of a graph whose formula is shown, and its characters

T = TypeVar("T")


class Term(NamedTuple):
    """What one user adds: the adjoint of the user times the local derivative, along one edge."""

    user: Value
    slot: int  # which of the user's operands the node is
    upstream: float  # ∂root/∂user
    partial: float  # ∂user/∂node
    contribution: float  # their product; 0.0 where nothing flows
    rule: str  # in words
    is_open: bool  # whether the gate lets anything through
    is_reached: bool  # whether anything flowed to the user

    @property
    def flows(self) -> bool:
        return self.is_open and self.is_reached


class Path(NamedTuple):
    """One way from the root to the node, along edges that are open."""

    nodes: tuple[Value, ...]  # the root first
    slots: tuple[int, ...]  # nodes[i].operands[slots[i]] is nodes[i + 1]
    product: float  # of the local derivatives on the way


def explain(root: Value, wrt: Value, *, names: Mapping[str, Any] | None = None, top: int = TOP) -> Explanation:
    """Why ∂root/∂wrt is what it is: the sum over the users of wrt, and over the paths from root to wrt, of which `top` are listed.

    Printed it is for a terminal; `.to_markdown()` and `.to_latex()` are for notebooks and papers. `names` has names for nodes
    without a label, as `names=locals()`. A graph whose leaves were set to other data since is refused with a StaleGraphError.

    >>> x = Value(1.0, "x")
    >>> y = x
    >>> for _ in range(60):
    ...     y = y + y
    >>> explanation = explain(y, x)
    >>> explanation.number_of_paths == 2**60, explanation.gradient == 2.0**60, len(explanation.paths)
    (True, True, 5)
    """
    for node in (root, wrt):
        if type(node) is not Value:
            raise OperandError(f"explain takes two nodes, the result and what it is differentiated by, not {node!r:.60}")
    top = min(whole("top", top, 0), sys.maxsize)
    tape = record(root, names=names)
    if wrt not in tape.place and root in set(toposort(wrt)):
        raise OperandError(
            f"explain({root!r:.40}, {wrt!r:.40}): the second is computed from the first; "
            "give the result first, then what it is differentiated by"
        )
    return Explanation(tape, wrt, names, top)


# --------------------------------------------------------------------------------------------------------------------- finding


def _between(order: Sequence[Value], wrt: Value) -> set[Value]:
    """The nodes that depend on wrt, itself included."""
    found = {wrt}
    for node in order:
        if not found.isdisjoint(node.operands):
            found.add(node)
    return found


class _Ways(NamedTuple):
    """The open paths of one graph to one node: how many, how many others, their sum, and the sum of their sizes."""

    number: int
    closed: int
    total: float
    size: float
    edges: int  # the open ones among them all


def _ways(order: Sequence[Value], wrt: Value, between: set[Value]) -> _Ways:
    """Counted and added up from wrt towards the root: the other way round from the sweep."""
    ways = {wrt: (1, 1, 1.0, 1.0)}  # open, open and closed, sum of products, sum of sizes
    uses = dict.fromkeys(between, 0)
    for node in order:
        for operand in node.operands if node in between else ():
            if operand in between:
                uses[operand] += 1
    edges = 0
    for node in order:
        if node not in between or node is wrt:
            continue
        count, every, total, size = 0, 0, 0.0, 0.0
        for operand, partial, _, is_open in node.edges:
            if operand not in between:
                continue
            below = ways[operand]
            every += below[1]
            if is_open and below[0]:
                count, total, size = count + below[0], total + partial * below[2], size + abs(partial) * below[3]
                edges += 1
            uses[operand] -= 1
            if not uses[operand] and operand is not wrt:
                del ways[operand]  # numbers of paths grow long
        ways[node] = (count, every, total, size)
    count, every, total, size = ways[order[-1]]
    return _Ways(count, every - count, total, size, edges)


class _Reached(NamedTuple):
    """A path from the root as far as a node: its product m · 2ᵉ, which neither over- nor underflows, and the edge it came by."""

    mantissa: float
    exponent: int
    node: Value
    slot: int
    before: _Reached | None

    @property
    def kind(self) -> int:
        """0 for a product that is 0, 1 for most, 2 for an infinite one, 3 for NaN."""
        x = self.mantissa
        return 3 if x != x else 2 if math.isinf(x) else 1 if x else 0

    @property
    def size(self) -> tuple[int, int, float]:
        kind = self.kind
        return (kind, self.exponent, abs(self.mantissa)) if kind == 1 else (kind, 0, 0.0)

    def along(self, node: Value, slot: int, partial: float) -> _Reached:
        """One edge further."""
        mantissa, exponent = math.frexp(partial)
        mantissa, shift = math.frexp(self.mantissa * mantissa)
        return _Reached(mantissa, self.exponent + exponent + shift, node, slot, self)


def _largest(order: Sequence[Value], wrt: Value, between: set[Value], top: int) -> list[Path]:
    """The paths whose products are the largest in size: NaN first, then infinite ones.

    A local derivative keeps the order of the products it multiplies, so the `top` best of a node are among the `top` best of its
    users, one edge further. That is so within a kind: 0 · inf is NaN, so each node keeps the best of every kind.
    """
    if top == 0:
        return []
    arrived: dict[Value, list[_Reached]] = {order[-1]: [_Reached(0.5, 1, order[-1], 0, None)]}
    for node in reversed(order):
        if node is wrt or node not in between or node not in arrived:
            continue
        best = _best_of_every_kind(arrived.pop(node), top)
        for slot, (operand, partial, _, is_open) in enumerate(node.edges):
            if is_open and operand in between:
                arrived.setdefault(operand, []).extend([path.along(node, slot, partial) for path in best])
    return [_path(last, wrt) for last in sorted(arrived.get(wrt, []), key=lambda last: last.size, reverse=True)[:top]]


def _best_of_every_kind(paths: list[_Reached], top: int) -> list[_Reached]:
    paths = sorted(paths, key=lambda path: path.size, reverse=True)
    return [path for _, same in itertools.groupby(paths, key=lambda path: path.kind) for path in itertools.islice(same, top)]


def _path(last: _Reached, wrt: Value) -> Path:
    edges: list[tuple[Value, int]] = []
    step: _Reached = last
    while step.before is not None:
        edges.append((step.node, step.slot))
        step = step.before
    edges.reverse()
    return Path((*[node for node, _ in edges], wrt), tuple([slot for _, slot in edges]), _scaled(last.mantissa, last.exponent))


def _scaled(mantissa: float, exponent: int) -> float:
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.copysign(math.inf, mantissa)


# ---------------------------------------------------------------------------------------------------------------- what is said


@final
class Explanation:
    """The chain rule of ∂root/∂wrt, as numbers and as text."""

    __slots__ = (
        "_tape", "_ways", "by_paths", "by_users", "closed_paths", "gradient", "names", "number_of_paths", "paths", "root", "users",
        "wrt",
    )  # fmt: skip

    def __init__(self, tape: Tape, wrt: Value, names: Mapping[str, Any] | None, top: int) -> None:
        self.root, self.wrt, self._tape = tape.root, wrt, tape
        self.names = tape.names if wrt in tape.place else named([*tape.nodes, wrt], names)
        between = _between(tape.nodes, wrt)
        self.gradient = tape.adjoint(wrt) if wrt in tape.place else 0.0
        self.users = list(_terms(tape, wrt))  # one for each edge, in the order of the sweep
        self._ways = _ways(tape.nodes, wrt, between) if self.root in between else _Ways(0, 0, 0.0, 0.0, 0)
        self.number_of_paths, self.closed_paths = self._ways.number, self._ways.closed
        self.paths = _largest(tape.nodes, wrt, between, top) if self.number_of_paths else []  # the largest first
        flowing = [term.contribution for term in self.users if term.flows]
        # As the sweep adds, one by one: from Python 3.12 on `sum` does better.
        self.by_users = 1.0 if wrt is self.root else functools.reduce(operator.add, flowing, 0.0)
        self.by_paths = exact_sum([path.product for path in self.paths]) if self.is_complete else self._ways.total

    @property
    def is_complete(self) -> bool:
        """Whether every open path is listed."""
        return len(self.paths) == self.number_of_paths

    @property
    def margin(self) -> float:
        """How far the two sums may lie apart for rounding: 2n · ε · Σ |products|; each of n edges has a product and a sum."""
        return 2 * self._ways.edges * sys.float_info.epsilon * self._ways.size

    def text(self) -> str:
        """For a terminal: aligned where it fits, else below one another."""
        return "\n".join(_Text(self).lines())

    def to_markdown(self) -> str:
        """Two tables, with formulas between dollar signs, as notebooks and GitHub show them."""
        return "\n".join(_Markdown(self).lines())

    def to_latex(self) -> str:
        """An `aligned` environment for LaTeX's mathematics, without dollar signs; it needs amsmath, or MathJax, or KaTeX."""
        return "\n".join(_Latex(self).lines())

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Explanation of {partial_of(self.names[self.root], self.names[self.wrt])} = {short(self.gradient)}; print it>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/markdown": self.to_markdown(), "text/plain": self.text()}


def _terms(tape: Tape, wrt: Value) -> Iterator[Term]:
    for user in reversed(tape.nodes):
        for slot, operand in enumerate(user.operands):
            if operand is wrt:
                step = tape.edge(user, slot)
                numbers = (step.upstream or 0.0, step.partial or 0.0, step.contribution or 0.0)
                yield Term(user, slot, *numbers, str(rule(user, slot)), step.is_open, step.is_reached)


class Row(NamedTuple):
    """A user or a path: what it is, what stands between the equals signs, and the rule in words."""

    what: str
    parts: list[str]
    words: str


class _Writer:
    """What the three forms share: the equations, and the sentences around them."""

    latex = True

    def __init__(self, explanation: Explanation) -> None:
        self.it = explanation
        self.hand = Notation(explanation._tape.names, explanation.root, self.latex)
        self.language: Language = LATEX if self.latex else TEXT
        self.times = r" \cdot " if self.latex else " · "
        self.root, self.wrt = explanation.names[explanation.root], explanation.names[explanation.wrt]
        self.derivative = partial_of(self.root, self.wrt, self.language)
        ranked = sorted(explanation.users, key=lambda term: _rank(term.contribution), reverse=True)
        chosen = {(term.user, term.slot) for term in ranked[:FEW]}
        self.shown = [term for term in explanation.users if (term.user, term.slot) in chosen]
        self.brief = functools.cache(_brief)  # long paths share most of their edges
        self.left_out = [term for term in explanation.users if (term.user, term.slot) not in chosen]

    # ------------------------------------------------------------------------------------------------------------ parts

    def name(self, name: str) -> str:
        """As it stands in a sentence."""
        return self.math(self.language.name(name).text)

    def math(self, text: str) -> str:
        """A formula in a sentence."""
        return f"${text}$" if self.latex else text

    def number(self, x: float) -> str:
        return str(self.language.digits(short(x), x).text)

    def factor(self, x: float) -> str:
        """Behind a sign of multiplication, where LaTeX writes no minus."""
        part = self.language.digits(short(x), x)
        return str(self.language.bracketed(part.text) if self.language.is_odd(part) else part.text)

    def between(self, user: Value, slot: int) -> str:
        names = self.it.names
        return partial_of(names[user], names[user.operands[slot]], self.language)

    def definition(self, node: Value) -> str:
        return f"{self.hand.name(node)} = {self.hand.operation(node)}"

    def user(self, term: Term) -> str:
        """The user, and which of its edges this is, if it has several."""
        places = self.it._tape.sweep.view.slots(term.user, self.it.wrt)
        count, place = len(places), places.index(term.slot) + 1
        return self.math(self.definition(term.user)) + (f", edge {place} of {count}" if count > 1 else "")

    def contribution(self, term: Term) -> list[str]:
        """∂L/∂u · ∂u/∂x, then the second factor in symbols, then both in numbers, then the product."""
        names = self.it.names
        symbols = f"{self.hand.adjoint(term.user)}{self.times}{self.between(term.user, term.slot)}"
        if not term.flows:
            return [symbols, self.number(0.0)]
        upstream = self.number(term.upstream)
        second = factor(term.user, term.slot, names, latex=self.latex)
        return _without_repeats(
            symbols,
            f"{upstream}{self.times}{second}",
            f"{upstream}{self.times}{self.factor(term.partial)}",
            self.number(term.contribution),
        )

    def why(self, term: Term) -> str:
        return term.rule if term.is_reached else f"nothing flowed to {self.name(self.it.names[term.user])}"

    def way(self, path: Path) -> str:
        return (r" \to " if self.latex else " → ").join(self.shortened(path.nodes, self.hand.name, "nodes"))

    def product(self, path: Path) -> list[str]:
        names, edges = self.it.names, list(zip(path.nodes, path.slots, strict=False))
        columns = [
            self.shortened(edges, lambda edge: self.between(*edge), "factors"),
            self.shortened(edges, lambda edge: (factor if len(edges) > 1 else slope)(*edge, names, latex=self.latex), "factors"),
            self.shortened(edges, lambda edge: (self.number if edge is edges[0] else self.factor)(_partial(*edge)), "factors"),
        ]
        return _without_repeats(*[self.times.join(column) for column in columns], self.number(path.product))

    def rules(self, path: Path) -> str:
        verbs = [self.brief(node, slot) for node, slot in zip(path.nodes, path.slots, strict=False)]
        groups = [(verb, len(list(same))) for verb, same in itertools.groupby(verbs)]
        return ", ".join(self.shortened(groups, lambda group: f"{group[0]} {group[1]} times" if group[1] > 1 else group[0]))

    def shortened(self, parts: Sequence[T], write: Callable[[T], str], what: str = "") -> list[str]:
        """At most LONGEST of them, written: the middle is left out, and said to be."""
        if len(parts) <= LONGEST:
            return list(map(write, parts))
        gap = f"{len(parts) - LONGEST + 1} {what or 'rules'}"
        dots = rf"\cdots \text{{ {gap} }} \cdots" if self.latex and what else f"… {gap} …"
        first = LONGEST // 2
        return [*map(write, parts[:first]), dots, *map(write, parts[first + 1 - LONGEST :])]

    # -------------------------------------------------------------------------------------------------------- sentences

    def heading(self) -> str:
        """The derivative, its value, and the formula it is the derivative of, if that is short."""
        root, formula = self.it.root, ""
        if root.op is not None and not is_larger(root, CLEAR):
            names = {name: node for node, name in self.it.names.items()}
            if len(to_text(root, names)) <= SHORT:
                formula = f"{self.hand.name(root)} = {(to_latex if self.latex else to_text)(root, names)}"
        where = f", where {self.math(formula)}" if formula else ""
        return self.math(f"{self.derivative} = {self.number(self.it.gradient)}") + where

    def definitions(self) -> list[str]:
        """What the inner nodes are, of all the graph if they are few, else of those between root and wrt, if they are."""
        nodes = [node for node in self.it._tape.nodes[:-1] if node.op is not None]
        if len(nodes) > FEW:
            between = _between(self.it._tape.nodes, self.it.wrt)
            nodes = [node for node in nodes if node in between]
        return [self.definition(node) for node in nodes] if len(nodes) <= FEW else []

    def trivial(self) -> str:
        """All there is to say where no chain rule is needed."""
        root, wrt, derivative = self.name(self.root), self.name(self.wrt), self.math(self.derivative)
        if self.it.wrt is self.it.root:
            return f"{wrt} is the root itself, so {derivative} is 1, and no chain rule is needed."
        if not self.it.users:
            return f"{root} does not depend on {wrt}: no path leads from one to the other, so {derivative} is 0."
        return ""

    def of_users(self) -> str:
        nodes, edges = len({term.user for term in self.it.users}), len(self.it.users)
        along = f", along {edges} edges" if edges > nodes else ""
        largest = f"; the {len(self.shown)} largest" if self.left_out else ""
        return f"{self.name(self.wrt)} is used by {_count(nodes, 'node')}{along}{largest}:"

    def rest_of_users(self) -> str:
        rest = exact_sum([term.contribution for term in self.left_out if term.flows])
        return f"… and {len(self.left_out)} more, together {self.math(self.number(rest))}"

    def end_of_users(self) -> tuple[str, str, str]:
        """What the sum is over, the sum, and how it compares with the gradient."""
        it = self.it
        if not any(term.flows for term in it.users):
            verdict = f"since nothing flows to {self.name(self.wrt)}"
        else:
            verdict = f"which is {self.math(self.derivative)}" if _same(it.by_users, it.gradient) else self.difference()
        return "sum over the users", self.number(it.by_users), verdict

    def of_paths(self) -> str:
        it, ends = self.it, f"from {self.name(self.root)} to {self.name(self.wrt)}"
        if not it.number_of_paths:
            return f"no open path leads {ends}; {_count(it.closed_paths, 'path')} {'is' if it.closed_paths == 1 else 'are'} closed"
        closed = f", and {_count(it.closed_paths, 'closed one')}" if it.closed_paths else ""
        largest = f"; the {len(it.paths)} largest" if it.paths and not it.is_complete else ""
        verb = "leads" if it.number_of_paths == 1 else "lead"
        return f"{_count(it.number_of_paths, 'path')} {verb} {ends}{closed}{largest}{':' if it.paths else ''}"

    def end_of_paths(self) -> tuple[str, str, str]:
        it = self.it
        apart = abs(it.by_paths - it.gradient)
        if _same(it.by_paths, it.gradient):
            verdict = "the same"
        elif apart <= it.margin:
            verdict = f"the same but for rounding, {self.math(self.number(apart))} apart"
        else:
            verdict = self.difference()
        return f"sum over {'the' if it.is_complete else 'all'} paths", self.number(it.by_paths), verdict

    def end(self, what: str, number: str, verdict: str) -> str:
        return f"{what}: {self.math(number)}, {verdict}"

    def difference(self) -> str:
        return f"but the sweep found {self.math(self.number(self.it.gradient))}"

    def rows_of_users(self) -> list[Row]:
        return [Row(self.user(term), self.contribution(term), self.why(term)) for term in self.shown]

    def rows_of_paths(self) -> list[Row]:
        """Paths that differ in nothing but their edges, as those of x + x, are one row."""
        rows = [Row(self.math(self.way(path)), self.product(path), self.rules(path)) for path in self.it.paths]
        times = collections.Counter([(row.what, *row.parts) for row in rows])
        distinct = {(row.what, *row.parts): row for row in rows}
        return [row._replace(what=f"{row.what}, {times[key]} times") if times[key] > 1 else row for key, row in distinct.items()]


class _Text(_Writer):
    latex = False

    def lines(self) -> Iterator[str]:
        yield self.heading()
        trivial = self.trivial()
        if trivial:
            yield trivial
            return
        if definitions := self.definitions():
            yield from _wrapped("with ", definitions, ", ")
        yield from ("", self.of_users())
        yield from _aligned(self.rows_of_users())
        if self.left_out:
            yield f"  {self.rest_of_users()}"
        yield self.end(*self.end_of_users())
        yield from ("", self.of_paths())
        yield from _aligned(self.rows_of_paths())
        if self.it.number_of_paths:
            yield self.end(*self.end_of_paths())


class _Markdown(_Writer):
    def lines(self) -> Iterator[str]:
        yield self.heading()
        trivial = self.trivial()
        if trivial:
            yield from ("", trivial)
            return
        if definitions := self.definitions():
            yield f"with {', '.join(map(self.math, definitions))}"
        yield from ("", self.of_users(), "", "| user | adjoint · local derivative | rule |", "|---|---|---|")
        yield from map(self.row, self.rows_of_users())
        yield from ("", *([self.rest_of_users(), ""] if self.left_out else []), self.end(*self.end_of_users()), "", self.of_paths())
        if self.it.paths:
            yield from ("", "| path | product of the local derivatives | rules |", "|---|---|---|")
            yield from map(self.row, self.rows_of_paths())
        if self.it.number_of_paths:
            yield from ("", self.end(*self.end_of_paths()))

    def row(self, row: Row) -> str:
        equation = self.math(rf"\displaystyle {' = '.join(row.parts)}")  # fractions in a table are small otherwise
        return "| " + " | ".join([cell.replace("|", r"\vert ") for cell in (row.what, equation, row.words)]) + " |"


class _Latex(_Writer):
    def lines(self) -> Iterator[str]:
        yield r"\begin{aligned}"
        yield " \\\\\n".join(self.rows())
        yield r"\end{aligned}"

    def rows(self) -> Iterator[str]:
        it = self.it
        if self.trivial():
            yield f"{self.derivative} &= {self.number(it.gradient)} && {_in_text(self.trivial())}"
            return
        root, wrt = self.hand.name(it.root), self.hand.name(it.wrt)
        symbols = rf"\sum_u \frac{{\partial {root}}}{{\partial u}} \cdot \frac{{\partial u}}{{\partial {wrt}}}"
        yield f"{self.derivative} &= {symbols} && {_in_text(self.of_users().rstrip(':'))}"
        yield from map(self.row, self.rows_of_users())
        yield from [f"& && {_in_text(self.rest_of_users())}"] if self.left_out else []
        yield self.end(*self.end_of_users())
        symbols = r"\sum_{\text{paths}} \prod_{u \to v} \frac{\partial u}{\partial v}"
        yield f"{self.derivative} &= {symbols} && {_in_text(self.of_paths().rstrip(':'))}"
        yield from map(self.row, self.rows_of_paths())
        if it.number_of_paths:
            yield self.end(*self.end_of_paths())

    def end(self, what: str, number: str, verdict: str) -> str:
        return f"&= {number} && {_in_text(f'{what}, {verdict}')}"

    def row(self, row: Row) -> str:
        return rf"{_in_text(row.what + ':')}\quad & {' = '.join(row.parts)} && {_in_text(row.words)}"


def _in_text(words: str) -> str:
    """Words inside of a formula; an underscore that is not in a formula of theirs is one."""
    parts = words.replace("…", r"\ldots").split("$")
    parts[::2] = [part.replace("_", r"\_") for part in parts[::2]]
    return rf"\text{{{'$'.join(parts)}}}"


# ---------------------------------------------------------------------------------------------------------------------- layout


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    """In columns; where that is too wide for a terminal, the words stand below, and what does not fit even then is wrapped."""
    pairs = [(row.what, " = ".join(row.parts)) for row in rows]
    lines, wide = aligned(pairs), aligned([(*pair, row.words) for pair, row in zip(pairs, rows, strict=True)])
    fits = max(map(columns, lines), default=0) <= WIDE - 2
    if max(map(columns, wide), default=0) <= WIDE - 2:
        yield from [f"  {line}" for line in wide]
        return
    for line, row in zip(lines, rows, strict=True):
        yield from [f"  {line}"] if fits else [f"  {row.what}", *_wrapped("    ", row.parts, " = ")]
        yield f"    {row.words}"


def _wrapped(opening: str, parts: Sequence[str], sign: str) -> Iterator[str]:
    """The parts with signs between them, on as many lines as they need."""
    line = opening
    for i, part in enumerate(parts):
        if i and columns(line) + len(sign) + columns(part) > WIDE:
            yield line + sign.rstrip() if sign == ", " else line
            line = " " * len(opening) + (part if sign == ", " else sign.lstrip() + part)
        else:
            line += sign * (i > 0) + part
    yield line


def _brief(node: Value, slot: int) -> str:
    found = rule(node, slot)
    return found.brief.format_map(found.fields)


def _partial(node: Value, slot: int) -> float:
    partial = node.partials[slot]
    return 0.0 if partial is None else partial


def _without_repeats(*parts: str) -> list[str]:
    return [part for part, _ in itertools.groupby(parts)]


def _same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


def _rank(x: float) -> float:
    """By size, NaN above all."""
    return math.inf if x != x else abs(x)


def _count(n: int, what: str) -> str:
    """1 path, 26 paths, about 1.3e30 paths."""
    if n < 10**30:
        return f"{n:,} {what}{'' if n == 1 else 's'}"
    digits = math.log10(n)
    return f"about {10 ** (digits % 1):.1f}e{int(digits)} {what}s"
