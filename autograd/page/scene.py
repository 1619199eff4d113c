"""What a page shows, as plain data: the graph, the places of its picture, and the steps with their sentences.

A page computes by itself. It is given each node's operation and arguments, the numbers as they were recorded, and sentences
with holes that it fills in whenever a slider has moved.

    nodes     name, also in MathML, path in a network, operation and its noun, arguments (the index of a node, or a constant in
              brackets), parameters, recorded data and local derivatives (null for a closed gate), these and the gradient in
              symbols, its kind
    picture   the cards, circles and arrows of `autograd.show.drawing`, with the places of `autograd.page.layout`, and what
              `marks.js` shows
    terms     the words of `autograd.text.terms`, with their meanings and their plurals
    templates those of sentences and formulas, see `page.formulas`; `rule`, `noSlope` and `product` are the numbers of three of them
    steps     what the player shows one after the other, from `autograd.page.steps`
    kinds     what is asked to find the case of an edge: `Kinds`

Read `scene` first.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from autograd.page.formulas import Formulas
from autograd.page.javascript import is_readable
from autograd.page.layout import Box, Line, place
from autograd.page.steps import Cases, Steps
from autograd.show.marks import MARKS, activations_of, judged_of, last_of
from autograd.show.notation import Adjoint, Derivative, Quantity, Sign, Slope
from autograd.show.scale import STEPS, THICK
from autograd.show.scene import Arrow, Scene, layers_of
from autograd.show.steps import RULE
from autograd.show.tape import Tape
from autograd.show.view import View
from autograd.text import rules
from autograd.text.language import TEXT
from autograd.text.mathml import MATHML
from autograd.text.rules import Case
from autograd.text.symbols import Condition
from autograd.text.templates import OPEN
from autograd.text.terms import FORMS, TERMS
from autograd.value import Value

__all__ = ["number", "scene"]

LISTED = 8  # outputs of a box that are written one by one
CARD = (120, 62)  # room for "data −0.0001234" below a name
ROOM = 216  # for "17 params, |grad| 0.1234"
CROWD = 12  # boxes; more are one line each
THICKET, BUNDLE = 4, 6  # arrows for each card, and at one card; where there are more, their text shows when it is looked at
LETTER = 7.6  # the width of a letter in a card's title and in a circle
LONGEST = 26  # letters of a title


def scene(recorded: Tape, drawn: Scene, rankdir: str) -> tuple[dict[str, Any], list[tuple[Condition, ...]]]:
    """The page's data, ready for JSON, and the conditions that it needs, in the order of its `kinds`."""
    view, index = recorded.sweep.view, recorded.place
    cases = {(at, slot): _cases(node, slot) for at, node in enumerate(recorded.nodes) for slot in range(len(node.operands))}
    formulas, kinds = Formulas(recorded), Kinds()
    factors = [Quantity(kind, 0, 0, 1.0) for kind in ("adjoint", "partial")]
    return {  # in this order: what is written comes before the templates, and nodes before kinds
        "nodes": [
            _node(node, index, recorded.names, cases, kinds, formulas)
            | ({"path": node.label} if node.op is None and node in view.network.names else {})
            for node in recorded.nodes
        ],
        "picture": _picture(view, drawn, index, recorded.names, rankdir),
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


def _picture(view: View, drawn: Scene, index: Mapping[Value, int], names: Mapping[Value, str], rankdir: str) -> dict[str, Any]:
    families = view.families
    boxes = {name: card.id for name, card in zip(families, drawn.cards[len(drawn.cards) - len(families) :], strict=True)}
    cards: dict[str, dict[str, Any]] = {
        f"n{index[node]}": {"title": shortened(names[node]), "node": index[node]} for node in index if node not in view.home
    }
    for name, family in families.items():
        cards[boxes[name]] = {
            "title": shortened(view.title(name)),
            "name": name,
            "outputs": [index[node] for node in family.outputs],
            "parameters": [index[node] for node in family.parameters],
            "members": [index[node] for node in (*family.parameters, *family.operations)],
        }
    for name, family in judged_of(view).items():
        cards[boxes[name]]["activations"] = [[index[node], steepest] for node, steepest in activations_of(family).items()]
    quiet = _quiet(drawn.arrows) if len(drawn.arrows) > THICKET * len(cards) else set()
    is_crowd = len(families) > CROWD
    sizes = [Box(id, *_size(card, is_crowd)) for id, card in cards.items()]
    sizes += [_circle(circle.id, circle.text) for circle in drawn.circles]
    lines = [Line(circle.stem, circle.id, circle.card, False, False, 8) for circle in drawn.circles]
    lines += [Line(arrow.id, arrow.tail, arrow.head, arrow.id not in quiet, True, arrow.weight) for arrow in drawn.arrows]
    layout = place(sizes, lines, rankdir)
    size = {box.id: [*layout.centres[box.id], round(box.width), round(box.height)] for box in sizes}
    return {
        "size": [layout.width, layout.height],
        "scale": {"thick": THICK, "steps": STEPS},
        "health": _health(view, index),
        "cards": [{"id": id, "at": size[id], **card} for id, card in cards.items()],
        "circles": [
            {
                "id": circle.id,
                "at": size[circle.id],
                "text": circle.text,
                "node": circle.place,
                "stem": layout.routes[circle.stem].path,
            }
            for circle in drawn.circles
        ],
        "arrows": [
            {"id": arrow.id, "path": layout.routes[arrow.id].path, "label": layout.routes[arrow.id].label, "edges": arrow.edges}
            for arrow in drawn.arrows
        ],
    }


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


def _quiet(arrows: Sequence[Arrow]) -> set[str]:
    """The arrows that begin or end where many do: there is no room for their text."""
    count = Counter([end for arrow in arrows for end in (arrow.tail, arrow.head)])
    return {arrow.id for arrow in arrows if max(count[arrow.tail], count[arrow.head]) > BUNDLE}


def _size(card: Mapping[str, Any], is_crowd: bool) -> tuple[float, float]:
    width = max(CARD[0], len(card["title"]) * LETTER + 24)
    if "node" in card:
        return width, CARD[1]
    if is_crowd and len(card["outputs"]) == 1:
        return len(card["title"]) * LETTER + 2 * 76 + 16, 26
    lines = 2 if len(card["outputs"]) > LISTED else max(2, len(card["outputs"]))
    return max(width, ROOM if len(card["outputs"]) == 1 else ROOM + 44), CARD[1] + 18 * (lines - 2 + bool(card["parameters"]))


def _circle(id: str, text: str) -> Box:
    return Box(id, 30, 30, True) if len(text) <= 2 else Box(id, len(text) * LETTER + 18, 28)


def shortened(text: str) -> str:
    """A name that fits on a card: its middle is left out."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 1]}…{text[-LONGEST // 2 :]}"
