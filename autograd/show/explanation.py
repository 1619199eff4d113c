"""The chain rule of one derivative, explained: the sum over the node's users, and the sum over the paths that lead to it.

    >>> a, b, c, f = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c"), Value(-2.0, "f")
    >>> L = (a * b + c) * f
    >>> L.label = "L"
    >>> print(explain(L, a))
    ∂L/∂a = 6, where L = (a·b + c)·f
    with v1 = a·b, v2 = v1 + c
    <BLANKLINE>
    a is used by 1 node:
      v1 = a·b   ∂L/∂v1 · ∂v1/∂a = −2 · b = −2 · (−3) = 6
        Multiplication swaps: each operand gets the adjoint times the other
    sum over the users: 6, which is ∂L/∂a
    <BLANKLINE>
    1 path leads from L to a:
      L → v2 → v1 → a   ∂L/∂v2 · ∂v2/∂v1 · ∂v1/∂a = f · 1 · b = −2 · 1 · (−3) = 6
        multiplication swaps, addition distributes, multiplication swaps
    sum over the paths: 6, the same

Both sums are compared with the gradient, which a separate sweep finds; no `grad` is read or changed. `autograd.show.paths` counts
the paths and finds the largest.

Start reading at `explain`; `Explanation` has the numbers, and a writer each for text, Markdown and LaTeX.
"""

from __future__ import annotations

import collections
import functools
import itertools
import math
import operator
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, final

from autograd.errors import OperandError, whole
from autograd.graph import is_larger, total_of
from autograd.show.notation import Notation, in_book
from autograd.show.paths import Path, PathSums, between_of, largest_paths, path_sums
from autograd.show.tape import Tape, record
from autograd.special import exact_sum
from autograd.text.formula import to_latex
from autograd.text.language import BOOK
from autograd.text.latex import LATEX
from autograd.text.names import named
from autograd.text.numbers import short
from autograd.text.rules import Slope, partial_of, rule, slope
from autograd.text.tables import aligned, columns
from autograd.value import Value, toposort

__all__ = ["Explanation", "explain"]

TOP = 5  # paths that are listed
FEW = 10  # users, and nodes on the way, that are listed
LONGEST = 7  # factors of a product that is written in full
WIDE = 120  # columns of a terminal; what is wider is written below one another
CLEAR, SHORT = 12, 96  # nodes of a graph whose formula is shown, and its characters

# The sentences, whole, with names, numbers and formulas as fields.
WHERE = "{equation}, where {formula}"
WITH = "with {definitions}"
IS_ROOT = "{wrt} is the root itself, so {derivative} is 1, and no chain rule is needed."
UNRELATED = "{root} does not depend on {wrt}: no path leads from one to the other, so {derivative} is 0."
USERS = {  # by whether there are several users, whether there are more edges than users, whether some are left out
    (False, False, False): "{name} is used by 1 node",
    (False, True, False): "{name} is used by 1 node, along {edges} edges",
    (False, True, True): "{name} is used by 1 node, along {edges} edges; the {shown} largest",
    (True, False, False): "{name} is used by {nodes} nodes",
    (True, False, True): "{name} is used by {nodes} nodes; the {shown} largest",
    (True, True, False): "{name} is used by {nodes} nodes, along {edges} edges",
    (True, True, True): "{name} is used by {nodes} nodes, along {edges} edges; the {shown} largest",
}
ONE_OF_EDGES = "{definition}, edge {index} of {count}"
NOT_REACHED = "nothing flowed to {user}"
REST = "… and {count} more, together {sum}"
SUM_OF_USERS = "sum over the users: {sum}, which is {derivative}"
NO_FLOW = "sum over the users: {sum}, since nothing flows to {name}"
USERS_DIFFER = "sum over the users: {sum}, but the sweep found {gradient}"
PATHS = {  # by the number of open paths (0, 1, 2: more), of closed ones, and whether some are left out
    (0, 1, False): "no open path leads from {root} to {wrt}; 1 path is closed",
    (0, 2, False): "no open path leads from {root} to {wrt}; {closed} paths are closed",
    (1, 0, False): "1 path leads from {root} to {wrt}",
    (1, 1, False): "1 path leads from {root} to {wrt}, and 1 closed one",
    (1, 2, False): "1 path leads from {root} to {wrt}, and {closed} closed ones",
    (2, 0, False): "{paths} paths lead from {root} to {wrt}",
    (2, 1, False): "{paths} paths lead from {root} to {wrt}, and 1 closed one",
    (2, 2, False): "{paths} paths lead from {root} to {wrt}, and {closed} closed ones",
    (2, 0, True): "{paths} paths lead from {root} to {wrt}; the {shown} largest",
    (2, 1, True): "{paths} paths lead from {root} to {wrt}, and 1 closed one; the {shown} largest",
    (2, 2, True): "{paths} paths lead from {root} to {wrt}, and {closed} closed ones; the {shown} largest",
}
SUM_OF_PATHS = {  # by whether all paths are listed, and how the sum compares with the gradient
    (True, "same"): "sum over the paths: {sum}, the same",
    (True, "near"): "sum over the paths: {sum}, the same but for rounding, {apart} apart",
    (True, "other"): "sum over the paths: {sum}, but the sweep found {gradient}",
    (False, "same"): "sum over all paths: {sum}, the same",
    (False, "near"): "sum over all paths: {sum}, the same but for rounding, {apart} apart",
    (False, "other"): "sum over all paths: {sum}, but the sweep found {gradient}",
}
ALIKE = "{path}, {count} times"
REPEATED = "{rule} {count} times"
NODES, FACTORS, RULES = "{count} nodes", "{count} factors", "{count} rules"  # left out in the middle of a path

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


def explain(root: Value | Sequence[Value], wrt: Value, *, names: Mapping[str, Any] | None = None, top: int = TOP) -> Explanation:
    """Why ∂root/∂wrt is what it is: the sum over the users of wrt, and over the paths from root to wrt, of which `top` are listed.

    Printed it is for a terminal; `.to_markdown()` and `.to_latex()` are for notebooks and papers. `names` has names for nodes
    without a label, as `names=locals()`. A graph whose leaves were set to other data since is refused with a StaleGraphError.
    Of several results, `explain([y, z], x)`, it is about their sum.

    >>> x = Value(1.0, "x")
    >>> y = x
    >>> for _ in range(60):
    ...     y = y + y
    >>> explanation = explain(y, x)
    >>> explanation.number_of_paths == 2**60, explanation.gradient == 2.0**60, len(explanation.paths)
    (True, True, 5)
    """
    if type(wrt) is not Value:
        raise OperandError(f"explain takes two nodes, the result and what it is differentiated by, not {wrt!r:.60}")
    root = total_of(root, "explain")
    top = min(whole("top", top, 0), sys.maxsize)
    tape = record(root, names=names)
    if wrt not in tape.place and root in set(toposort(wrt)):
        raise OperandError(
            f"explain({root!r:.40}, {wrt!r:.40}): the second is computed from the first; "
            "give the result first, then what it is differentiated by"
        )
    return Explanation(tape, wrt, names, top)


# ---------------------------------------------------------------------------------------------------------------- the numbers


@final
class Explanation:
    """The chain rule of ∂root/∂wrt, as numbers and as text."""

    __slots__ = (
        "_sums", "_tape", "by_paths", "by_users", "closed_paths", "gradient", "names", "number_of_paths", "paths", "root", "users",
        "wrt",
    )  # fmt: skip

    def __init__(self, tape: Tape, wrt: Value, names: Mapping[str, Any] | None, top: int) -> None:
        self.root, self.wrt, self._tape = tape.root, wrt, tape
        self.names = tape.names if wrt in tape.place else named([*tape.nodes, wrt], names, known=tape.sweep.view.network.names)
        between = between_of(tape.nodes, wrt)
        self.gradient = tape.adjoint(wrt) if wrt in tape.place else 0.0
        self.users = list(_terms(tape, wrt))  # one for each edge, in the order of the sweep
        self._sums = path_sums(tape.nodes, wrt, between) if self.root in between else PathSums(0, 0, 0.0, 0.0, 0)
        self.number_of_paths, self.closed_paths = self._sums.number, self._sums.closed
        self.paths = largest_paths(tape.nodes, wrt, between, top) if self.number_of_paths else []  # the largest first
        flowing = [term.contribution for term in self.users if term.flows]
        # As the sweep adds, one by one: from Python 3.12 on `sum` does better.
        self.by_users = 1.0 if wrt is self.root else functools.reduce(operator.add, flowing, 0.0)
        self.by_paths = exact_sum([path.product for path in self.paths]) if self.is_complete else self._sums.total

    @property
    def is_complete(self) -> bool:
        """Whether every open path is listed."""
        return len(self.paths) == self.number_of_paths

    @property
    def margin(self) -> float:
        """How far the two sums may lie apart for rounding: 2n · ε · Σ |products|; each of n edges has a product and a sum."""
        return 2 * self._sums.edges * sys.float_info.epsilon * self._sums.size

    def text(self) -> str:
        """For a terminal: aligned where it fits, else below one another."""
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The lines of the text, the derivative and its value first."""
        return list(_Text(self).lines())

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
    """A user or a path: what it is, the sides of its equation, and the rule in words."""

    what: str
    parts: list[str]
    words: str


class _Writer:
    """What the three forms share: the equations, and the sentences around them."""

    latex = True

    def __init__(self, explanation: Explanation) -> None:
        self.it = explanation
        self.notation = Notation(explanation.names, explanation.root, LATEX if self.latex else BOOK)
        self.derivative = self.notation.derivative(explanation.root, explanation.wrt)
        ranked = sorted(explanation.users, key=lambda term: _rank(term.contribution), reverse=True)
        chosen = {(term.user, term.slot) for term in ranked[:FEW]}
        self.shown = [term for term in explanation.users if (term.user, term.slot) in chosen]
        self.left_out = [term for term in explanation.users if (term.user, term.slot) not in chosen]
        self.brief = functools.cache(_brief)  # long paths share most of their edges

    # ------------------------------------------------------------------------------------------------------------ parts

    def name(self, node: Value) -> str:
        """A node in a sentence."""
        return self.math(str(self.notation.language.name(self.it.names[node]).text))

    def math(self, text: str) -> str:
        """A formula in a sentence."""
        return f"${text}$" if self.latex else text

    def words(self, text: str) -> str:
        """Words of a sentence, which are no formula."""
        return text

    def number(self, x: float, is_factor: bool = False) -> str:
        """After a sign of multiplication LaTeX writes no minus without brackets."""
        language = self.notation.language
        part = language.digits(short(x), x)
        return str(language.after_sign(part) if is_factor else part.text)

    def definition(self, node: Value) -> str:
        return f"{self.notation.name(node)} = {self.notation.operation(node)}"

    def user(self, term: Term) -> str:
        """The user, and which of its edges this is, if it has several."""
        slots = self.it._tape.sweep.view.slots(term.user, self.it.wrt)
        definition = self.math(self.definition(term.user))
        if len(slots) == 1:
            return definition
        return ONE_OF_EDGES.format(definition=definition, index=slots.index(term.slot) + 1, count=len(slots))

    def slope(self, node: Value, slot: int) -> Slope:
        return slope(node, slot, self.it.names, self.notation.language)

    def contribution(self, term: Term) -> list[str]:
        """∂L/∂u · ∂u/∂x, then the second factor in symbols, then both in numbers, then the product."""
        times = self.notation.language.times
        second = self.slope(term.user, term.slot).factor
        # of the root itself ∂root/∂x would be explained by ∂root/∂x
        local = second if term.user is self.it.root else self.notation.derivative(term.user, self.it.wrt)
        symbols = f"{self.notation.adjoint(term.user)}{times}{local}"
        if not term.flows:
            return [symbols, self.number(0.0)]
        upstream = self.number(term.upstream)
        return _without_repeats(
            symbols,
            f"{upstream}{times}{second}",
            f"{upstream}{times}{self.number(term.partial, True)}",
            self.number(term.contribution),
        )

    def why(self, term: Term) -> str:
        return self.words(term.rule) if term.is_reached else NOT_REACHED.format(user=self.name(term.user))

    def path(self, path: Path) -> str:
        return (r" \to " if self.latex else " → ").join(self.shortened(path.nodes, self.notation.name, NODES))

    def product(self, path: Path) -> list[str]:
        edges = list(zip(path.nodes, path.slots, strict=False))
        field = "factor" if len(edges) > 1 else "text"
        columns = [
            self.shortened(edges, lambda edge: self.notation.derivative(edge[0], edge[0].operands[edge[1]]), FACTORS),
            self.shortened(edges, lambda edge: getattr(self.slope(*edge), field), FACTORS),
            self.shortened(edges, lambda edge: self.number(_partial(*edge), edge is not edges[0]), FACTORS),
        ]
        shown = columns if len(edges) > 1 else columns[1:]  # the one factor's derivative has the name of the whole sum
        return _without_repeats(*map(self.notation.language.times.join, shown), self.number(path.product))

    def rules(self, path: Path) -> str:
        briefs = [self.words(self.brief(node, slot)) for node, slot in zip(path.nodes, path.slots, strict=False)]
        groups = [(rule, len(list(same))) for rule, same in itertools.groupby(briefs)]
        written = [REPEATED.format(rule=rule, count=count) if count > 1 else rule for rule, count in groups]
        return ", ".join(self.shortened(written, str, RULES))

    def shortened(self, parts: Sequence[T], write: Callable[[T], str], gap: str) -> list[str]:
        """At most LONGEST of them, written; in place of the middle, how many are left out."""
        if len(parts) <= LONGEST:
            return list(map(write, parts))
        text = gap.format(count=len(parts) - LONGEST + 1)
        dots = rf"\cdots \text{{ {text} }} \cdots" if self.latex and gap is not RULES else self.words(f"… {text} …")
        first = LONGEST // 2
        return [*map(write, parts[:first]), dots, *map(write, parts[first + 1 - LONGEST :])]

    # -------------------------------------------------------------------------------------------------------- sentences

    def heading(self) -> str:
        """The derivative, its value, and the formula it is the derivative of, if that is short."""
        root, equation = self.it.root, self.math(f"{self.derivative} = {self.number(self.it.gradient)}")
        names = {name: node for node, name in self.it.names.items()}
        if root.op is None or is_larger(root, CLEAR) or len(in_book(root, names)) > SHORT:
            return equation
        formula = f"{self.notation.name(root)} = {(to_latex if self.latex else in_book)(root, names)}"
        return WHERE.format(equation=equation, formula=self.math(formula))

    def definitions(self) -> list[str]:
        """What the inner nodes are, of all the graph if they are few, else of those between root and wrt, if they are."""
        nodes = [node for node in self.it._tape.nodes[:-1] if node.op is not None]
        if len(nodes) > FEW:
            between = between_of(self.it._tape.nodes, self.it.wrt)
            nodes = [node for node in nodes if node in between]
        return [self.definition(node) for node in nodes] if len(nodes) <= FEW else []

    def trivial(self) -> str:
        """The one sentence where no chain rule is needed; "" elsewhere."""
        template = IS_ROOT if self.it.wrt is self.it.root else "" if self.it.users else UNRELATED
        names = {"root": self.name(self.it.root), "wrt": self.name(self.it.wrt)}
        return template.format(derivative=self.math(self.derivative), **names)

    def of_users(self) -> str:
        nodes, edges = len({term.user for term in self.it.users}), len(self.it.users)
        template = USERS[nodes > 1, edges > nodes, bool(self.left_out)]
        return template.format(name=self.name(self.it.wrt), nodes=_written(nodes), edges=edges, shown=len(self.shown))

    def rest_of_users(self) -> str:
        rest = exact_sum([term.contribution for term in self.left_out if term.flows])
        return self.words(REST).format(count=len(self.left_out), sum=self.math(self.number(rest)))

    def end_of_users(self) -> str:
        """The sum over the users, and how it compares with the gradient."""
        it = self.it
        flows, is_same = any(term.flows for term in it.users), _same(it.by_users, it.gradient)
        return self.end(NO_FLOW if not flows else SUM_OF_USERS if is_same else USERS_DIFFER, it.by_users)

    def of_paths(self) -> str:
        it = self.it
        template = PATHS[min(it.number_of_paths, 2), min(it.closed_paths, 2), bool(it.paths) and not it.is_complete]
        numbers = {"paths": _written(it.number_of_paths), "closed": _written(it.closed_paths), "shown": len(it.paths)}
        return template.format(root=self.name(it.root), wrt=self.name(it.wrt), **numbers)

    def end_of_paths(self) -> str:
        """The sum over the paths, and how it compares with the gradient."""
        it = self.it
        is_near = abs(it.by_paths - it.gradient) <= it.margin
        found = "same" if _same(it.by_paths, it.gradient) else "near" if is_near else "other"
        return self.end(SUM_OF_PATHS[it.is_complete, found], it.by_paths)

    def end(self, template: str, total: float) -> str:
        numbers = {"sum": total, "gradient": self.it.gradient, "apart": abs(total - self.it.gradient)}
        written = {key: self.math(self.number(x)) for key, x in numbers.items()}
        return template.format(name=self.name(self.it.wrt), derivative=self.math(self.derivative), **written)

    def rows_of_users(self) -> list[Row]:
        return [Row(self.user(term), self.contribution(term), self.why(term)) for term in self.shown]

    def rows_of_paths(self) -> list[Row]:
        """Paths that differ in nothing but their edges, as those of x + x, are one row."""
        rows = [Row(self.math(self.path(path)), self.product(path), self.rules(path)) for path in self.it.paths]
        times = collections.Counter([(row.what, *row.parts) for row in rows])
        distinct = {(row.what, *row.parts): row for row in rows}
        return [
            row._replace(what=ALIKE.format(path=row.what, count=times[key])) if times[key] > 1 else row
            for key, row in distinct.items()
        ]


class _Text(_Writer):
    latex = False

    def lines(self) -> Iterator[str]:
        yield self.heading()
        if trivial := self.trivial():
            yield trivial
            return
        if definitions := self.definitions():
            yield from _wrapped(WITH.format(definitions=""), definitions, ", ")
        yield from ("", f"{self.of_users()}:", *_aligned(self.rows_of_users()))
        if self.left_out:
            yield f"  {self.rest_of_users()}"
        yield from (self.end_of_users(), "", self.of_paths() + ":" * bool(self.it.paths), *_aligned(self.rows_of_paths()))
        if self.it.number_of_paths:
            yield self.end_of_paths()


class _Markdown(_Writer):
    def lines(self) -> Iterator[str]:
        yield self.heading()
        if trivial := self.trivial():
            yield from ("", trivial)
            return
        if definitions := self.definitions():
            yield WITH.format(definitions=", ".join(map(self.math, definitions)))
        yield from ("", f"{self.of_users()}:", "", "| user | adjoint · local derivative | rule |", "|---|---|---|")
        yield from (*map(self.row, self.rows_of_users()), "")
        if self.left_out:
            yield from (self.rest_of_users(), "")
        yield from (self.end_of_users(), "", self.of_paths() + ":" * bool(self.it.paths))
        if self.it.paths:
            yield from ("", "| path | product of the local derivatives | rules |", "|---|---|---|")
            yield from map(self.row, self.rows_of_paths())
        if self.it.number_of_paths:
            yield from ("", self.end_of_paths())

    def row(self, row: Row) -> str:
        equation = self.math(rf"\displaystyle {' = '.join(row.parts)}")  # fractions in a table are small otherwise
        return "| " + " | ".join([cell.replace("|", r"\vert ") for cell in (row.what, equation, row.words)]) + " |"


class _Latex(_Writer):
    def words(self, text: str) -> str:
        return text.replace("_", r"\_").replace("…", r"\ldots")

    def lines(self) -> Iterator[str]:
        yield r"\begin{aligned}"
        yield " \\\\\n".join(self.rows())
        yield r"\end{aligned}"

    def rows(self) -> Iterator[str]:
        it = self.it
        if trivial := self.trivial():
            yield f"{self.derivative} &= {self.number(it.gradient)} && {_in_text(trivial)}"
            return
        root, wrt = self.notation.name(it.root), self.notation.name(it.wrt)
        symbols = rf"\sum_u \frac{{\partial {root}}}{{\partial u}} \cdot \frac{{\partial u}}{{\partial {wrt}}}"
        yield f"{self.derivative} &= {symbols} && {_in_text(self.of_users())}"
        yield from map(self.row, self.rows_of_users())
        if self.left_out:
            yield f"& && {_in_text(self.rest_of_users())}"
        yield f"&= {self.number(it.by_users)} && {_in_text(self.end_of_users())}"
        symbols = r"\sum_{\text{paths}} \prod_{u \to v} \frac{\partial u}{\partial v}"
        yield f"{self.derivative} &= {symbols} && {_in_text(self.of_paths())}"
        yield from map(self.row, self.rows_of_paths())
        if it.number_of_paths:
            yield f"&= {self.number(it.by_paths)} && {_in_text(self.end_of_paths())}"

    def row(self, row: Row) -> str:
        return rf"{_in_text(row.what + ':')}\quad & {' = '.join(row.parts)} && {_in_text(row.words)}"


def _in_text(words: str) -> str:
    """Words inside of a formula, with formulas of theirs between dollar signs."""
    return rf"\text{{{words}}}"


# ---------------------------------------------------------------------------------------------------------------------- layout


def _aligned(rows: Sequence[Row]) -> Iterator[str]:
    """In columns; too wide for a terminal, with the words below the equation; still too wide, with the equation wrapped."""
    pairs = [(row.what, " = ".join(row.parts)) for row in rows]
    lines, wide = aligned(pairs), aligned([(*pair, row.words) for pair, row in zip(pairs, rows, strict=True)])
    fits = max(map(columns, lines), default=0) <= WIDE - 2
    if max(map(columns, wide), default=0) <= WIDE - 2:
        yield from [f"  {line}" for line in wide]
        return
    for line, row in zip(lines, rows, strict=True):
        yield from [f"  {line}"] if fits else [f"  {row.what}", *_wrapped("    ", row.parts, " = ")]
        yield from textwrap.wrap(row.words, WIDE, initial_indent=" " * 4, subsequent_indent=" " * 4)


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


def _written(n: int) -> str:
    """26, 1,152,921, about 1.3e30."""
    if n < 10**30:
        return f"{n:,}"
    digits = math.log10(n)
    return f"about {10 ** (digits % 1):.1f}e{int(digits)}"
