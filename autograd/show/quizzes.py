"""The quiz: a graph with blanks where some of its numbers were, questions for each blank, and answers that are checked.

    >>> from autograd.value import Value
    >>> a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    >>> d = a * b + c
    >>> d.label = "d"
    >>> q = quiz(d, seed=3, count=2)
    >>> for question in q.questions:
    ...     print(question)
    [1] ∂d/∂v1 = ?
    [2] ∂d/∂b = ?
    >>> print(q.check(2, "-2"))
    [2] -2: the sign is wrong
    >>> print(q.hint(2), q.hint(2, 2), sep="\\n")
    b is used once, by v1: its adjoint comes back along one edge
    v1 → b: mul swaps: each operand gets the adjoint times the other

`print(q)` is a worksheet, `q.drawing()` the picture with blanks, `q.key()` the answers. The questions stand in the order of the
sweep, so that each can be answered from what is shown and the answers before it. What would give an answer away is hidden too,
as a question mark without a number: a contribution beside an adjoint that is asked for.

The numbers are those the graph had when the quiz was made; the graph itself is left alone.
"""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, final, overload

from autograd.errors import GraphSizeError, OperandError, OptionError, whole
from autograd.graph import is_larger, refuse_if_no_node, slots
from autograd.ops import number
from autograd.show import drawing
from autograd.show.drawing import Arrow, Cell, Drawing
from autograd.show.tape import Hand, Quantity, Step, code, fence, record
from autograd.text import rules
from autograd.text.formula import named
from autograd.text.numbers import short
from autograd.text.tables import aligned
from autograd.value import Value, toposort, zero_grad

__all__ = ["Feedback", "Question", "Quiz", "quiz"]

KINDS = {"data": "data", "grads": "adjoint", "partials": "partial", "contributions": "contribution"}
SHOWN = 5e-4  # relative: the numbers that answers are computed from are shown in four digits
ENOUGH = 2  # significant digits of an answer
FEW = 4  # operands of a node whose local derivatives are told from each other
ROUGH = "right as far as it goes; give two significant digits or more"
SIGN = "the sign is wrong"
WRONG = "not yet"
UNREADABLE = "write a number, such as 3, -0.5, 1/3 or 2e-3"
RIGHT = "right"

Place = tuple[str, int, int]  # a number of the graph: its kind, its node, and for an edge the operand's slot, else 0


class Question(NamedTuple):
    """One blank: the number that stands in it in the picture, what it is, and the answer."""

    number: int
    kind: str  # "data", "adjoint", "partial" or "contribution"
    node: Value  # of the graph as it was given; for an edge, the node that uses `operand`
    operand: Value | None
    slot: int | None
    asked: str  # in symbols, "∂L/∂d"
    answer: float
    mistakes: tuple[tuple[float, str], ...]  # what a known mistake gives, and what to say to it

    def __str__(self) -> str:
        return f"[{self.number}] {self.asked} = ?"


class Feedback(NamedTuple):
    """What is said to one answer."""

    number: int
    given: str
    is_right: bool
    words: str

    def __str__(self) -> str:
        return f"[{self.number}] {self.given}: {self.words}"


def quiz(
    root: Value,
    hide: str | Collection[str] = "grads",
    *,
    seed: int | str | None = None,
    names: Mapping[str, Any] | None = None,
    count: int | None = None,
) -> Quiz:
    """Questions about the graph of `root`; one whose leaves were set to other data since is refused with a StaleGraphError.

    hide    "grads", "data", "partials" or "contributions", or several of them in a list
    seed    which of them become blanks, half of all; the same seed, the same quiz. Without one, all of them
    names   names for nodes without a label: `names=locals()`
    count   the number of blanks
    """
    refuse_if_no_node(root, "quiz")
    kinds = [hide] if isinstance(hide, str) else hide
    if not isinstance(kinds, Collection) or not kinds or not all(kind in tuple(KINDS) for kind in kinds):
        raise OptionError(f"hide={hide!r}: give one or more of {', '.join(map(repr, KINDS))}")
    if not isinstance(seed, int | str | None):
        raise OptionError(f"seed={seed!r:.60}: give a whole number or a text; without one, everything is asked for")
    if count is not None:
        count = whole("count", count, 1)
    if is_larger(root, drawing.MAX_NODES):
        raise GraphSizeError(
            f"quiz: the graph has more than {drawing.MAX_NODES} nodes; quiz(node) asks about what is below that node"
        )
    sheet = _Sheet(root, names)
    places = sheet.places({KINDS[kind] for kind in kinds})
    if not places:
        raise OperandError(f"quiz: this graph has none of {', '.join(sorted(kinds))} to ask for; give the result of an operation")
    if seed is not None or count is not None:
        wanted = min(count or math.ceil(len(places) / 2), len(places))
        chosen = set(random.Random(seed or 0).sample(places, wanted))
        places = [place for place in places if place in chosen]
    return Quiz(sheet, places)


@final
class Quiz:
    """A graph with blanks; `quiz` makes one. Questions are counted from 1, as in the picture."""

    def __init__(self, sheet: _Sheet, places: Sequence[Place]) -> None:
        self._sheet = sheet
        self.places = tuple(places)
        self.hidden = sheet.hidden(places)  # the blanks, and what would give them away
        self.questions = tuple([sheet.question(number, place) for number, place in enumerate(places, 1)])
        self._number = {place: number for number, place in enumerate(places, 1)}

    @property
    def nodes(self) -> list[Value]:
        """The quiz's own copy of the graph, in topological order; every node has its name as label."""
        return self._sheet.nodes

    # ------------------------------------------------------------------------------------------------------------- answers

    @overload
    def check(self, answers: int, answer: Any) -> Feedback: ...
    @overload
    def check(self, answers: Sequence[Any] | Mapping[int, Any]) -> list[Feedback]: ...
    def check(self, answers: Any, answer: Any = None) -> Feedback | list[Feedback]:
        """`check(2, "1/3")` says what is to be said to one answer; `check([...])` or `check({2: "1/3"})`, to many, in a list.

        An answer is a number, or text: "3", "-0.5", "1/3", "2e-3". It is right if it is right to the digits given, and these
        are at least two, or all there are.
        """
        if isinstance(answers, Mapping):
            return [self._feedback(number, given) for number, given in answers.items()]
        if answer is None:
            if isinstance(answers, str) or not isinstance(answers, Sequence):
                raise OperandError(f"check({answers!r}): give a question's number and its answer, or a list of all answers")
            if len(answers) != len(self.questions):
                raise OperandError(f"{len(answers)} answers to {len(self.questions)} questions; give check(i, answer) for one")
            return [self._feedback(number, given) for number, given in enumerate(answers, 1)]
        return self._feedback(answers, answer)

    def _feedback(self, number: int, given: Any) -> Feedback:
        question = self._question(number)
        words = judged(given, question.answer, question.mistakes)
        return Feedback(number, str(given).strip(), words == RIGHT, words)

    def _question(self, number: int) -> Question:
        if type(number) is not int or not 1 <= number <= len(self.questions):
            raise OperandError(f"there is no question {number!r}; they are counted from 1 to {len(self.questions)}")
        return self.questions[number - 1]

    def hints(self, i: int) -> tuple[str, ...]:
        """All hints for question i, from the rule to the answer."""
        self._question(i)
        return self._sheet.hints(self.places[i - 1], self._say)

    def hint(self, i: int, n: int = 1) -> str:
        """The n-th hint for question i: a line of the explanation each; the last one has the answer."""
        lines = self.hints(i)
        if type(n) is not int or n < 1:
            raise OperandError(f"hint({i}, {n!r}): hints are counted from 1")
        return lines[min(n, len(lines)) - 1]

    def key(self) -> str:
        """The answer key."""
        return "\n".join(f"[{q.number}] {q.asked} = {short(q.answer)}" for q in self.questions)

    # ---------------------------------------------------------------------------------------------------------------- shown

    def _blank(self, place: Place) -> str | None:
        """What stands where a number is not to be seen."""
        if place in self._number:
            return f"[{self._number[place]}]"
        return "?" if place in self.hidden else None

    def _shown(self, place: Place) -> str:
        return self._blank(place) or short(self._sheet.value(place))

    def _say(self, quantity: Quantity) -> str:
        """In a hint: the answers of other questions stay out of it."""
        return self._blank((quantity.kind, quantity.node, quantity.slot)) or short(quantity.value)

    def drawing(self, *, rankdir: str = "LR", legend: bool = True, engine: str | None = None) -> Drawing:
        """The picture with blanks; options as for `draw`."""
        scene = drawing.scene_of(drawing.prepared(self._sheet.nodes[-1], drawing.MAX_NODES, None, False, None))
        cards = [card._replace(**self._card(place)) for place, card in enumerate(scene.cards)]
        arrows = [arrow._replace(**self._arrow(arrow)) for arrow in scene.arrows]
        blank = scene._replace(cards=cards, arrows=arrows)
        return Drawing(drawing.dot_of(blank, rankdir, legend), text=self.text(), engine=engine)

    def _card(self, node: int) -> dict[str, Any]:
        rows, hints = [], []
        for key, kind in (("data", "data"), ("grad", "adjoint")):
            text, blank = self._shown((kind, node, 0)), self._blank((kind, node, 0))
            colour = drawing.colour_of(self._sheet.value((kind, node, 0))) if kind == "adjoint" and blank is None else drawing.INK
            rows.append([Cell(key, drawing.FAINT, "LEFT"), Cell(text, colour)])
            hints.append(f"{key} = {text if blank else repr(self._sheet.value((kind, node, 0)))}")
        return {"rows": rows, "hint": f"{self._sheet.names[node]}: {', '.join(hints)}"}

    def _arrow(self, arrow: Arrow) -> dict[str, Any]:
        node, slot = map(int, arrow.id[1:].split("_"))
        partial, contribution = ("partial", node, slot), ("contribution", node, slot)
        flow = self._blank(contribution)
        return {
            "above": f"× {self._shown(partial)}",
            "below": f"= {flow}" if flow else arrow.below,
            "flow": None if flow else arrow.flow,  # its colour and width would say what the blank hides
            "is_open": arrow.is_open or self._blank(partial) is not None,
        }

    def text(self) -> str:
        """The worksheet: nodes and edges with their blanks, then the questions."""
        return "\n".join([*self._tables(), "", *map(str, self.questions)])

    def _tables(self) -> Iterator[str]:
        """The nodes, then the edges in the order of the reverse sweep; a column of question marks alone is left out."""
        sheet = self._sheet
        nodes = [
            (name, sheet.made(i), self._shown(("data", i, 0)), self._shown(("adjoint", i, 0))) for i, name in enumerate(sheet.names)
        ]
        edges = [
            (sheet.edge(*edge), self._shown(("partial", *edge)), self._shown(("contribution", *edge))) for edge in sheet.sweep()
        ]
        yield from _columns([("node", "made by", "data", rules.partial_of(sheet.names[-1], "node")), *nodes])
        if any(text != "?" for _, *texts in edges for text in texts):
            yield ""
            yield from _columns([("edge, backward", "local derivative", "contribution"), *edges])

    def to_markdown(self) -> str:
        """The worksheet with room for the answers; the key is `key()`."""
        tables = "\n".join(self._tables())
        questions = "\n".join(f"{q.number}. {code(q.asked)} = ________" for q in self.questions)
        mark = fence(tables, 3)
        return f"# Quiz: {self._sheet.names[-1]}\n\n{mark}text\n{tables}\n{mark}\n\n{questions}\n"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.drawing()._repr_mimebundle_()

    def __len__(self) -> int:
        return len(self.questions)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<Quiz on {self._sheet.names[-1]}, {len(self)} question{'s' * (len(self) > 1)}; print it, or .drawing()>"


# ----------------------------------------------------------------------------------------------------------- the graph's numbers


class _Sheet:
    """A copy of the graph, in which every node has its name as label, and its tape."""

    def __init__(self, root: Value, names: Mapping[str, Any] | None) -> None:
        self.given = toposort(root)
        self.nodes = toposort(copy.deepcopy(root))
        self.names = list(named(self.given, names).values())
        for node, name in zip(self.nodes, self.names, strict=True):
            node.label = name
        self.tape = record(self.nodes[-1])
        zero_grad(self.nodes)
        self.nodes[-1].backward()  # for the picture
        self.index = {node: place for place, node in enumerate(self.nodes)}
        self.users: dict[int, list[tuple[int, int]]] = {place: [] for place in self.index.values()}
        for edge in self.sweep():
            self.users[self.operand(*edge)].append(edge)

    def operand(self, node: int, slot: int) -> int:
        return self.index[self.nodes[node].operands[slot]]

    def sweep(self) -> list[tuple[int, int]]:
        """Every edge, as a node and a slot, in the order of the reverse sweep."""
        return [(i, slot) for i in reversed(range(len(self.nodes))) for slot in range(len(self.nodes[i].operands))]

    def value(self, place: Place) -> float:
        return self.tape.quantity(*place).value

    def places(self, kinds: set[str]) -> list[Place]:
        """All that can be asked for of these kinds, in the order in which the sweep finds it."""
        order: list[Place] = [("data", i, 0) for i, node in enumerate(self.nodes) if node.op is not None]
        for i in reversed(range(len(self.nodes))):
            order += [("adjoint", i, 0)] if i < len(self.nodes) - 1 else []
            for slot in range(len(self.nodes[i].operands)):
                order += [("partial", i, slot), ("contribution", i, slot)]
        return [place for place in order if place[0] in kinds]

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
        return Hand(self.tape).symbols(node) if node.op is not None else "leaf"

    def adjoint(self, place: int) -> str:
        return rules.partial_of(self.names[-1], self.names[place])

    def slope(self, node: int, slot: int) -> str:
        user = self.nodes[node]
        written = rules.partial_of(self.names[node], self.names[self.operand(node, slot)])
        return f"{written} (operand {slot + 1})" if len(slots(user, user.operands[slot])) > 1 else written

    def edge(self, node: int, slot: int) -> str:
        return f"{self.names[node]} → {self.names[self.operand(node, slot)]}"

    def asked(self, place: Place) -> str:
        kind, i, slot = place
        if kind == "data":
            return self.names[i]
        if kind == "partial":
            is_result = i == len(self.nodes) - 1  # where the adjoint is written alike
            return f"{self.slope(i, slot)} (local)" if is_result else self.slope(i, slot)
        return self.adjoint(i) if kind == "adjoint" else f"{self.adjoint(i)} · {self.slope(i, slot)}"

    def question(self, number: int, place: Place) -> Question:
        kind, i, slot = place
        node = self.given[i]
        is_edge = kind in ("partial", "contribution")
        operand, end = (node.operands[slot], slot) if is_edge else (None, None)
        return Question(number, kind, node, operand, end, self.asked(place), self.value(place), tuple(self.mistakes(place)))

    def mistakes(self, place: Place) -> Iterator[tuple[float, str]]:
        """Numbers that a factor forgotten or a sum not taken would give."""
        kind, i, slot = place
        answer = self.value(place)
        found: list[tuple[float, str]] = []
        if kind == "adjoint":
            found = self._of_adjoint(i)
        elif kind == "partial":
            flow = f"that is what flows along this edge, already times {self.adjoint(i)}; the local derivative alone is asked for"
            found.append((self.value(("contribution", i, slot)), flow))
            others = range(len(self.nodes[i].operands))
            for other in others if len(others) <= FEW else ():
                if other != slot:
                    found.append((self.value(("partial", i, other)), f"that is {self.slope(i, other)}, along the other edge"))
        elif kind == "contribution":
            target = self.operand(i, slot)
            whole = f"that is all of {self.adjoint(target)}; what flows along this one edge is asked for"
            found = [*self._of_edge(i, slot), (self.value(("adjoint", target, 0)), whole)]
        seen = [answer, -answer]
        for x, words in found:
            if math.isfinite(x) and not any(math.isclose(x, other, rel_tol=2 * SHOWN) for other in seen):
                seen.append(x)
                yield x, words

    def _of_edge(self, node: int, slot: int) -> list[tuple[float, str]]:
        slope, adjoint = self.slope(node, slot), self.adjoint(node)
        return [
            (
                self.value(("partial", node, slot)),
                f"that is the local derivative {slope} alone; times {adjoint}, what arrives there",
            ),
            (self.value(("adjoint", node, 0)), f"that is {adjoint} alone; times the local derivative {slope}"),
        ]

    def _of_adjoint(self, place: int) -> list[tuple[float, str]]:
        edges = self.users[place]
        if len(edges) == 1:
            return self._of_edge(*edges[0])
        name, times = self.names[place], _times(len(edges))
        flows = [self.value(("contribution", *edge)) for edge in edges]
        slopes = [self.value(("partial", *edge)) for edge in edges]
        arrived = [self.value(("adjoint", node, 0)) for node, _ in edges]
        alone = f"that is what one edge brings; {name} is used {times}, so {len(edges)} contributions are added"
        return [
            *[(flow, alone) for flow in flows],
            (sum(slopes), "those are the local derivatives alone; each is multiplied by what arrives at its node first"),
            (sum(arrived), "that is what arrives at the users alone; each is multiplied by its local derivative first"),
            (math.prod(flows), f"that is a product; {name} is used {times}, and contributions are added"),
        ]

    # ----------------------------------------------------------------------------------------------------------------- hints

    def hints(self, place: Place, say: Callable[[Quantity], str]) -> tuple[str, ...]:
        """What happens where this number comes to be, edge by edge: the rule, then the tape's formula. At last the number."""
        kind, i, slot = place
        lines = [self.use(i)] if kind == "adjoint" else []
        for step in self.steps(place):
            lines.append(step.words(say) if kind == "data" else self.rule(step, step.is_reached or kind == "partial"))
            lines.append(step.formula(say) if kind != "partial" else f"{self.asked(place)} = {self.symbols(i, slot)}")
        answer = f"{self.asked(place)} = {short(self.value(place))}"
        return (*lines[:-1], *([lines[-1]] if lines[-1] != answer else []), answer)

    def steps(self, place: Place) -> list[Step]:
        """Those of the tape in which this number comes to be, or is used."""
        kind, i, slot = place
        if kind == "data":
            return [self.tape[i]]
        edges = self.users[i] if kind == "adjoint" else [(i, slot)]
        return [self.tape.edge(self.nodes[node], slot) for node, slot in edges]

    def use(self, place: int) -> str:
        name, users = self.names[place], [self.names[node] for node, _ in self.users[place]]
        if len(users) == 1:
            return f"{name} is used once, by {users[0]}: its adjoint comes back along one edge"
        return (
            f"{name} is used {_times(len(users))}, by {', '.join(dict.fromkeys(users))}: what comes back along each edge is added"
        )

    def rule(self, step: Step, is_reached: bool) -> str:
        assert step.slot is not None
        node = self.index[step.node]
        unreached = f"nothing has reached {self.names[node]}, so nothing flows on"
        return f"{self.edge(node, step.slot)}: {rules.rule(step.node, step.slot) if is_reached else unreached}"

    def symbols(self, node: int, slot: int) -> str:
        return rules.slope(self.nodes[node], slot, self.tape.names)


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The lines of a table without the columns that are all question marks."""
    shown = [column for column in zip(*rows, strict=True) if set(column[1:]) != {"?"}]
    return aligned(list(zip(*shown, strict=True)))


# -------------------------------------------------------------------------------------------------------------------- judging


class Given(NamedTuple):
    """An answer read: its number, the place of its last digit (0 if it is exact), and its significant digits."""

    x: float
    unit: float
    digits: int


DECIMAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
WORDS = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf, "∞": math.inf, "-∞": -math.inf}


def read(answer: Any) -> Given | None:
    """A number, or a text that holds one: 3, -0.5, 1/3, 2e-3; None for anything else."""
    if isinstance(answer, Fraction):
        return Given(number(answer), 0.0, ENOUGH)
    text = answer if isinstance(answer, str) else repr(number(answer))
    text = re.sub(r"\s", "", text).replace("−", "-").replace(",", ".").lower()
    if text in WORDS:
        return Given(WORDS[text], 0.0, ENOUGH)
    fraction = re.fullmatch(rf"({DECIMAL})/({DECIMAL})", text)
    if fraction:
        below = float(fraction[2])
        return Given(float(fraction[1]) / below, 0.0, ENOUGH) if below else None
    if not re.fullmatch(DECIMAL, text):
        return None
    mantissa, _, exponent = text.partition("e")
    digits = mantissa.lstrip("+-").replace(".", "")
    decimals = len(mantissa.partition(".")[2])
    return Given(float(text), float(f"1e{int(exponent or 0) - decimals}"), len(digits.lstrip("0")))


def judged(answer: Any, x: float, mistakes: Sequence[tuple[float, str]]) -> str:
    """What is said to an answer where x is right: RIGHT, or what is wrong with it."""
    given = read(answer)
    if given is None:
        return UNREADABLE
    if _is_near(given, x):
        return RIGHT
    if _is_rounded(given, x):
        return RIGHT if given.digits >= ENOUGH else ROUGH
    for wrong, words in [(-x, SIGN), *mistakes]:
        if _is_near(given, wrong) or (given.digits >= ENOUGH and _is_rounded(given, wrong)):
            return words
    return WRONG


def _is_near(given: Given, x: float) -> bool:
    return given.x == x or (given.x != given.x and x != x) or abs(given.x - x) <= SHOWN * abs(x) < math.inf


def _is_rounded(given: Given, x: float) -> bool:
    """Whether the answer is x rounded, or cut off, where its last digit stands."""
    is_cut = given.x * x > 0 and 0 <= abs(x) - abs(given.x) < given.unit
    return given.digits > 0 and math.isfinite(given.x) and (abs(given.x - x) <= given.unit * 0.500001 or is_cut)
