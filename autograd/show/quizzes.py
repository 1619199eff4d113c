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
    v1 → b: Multiplication swaps: each operand gets the adjoint times the other

`print(q)` is a worksheet, `q.drawing()` the picture with blanks, `q.key()` the answers; `q.save("q.xml")` is for Moodle. The
questions follow the order of the sweep, so that each can be answered from what is shown and the answers before it. A number that
would give an answer away, such as a contribution beside an adjoint that is asked for, is hidden too: a question mark without a
number.

The numbers are those the graph had when the quiz was made; the graph itself is left alone.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, NamedTuple, final, overload

from autograd.errors import GraphSizeError, OperandError, OptionError, whole
from autograd.files import AnyPath, expanded, write
from autograd.graph import is_larger, total_of
from autograd.show.answers import RIGHT, SIGN, judged
from autograd.show.dot_text import dot_of
from autograd.show.moodle import Item, to_gift, to_moodle
from autograd.show.notation import Notation, Quantity, Sentence, Side
from autograd.show.questions import Hint, Place, Sheet
from autograd.show.rendering import Drawing, image_of
from autograd.show.scene import FAINT, INK, Arrow, Cell, colour_of, scene_of
from autograd.show.view import MAX_NODES
from autograd.show.wengert import code, fence
from autograd.text.formula import to_latex
from autograd.text.language import BOOK, Language
from autograd.text.latex import LATEX
from autograd.text.numbers import short
from autograd.text.rules import partial_of
from autograd.text.tables import aligned
from autograd.value import Value

__all__ = ["Feedback", "Question", "Quiz", "quiz"]

KINDS = {"data": "data", "grads": "adjoint", "partials": "partial", "contributions": "contribution"}


class Question(NamedTuple):
    """One blank: its number in the picture, what it is, and the answer."""

    number: int
    kind: str  # "data", "adjoint", "partial" or "contribution"
    node: Value  # of the graph as it was given; for an edge, the node that uses `operand`
    operand: Value | None
    slot: int | None
    asked: str  # in symbols, "∂L/∂d"
    answer: float
    mistakes: tuple[tuple[float, str], ...]  # what a known mistake gives, and the feedback on it

    def __str__(self) -> str:
        return f"[{self.number}] {self.asked} = ?"


class Feedback(NamedTuple):
    """The feedback on one answer."""

    number: int
    given: str
    is_right: bool
    words: str

    def __str__(self) -> str:
        return f"[{self.number}] {self.given}: {self.words}"


def quiz(
    root: Value | Sequence[Value],
    hide: str | Collection[str] = "grads",
    *,
    seed: int | str | None = None,
    names: Mapping[str, Any] | None = None,
    count: int | None = None,
    of: Collection[Value] | None = None,
) -> Quiz:
    """Questions about the graph of `root`; one whose leaves were set to other data since is refused with a StaleGraphError.
    Of several results, `quiz([y, z])`, it asks about their sum.

    hide    "grads", "data", "partials" or "contributions", or several of them in a list
    seed    which of them become blanks, half of all; the same seed, the same quiz. Without one, all of them
    names   names for nodes without a label: `names=locals()`
    count   the number of blanks
    of      the nodes to ask about, [a, b]; an edge is about the operand at its end. Without a list, all nodes
    """
    root = total_of(root, "quiz")
    kinds = [hide] if isinstance(hide, str) else hide
    if not isinstance(kinds, Collection) or not kinds or not all(kind in tuple(KINDS) for kind in kinds):
        raise OptionError(f"hide={hide!r}: give one or more of {', '.join(map(repr, KINDS))}")
    if not isinstance(seed, int | str | None):
        raise OptionError(f"seed={seed!r:.60}: give a whole number or a text; without one, everything is asked for")
    if count is not None:
        count = whole("count", count, 1)
    if of is not None and not (isinstance(of, Collection) and all(isinstance(node, Value) for node in of)):
        raise OptionError(f"of={of!r:.60}: give a list of nodes of the graph; without one, all of them are asked about")
    if is_larger(root, MAX_NODES):
        raise GraphSizeError(f"quiz: the graph has more than {MAX_NODES} nodes; quiz(node) asks about what is below that node")
    sheet = Sheet(root, names)
    places = sheet.places({KINDS[kind] for kind in kinds})
    if of is not None:
        places = sheet.about(places, list(of))
    if not places:
        raise OperandError(f"quiz: this graph has none of {', '.join(sorted(kinds))} to ask for; give the result of an operation")
    if seed is not None or count is not None:
        wanted = min(count or math.ceil(len(places) / 2), len(places))
        chosen = set(random.Random(seed or 0).sample(places, wanted))
        places = [place for place in places if place in chosen]
    return Quiz(sheet, places)


def _question(sheet: Sheet, number: int, place: Place) -> Question:
    kind, i, slot = place
    node = sheet.given[i]
    operand, end = (node.operands[slot], slot) if kind in ("partial", "contribution") else (None, None)
    return Question(
        number, kind, node, operand, end, sheet.notation.write(sheet.asked(place)), sheet.value(place), tuple(sheet.mistakes(place))
    )


@final
class Quiz:
    """A graph with blanks; `quiz` makes one. Questions are counted from 1, as in the picture."""

    def __init__(self, sheet: Sheet, places: Sequence[Place]) -> None:
        self._sheet = sheet
        self.places = tuple(places)
        self.hidden = sheet.hidden(places)  # the blanks, and what would give them away
        self.questions = tuple([_question(sheet, number, place) for number, place in enumerate(places, 1)])
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
        """Return the feedback on one answer, `check(2, "1/3")`; or a list for many, `check([...])` or `check({2: "1/3"})`.

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
        question, notation = self._question(i), self.notation()
        answer = f"{question.asked} = {short(question.answer)}"
        lines = [
            notation.sentence(hint) if isinstance(hint, Sentence) else " = ".join(notation.parts(hint))
            for hint in self.early_hints(i)
        ]
        return (*(lines[:-1] if lines[-1] == answer else lines), answer)

    def early_hints(self, i: int) -> list[Hint]:
        """The hints for question i but the last, the answer: sentences and equations, which `notation()` writes."""
        return self._sheet.hints(self.places[i - 1])

    def value(self, place: Place) -> float:
        """Return a number of the graph: its kind, its node, and the operand's slot, or 0."""
        return self._sheet.value(place)

    def asked(self, i: int) -> Side:
        """What question i asks for, as data."""
        return self._sheet.asked(self.places[i - 1])

    def notation(self, language: Language = BOOK) -> Notation:
        """What writes hints: in place of answers it has the blanks."""
        return Notation(self._sheet.view.names, self.nodes[-1], language, self._say)

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
        """The text in place of a hidden number; None for one that is shown."""
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
        scene = scene_of(self._sheet.view, self._sheet.record.flows)
        cards = [card._replace(**self._card(place)) for place, card in enumerate(scene.cards)]
        blank = scene._replace(cards=cards, arrows=list(map(self._arrow, scene.arrows)))
        return Drawing(dot_of(blank, rankdir, legend), text=self.text(), engine=engine)

    def _card(self, node: int) -> dict[str, Any]:
        rows, hints = [], []
        for key, kind in (("data", "data"), ("grad", "adjoint")):
            place, x = (kind, node, 0), self._sheet.value((kind, node, 0))
            blank = self._blank(place)
            colour = colour_of(x) if kind == "adjoint" and blank is None else INK
            rows.append([Cell(key, FAINT, "LEFT"), Cell(blank or short(x), colour)])
            hints.append(f"{key} = {blank or repr(x)}")
        return {"rows": rows, "hint": f"{self._sheet.names[node]}: {', '.join(hints)}"}

    def _arrow(self, arrow: Arrow) -> Arrow:
        ((node, slot),) = arrow.edges
        partial, contribution = ("partial", node, slot), ("contribution", node, slot)
        arrow = arrow._replace(above=f"× {self._shown(partial)}", is_open=arrow.is_open or self._blank(partial) is not None)
        blank = self._blank(contribution)
        return arrow._replace(below=f"= {blank}", flow=None) if blank else arrow  # colour and width would give away what it hides

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
        yield from _columns([("node", "made by", "data", partial_of(sheet.names[-1], "node")), *nodes])
        if any(text != "?" for _, *texts in edges for text in texts):
            yield ""
            yield from _columns([("edge, backward", "local derivative", "contribution"), *edges])

    def to_markdown(self) -> str:
        """The worksheet with room for the answers; the key is `key()`."""
        tables = "\n".join(self._tables())
        questions = "\n".join(f"{q.number}. {code(q.asked)} = ________" for q in self.questions)
        mark = fence(tables, 3)
        return f"# Quiz: {self._sheet.names[-1]}\n\n{mark}text\n{tables}\n{mark}\n\n{questions}\n"

    def to_moodle(self) -> str:
        """The quiz as Moodle XML: a numerical question each, with the picture, known mistakes, hints and an explanation."""
        return to_moodle(list(self._items()), self._title())

    def to_gift(self) -> str:
        """The quiz as GIFT, which Moodle and others import: as `to_moodle`, but GIFT has no hints."""
        return to_gift(list(self._items()), self._title())

    def save(self, path: AnyPath) -> Path:
        """Write the quiz in the format that the suffix names; the path is returned.

        .xml is Moodle XML, .gift or .txt GIFT, .md the worksheet. The picture in the first two needs an engine, as `draw` does.
        """
        writers = {".xml": self.to_moodle, ".gift": self.to_gift, ".txt": self.to_gift, ".md": self.to_markdown}
        suffix = expanded(path).suffix.lower()
        if suffix not in writers:
            cure = "quiz_page(quiz, path) writes the page" if suffix in (".html", ".htm") else f"give one of {', '.join(writers)}"
            raise OptionError(f"{expanded(path).name!r}: the suffix names the format; {cure}")
        return write(path, writers[suffix]())

    def _title(self) -> str:
        return f"Quiz: {self._sheet.names[-1]}"

    def _items(self) -> Iterator[Item]:
        root = self.nodes[-1]
        latex = self.notation(LATEX)
        formula = f"<p>{_mathematics(f'{latex.name(root)} = {to_latex(root)}')}</p>"
        picture = image_of(self.drawing().svg().encode(), "svg+xml", "\n".join(self._tables()))
        for question, place in zip(self.questions, self.places, strict=True):
            asked = _mathematics(f"{latex.write(self._sheet.asked(place))} = {{?}}")
            hints = [escape(hint) for hint in self.hints(question.number)]
            mistakes = [(-question.answer, SIGN)] * (question.answer != 0.0) + list(question.mistakes)
            yield Item(
                f"{self._sheet.names[-1]} {question.number:02}: {question.asked}",
                f"{formula}<p>{picture}</p><p>[{question.number}] {asked}</p>",
                question.answer,
                [(x, escape(words)) for x, words in mistakes],
                hints[:-1],
                "<br>".join(hints),
            )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return self.drawing()._repr_mimebundle_()

    def __len__(self) -> int:
        return len(self.questions)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        template = "<Quiz on {root}, {count} questions; print it, or .drawing()>"
        only = "<Quiz on {root}, 1 question; print it, or .drawing()>"
        return (only if len(self) == 1 else template).format(root=self._sheet.names[-1], count=len(self))


def _mathematics(latex: str) -> str:
    return rf"\({escape(latex)}\)"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The lines of a table without the columns that are all question marks."""
    shown = [column for column in zip(*rows, strict=True) if set(column[1:]) != {"?"}]
    return aligned(list(zip(*shown, strict=True)))
