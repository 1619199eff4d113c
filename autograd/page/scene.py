"""What a page shows, as plain data: the graph, the places of its picture, and the steps with their sentences.

A page computes by itself. It is given each node's operation and arguments, the numbers as they were recorded, and sentences
with holes: MARK stands around what is to be filled in, "the data of node 3", whenever a slider has moved.

    nodes     name, operation, arguments (the index of a node, or a constant in brackets), parameters, recorded data and
              local derivatives (null for a closed gate), and the local derivatives in symbols
    picture   the cards, circles and arrows of `autograd.drawing`, with the places of `autograd.page.layout`
    steps     what the player shows one after the other; each computes nodes or goes along edges, and says so

Read `scene` first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd import drawing, rules
from autograd.drawing import Picture, Scene
from autograd.page.layout import Box, Line, place
from autograd.tape import Quantity, Step, Tape
from autograd.value import Value

__all__ = ["MARK", "scene"]

MARK = "\ue000"  # no name has this character: it is for private use
LISTED = 8  # leaves, or outputs of a box, that are written one by one
CARD = (118, 66)  # room for "data -1.235e-5" below a name
LETTER = 7.6  # the width of a letter in a card's title and in a circle
LONGEST = 26  # letters of a title


def scene(picture: Picture, recorded: Tape, rankdir: str) -> dict[str, Any]:
    """The page's data, ready for JSON."""
    index = {node: place for place, node in enumerate(recorded.nodes)}
    drawn = drawing._scene(picture)
    return {
        "nodes": [_node(node, index, recorded.names) for node in recorded.nodes],
        "picture": _picture(picture, drawn, index, recorded.names, rankdir),
        "steps": _steps(picture, recorded, index),
    }


def number(x: Any) -> Any:
    """A number that JSON has no way to write, or none that every reader takes for the same, in words."""
    return {"float": repr(x)} if type(x) is float and not math.isfinite(x) else x


def _node(node: Value, index: Mapping[Value, int], names: Mapping[Value, str]) -> dict[str, Any]:
    described: dict[str, Any] = {"name": names[node], "data": number(node.data)}
    if node.op is not None:
        described["op"] = node.op.__name__
        described["arguments"] = [index[a] if type(a) is Value else [number(a)] for a in node.arguments]
        described["partials"] = [number(partial) if is_open else None for _, partial, _, is_open in node.edges]
        described["slopes"] = [rules.slope(node, slot, names) for slot in range(len(node.operands))]
        if node.parameters:
            described["parameters"] = {name: number(value) for name, value in node.parameters.items()}
    return described


# ------------------------------------------------------------------------------------------------------------------ the picture


def _picture(
    picture: Picture, drawn: Scene, index: Mapping[Value, int], names: Mapping[Value, str], rankdir: str
) -> dict[str, Any]:
    families = drawing._families(picture)
    boxes = {name: card.id for name, card in zip(families, drawn.cards[len(drawn.cards) - len(families) :], strict=True)}
    cards: dict[str, dict[str, Any]] = {
        f"n{index[node]}": {"title": shortened(names[node]), "node": index[node]} for node in index if node not in picture.home
    }
    for name, family in families.items():
        cards[boxes[name]] = {
            "title": shortened(name),
            "outputs": [index[node] for node in family.outputs],
            "parameters": [index[node] for node in family.parameters],
            "members": [index[node] for node in (*family.parameters, *family.operations)],
        }
    sizes = [Box(id, *_size(card)) for id, card in cards.items()]
    sizes += [_circle(circle.id, circle.text) for circle in drawn.circles]
    lines = [Line(f"r{circle.id[1:]}", circle.id, circle.card, False, 8) for circle in drawn.circles]
    lines += [Line(arrow.id, arrow.tail, arrow.head, True, arrow.weight) for arrow in drawn.arrows]
    layout = place(sizes, lines, rankdir)
    size = {box.id: [*layout.centres[box.id], round(box.width), round(box.height)] for box in sizes}
    edges: dict[str, list[list[int]]] = {arrow.id: [] for arrow in drawn.arrows}
    for node, number_of in index.items():
        for slot, operand in enumerate(node.operands):
            tail = boxes[picture.home[operand]] if operand in picture.home else f"n{index[operand]}"
            head = boxes[picture.home[node]] if node in picture.home else f"o{number_of}"
            is_plain = node not in picture.home and operand not in picture.home
            edges.get(f"e{number_of}_{slot}" if is_plain else f"e_{tail}_{head}", []).append([number_of, slot])
    return {
        "size": [layout.width, layout.height],
        "cards": [{"id": id, "at": size[id], **card} for id, card in cards.items()],
        "circles": [
            {
                "id": circle.id,
                "at": size[circle.id],
                "text": circle.text,
                "node": int(circle.id[1:]),
                "stem": _stem(layout, circle.id),
            }
            for circle in drawn.circles
        ],
        "arrows": [
            {"id": id, "path": layout.routes[id].path, "label": layout.routes[id].label, "edges": edges[id]} for id in edges
        ],
    }


def _stem(layout: Any, id: str) -> str:
    path: str = layout.routes[f"r{id[1:]}"].path
    return path


def _size(card: Mapping[str, Any]) -> tuple[float, float]:
    width = max(CARD[0], len(card["title"]) * LETTER + 24)
    if "node" in card or len(card["outputs"]) == 1:
        extra = 18 if card.get("parameters") else 0
        return (max(width, 190) if extra else width), CARD[1] + extra
    rows = len(card["outputs"]) if len(card["outputs"]) <= LISTED else 2
    return max(width, 236), 30 + 18 * (rows + bool(card["parameters"]))


def _circle(id: str, text: str) -> Box:
    return Box(id, 30, 30, True) if len(text) <= 3 else Box(id, len(text) * LETTER + 18, 28)


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 1]}…{text[-LONGEST // 2 :]}"


# -------------------------------------------------------------------------------------------------------------------- the steps


def say(quantity: Quantity) -> str:
    """A hole in a sentence: which number of the graph stands here."""
    return hole(quantity.kind, quantity.node, quantity.slot)


def hole(kind: str, node: int, slot: int = 0) -> str:
    return f"{MARK}{kind} {node} {slot}{MARK}"


def _steps(picture: Picture, recorded: Tape, index: Mapping[Value, int]) -> list[dict[str, Any]]:
    """The recorded steps between a beginning and an end; the leaves are one step, and so is a family on the way through it."""
    forward = [step for step in recorded.steps if step.kind == "forward"]
    backward = [step for step in recorded.steps if step.kind == "backward"]
    seeds = [_said(step) for step in recorded.steps if step.kind == "seed"]
    names = recorded.names
    leaves = [node for node in recorded.nodes if node.op is None]
    root = recorded.nodes[-1]
    return [
        {
            "kind": "start",
            "words": "This is the graph before anything is computed: who uses what. Step forward to compute it, node by node.",
            "formula": "",
        },
        {"kind": "leaf", "nodes": [index[leaf] for leaf in leaves], **_leaves(leaves, names, index)},
        *(_forward(run, picture, names, index) for run in _runs(forward, picture)),
        *seeds,
        *(_backward(run, picture, index) for run in _runs(backward, picture)),
        {"kind": "end", **_end(root, leaves, names, index)},
    ]


def _said(step: Step) -> dict[str, str]:
    return {"kind": step.kind, "words": step.words(say), "formula": step.formula(say)}


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
        return {"words": f"The {len(leaves)} leaves are given: numbers that no operation made.", "formula": ""}
    given = ", ".join(f"{names[leaf]} = {hole('data', index[leaf])}" for leaf in leaves)
    words = (
        "The leaves are given: numbers that no operation made." if len(leaves) > 1 else "The leaf is given: no operation made it."
    )
    return {"words": words, "formula": given}


def _end(root: Value, leaves: Sequence[Value], names: Mapping[Value, str], index: Mapping[Value, int]) -> dict[str, str]:
    words = f"All is computed: {names[root]}, and how it answers to each leaf."
    if len(leaves) > LISTED:
        return {"words": words, "formula": f"{names[root]} = {hole('data', index[root])}"}
    slopes = [f"∂{names[root]}/∂{names[leaf]} = {hole('adjoint', index[leaf])}" for leaf in leaves]
    return {"words": words, "formula": ", ".join([f"{names[root]} = {hole('data', index[root])}", *slopes])}


def _forward(run: Sequence[Step], picture: Picture, names: Mapping[Value, str], index: Mapping[Value, int]) -> dict[str, Any]:
    nodes = [index[step.node] for step in run]
    if len(run) == 1:
        return {**_said(run[0]), "nodes": nodes}
    last = run[-1].node
    words = f"{picture.home[last]} computes: {len(run)} operations, one after the other."
    return {"kind": "forward", "nodes": nodes, "words": words, "formula": f"{names[last]} = {hole('data', index[last])}"}


def _backward(run: Sequence[Step], picture: Picture, index: Mapping[Value, int]) -> dict[str, Any]:
    edges = [[index[step.node], step.slot] for step in run]
    if len(run) == 1:
        return {**_said(run[0]), "edges": edges}
    name = picture.home[run[0].node]
    outside = {step.operand: None for step in run if step.operand is not None and picture.home.get(step.operand) != name}
    words = f"Back through {name}: what arrived there goes on along {len(run)} edges, each times its local derivative"
    words += f", and reaches {len(outside)} nodes outside." if outside else "."
    return {"kind": "backward", "edges": edges, "words": words, "formula": ""}
