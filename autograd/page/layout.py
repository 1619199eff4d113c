"""The layout of a page's picture: cards, circles, the lines between them and the text beside the lines.

A layout engine gives the places alone, of boxes of fixed size; the page draws them itself. Without an engine a layered layout
takes its place, so that a page always has its picture:

    rank      the longest path from a source, as in every layered drawing; a source is right before its first user
    order     within a rank by the mean place of the neighbours, swept back and forth
    place     as near to the neighbours' mean as the boxes in between allow: the best such places are an isotonic regression

It is also used where lines cross so many ranks that an engine would take minutes, and for the thicket between the layers of a
network, whose order it keeps.

Coordinates are whole units, one of which is a pixel at the natural size, x to the right and y down. Read `Layout` first.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree

from autograd.errors import RenderError
from autograd.show.rendering import render

__all__ = ["Box", "Layout", "Line", "Route", "place"]

LABEL = (84, 32)  # room for the text beside a line: two lines of twelve characters
GAP, SPACE = 26, 16  # between ranks, and between neighbours in a rank
WIDE = 150  # more than that, between ranks that many lines cross
MARGIN = 12
SWEEPS = 8
FAR = 1000  # ranks crossed by all lines together: more keep an engine busy for minutes
BENDS = 10  # of a line, where there are so many: the time then grows with the lines, and not with the ranks that they cross
TOLERANCE = 5.0  # how far a curve may pass from a bend
INCH = 72.0

Point = tuple[float, float]


class Box(NamedTuple):
    """Something to be placed."""

    id: str
    width: float
    height: float
    is_round: bool = False


class Line(NamedTuple):
    """A line from one box to another."""

    id: str
    tail: str
    head: str
    has_label: bool = True
    has_head: bool = True
    weight: int = 1  # how straight and short it is to be


class Route(NamedTuple):
    """The curve of a line, as an SVG path, and the centre of its text."""

    path: str
    label: tuple[int, int] | None


class Layout(NamedTuple):
    """Every box's centre and every line's route, within width and height."""

    width: int
    height: int
    centres: dict[str, tuple[int, int]]
    routes: dict[str, Route]


def place(boxes: Sequence[Box], lines: Sequence[Line], rankdir: str = "LR", engine: str | None = None) -> Layout:
    """The layout: an engine's where there is one, else our own; rankdir as in DOT."""
    layers = _Layers(boxes, lines, rankdir)
    if layers.crossed > FAR or _is_thicket(lines):
        return layers.layout()
    try:
        svg = render(_dot(boxes, lines, rankdir), "svg", engine)
    except RenderError:
        return layers.layout()
    return _read(svg, boxes, lines)


def _is_thicket(lines: Sequence[Line]) -> bool:
    return any(line.has_head and not line.has_label for line in lines)


# -------------------------------------------------------------------------------------------------------------- by an engine


def _dot(boxes: Sequence[Box], lines: Sequence[Line], rankdir: str) -> str:
    room = f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{LABEL[0]}" HEIGHT="{LABEL[1]}">.</TD></TR>'
    label = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{room}</TABLE>>'
    return "\n".join(
        [
            "digraph {",
            f"  graph [rankdir={rankdir}, nodesep=0.2, ranksep=0.2]",
            '  node [shape=box, fixedsize=true, label=""]',
            "  edge [fontname=Courier, fontsize=10, arrowsize=0.6]",
            *(
                f"  {box.id} [id={box.id}, width={box.width / INCH:.4f}, height={box.height / INCH:.4f}"
                f"{', shape=ellipse' if box.is_round else ''}]"
                for box in boxes
            ),
            *(
                f"  {line.tail} -> {line.head} [id={line.id}, weight={line.weight}"
                f"{f', label={label}' if line.has_label else ''}{'' if line.has_head else ', arrowhead=none'}]"
                for line in lines
            ),
            "}",
        ]
    )


def _read(svg: bytes, boxes: Sequence[Box], lines: Sequence[Line]) -> Layout:
    """The places, from the SVG of an engine: every engine that draws DOT writes the same groups, with our ids."""
    root = ElementTree.fromstring(svg)
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    groups = {group.attrib.get("id", ""): group for group in root.iter() if _tag(group) == "g"}
    whole = next(group for group in groups.values() if group.attrib.get("class") == "graph")
    shift = re.search(r"translate\((\S+?)[ ,]+(\S+?)\)", whole.attrib["transform"])
    assert shift is not None
    right, down = float(shift[1]), float(shift[2])

    def moved(x: float, y: float) -> tuple[int, int]:
        return round(x + right), round(y + down)

    centres = {}
    for box in boxes:
        shape = next(part for part in groups[box.id].iter() if _tag(part) in ("ellipse", "polygon"))
        if _tag(shape) == "ellipse":
            centres[box.id] = moved(float(shape.attrib["cx"]), float(shape.attrib["cy"]))
        else:
            corners = [tuple(map(float, corner.split(","))) for corner in shape.attrib["points"].split()]
            xs, ys = zip(*corners, strict=True)
            centres[box.id] = moved((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
    routes = {}
    for line in lines:
        parts = {_tag(part): part for part in groups[line.id].iter()}
        path = re.sub(
            r"([-\d.e]+),([-\d.e]+)",
            lambda pair: "{},{}".format(*moved(float(pair[1]), float(pair[2]))),
            parts["path"].attrib["d"],
        )
        text = parts.get("text")
        # The text is one dot, 6 wide, on a baseline 3 below the middle of its room.
        label = None if text is None else moved(float(text.attrib["x"]) + 3, float(text.attrib["y"]) - 3)
        routes[line.id] = Route(path, label)
    return Layout(round(width), round(height), centres, routes)


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


# --------------------------------------------------------------------------------------------------------------- by ourselves


class _Layers:
    """A layered layout from left to right, turned at the end; a long line goes through bends in the ranks it crosses."""

    def __init__(self, boxes: Sequence[Box], lines: Sequence[Line], rankdir: str) -> None:
        self.lines = lines
        self.rankdir = rankdir
        self.is_upright = rankdir in ("TB", "BT")
        self.size = {box.id: (box.height, box.width) if self.is_upright else (box.width, box.height) for box in boxes}
        self.rank = self._ranks([box.id for box in boxes])
        self.crossed = sum([max(abs(self.rank[line.head] - self.rank[line.tail]) - 1, 0) for line in lines])
        self.chains = {line.id: self._chain(line) for line in lines}
        self.ranks: list[list[str]] = [[] for _ in range(max(self.rank.values(), default=0) + 1)]
        for id, rank in self.rank.items():
            self.ranks[rank].append(id)
        self.before: dict[str, list[str]] = {id: [] for id in self.rank}
        self.after: dict[str, list[str]] = {id: [] for id in self.rank}
        for chain in self.chains.values():
            for tail, head in pairwise(chain):
                self.after[tail].append(head)
                self.before[head].append(tail)

    def layout(self) -> Layout:
        across = self._across(self._ordered())
        along = self._along()
        top = min([across[id] - self.size[id][1] / 2 for id in across], default=0.0) - MARGIN
        bottom = max([across[id] + self.size[id][1] / 2 for id in across], default=0.0) + MARGIN
        length = max([along[self.rank[id]] + self.size[id][0] / 2 for id in across], default=0.0) + MARGIN
        is_mirrored = self.rankdir in ("RL", "BT")

        def turned(x: float, y: float) -> tuple[int, int]:
            x, y = round(length - x if is_mirrored else x), round(y - top)
            return (y, x) if self.is_upright else (x, y)

        centres = {id: turned(along[self.rank[id]], across[id]) for id in across if id in self.size and not id.startswith("~")}
        copies: dict[tuple[str, str], int] = {}
        routes = {}
        for line in self.lines:
            copy = copies[line.tail, line.head] = copies.get((line.tail, line.head), -1) + 1
            lane = (copy + 1) // 2 * (LABEL[1] + 4) * (1 if copy % 2 else -1)  # x*x: the second edge runs beside the first
            points = [(along[self.rank[id]], across[id]) for id in self.chains[line.id]]
            points[0] = (points[0][0] + self._reach(line.tail, line), points[0][1])
            points[-1] = (points[-1][0] - self._reach(line.head, line) - (6 if line.has_head else 0), points[-1][1])
            routes[line.id] = self._route(points, lane, line.has_label, turned)
        size = (round(length), round(bottom - top))
        width, height = size[::-1] if self.is_upright else size
        return Layout(width, height, centres, routes)

    def _reach(self, id: str, line: Line) -> float:
        is_forward = self.rank[line.tail] < self.rank[line.head]
        return self.size[id][0] / 2 * (1 if is_forward else -1)

    def _ranks(self, ids: Sequence[str]) -> dict[str, int]:
        """One more than the largest of the tails'; where folding made a cycle, its first box goes first."""
        rank: dict[str, int] = {}
        heads: dict[str, list[str]] = {id: [] for id in ids}
        waits = dict.fromkeys(ids, 0)
        for line in self.lines:
            heads[line.tail].append(line.head)
            waits[line.head] += 1
        sources = {id for id, count in waits.items() if not count}
        ready = [id for id in ids if not waits[id]]
        least = dict.fromkeys(ids, 0)
        stuck = iter(ids)
        while len(rank) < len(ids):
            id = ready.pop() if ready else next(id for id in stuck if id not in rank)
            rank[id] = least[id]
            for head in heads[id]:
                waits[head] -= 1
                if head not in rank:
                    least[head] = max(least[head], rank[id] + 1)
                    if not waits[head]:
                        ready.append(head)
        for id in sources:
            rank[id] = max(min([rank[head] for head in heads[id]], default=1) - 1, 0)
        return {id: rank[id] for id in ids}

    def _chain(self, line: Line) -> list[str]:
        first, last = self.rank[line.tail], self.rank[line.head]
        step = 1 if first < last else -1
        crossed: Sequence[int] = range(first + step, last, step)
        if self.crossed > FAR and len(crossed) > BENDS:
            crossed = [crossed[place * (len(crossed) - 1) // (BENDS - 1)] for place in range(BENDS)]
        bends = []
        for rank in crossed:
            bend = f"~{line.id}~{rank}"
            self.rank[bend] = rank
            self.size[bend] = (0.0, LABEL[1] / 2)
            bends.append(bend)
        return [line.tail, *bends, line.head]

    def _ordered(self) -> list[list[str]]:
        spot = {id: float(index) for ids in self.ranks for index, id in enumerate(ids)}
        for sweep in range(SWEEPS):
            ranks, near = (self.ranks, self.before) if sweep % 2 == 0 else (self.ranks[::-1], self.after)
            for ids in ranks:
                ids.sort(key=lambda id, near=near: _mean([spot[other] for other in near[id]], spot[id]))  # type: ignore[misc]  # near is bound
                spot.update((id, float(index)) for index, id in enumerate(ids))
        return self.ranks

    def _across(self, ranks: list[list[str]]) -> dict[str, float]:
        spot: dict[str, float] = {}
        for ids in ranks:
            spot.update(zip(ids, self._spread(ids, [0.0] * len(ids)), strict=True))
        for sweep in range(SWEEPS):
            for ids in ranks if sweep % 2 == 0 else ranks[::-1]:
                wanted = [_mean([spot[other] for other in self.before[id] + self.after[id]], spot[id]) for id in ids]
                spot.update(zip(ids, self._spread(ids, wanted), strict=True))
        return spot

    def _spread(self, ids: Sequence[str], wanted: Sequence[float]) -> list[float]:
        """The places nearest to those wanted that keep the order and the distances: neighbours too near share their mean."""
        offset, offsets = 0.0, []
        for index, id in enumerate(ids):
            offset += (self.size[ids[index - 1]][1] + self.size[id][1]) / 2 + SPACE if index else 0.0
            offsets.append(offset)
        blocks: list[tuple[float, int]] = []  # sum and number of what shares a place
        for goal, offset in zip(wanted, offsets, strict=True):
            total, count = goal - offset, 1
            while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
                total, count = total + blocks[-1][0], count + blocks[-1][1]
                blocks.pop()
            blocks.append((total, count))
        level = [total / count for total, count in blocks for _ in range(count)]
        return [offset + level for offset, level in zip(offsets, level, strict=True)]

    def _along(self) -> list[float]:
        """The middle of every rank: between two ranks there is room for the text of the lines that leave there."""
        label = LABEL[1] if self.is_upright else LABEL[0]
        labelled = {self.rank[line.tail] for line in self.lines if line.has_label}
        crowd = Counter([self.rank[line.tail] for line in self.lines if line.has_head])
        middles, end = [], float(MARGIN)
        for rank, ids in enumerate(self.ranks):
            width = max([self.size[id][0] for id in ids], default=0.0)
            middles.append(end + width / 2)
            end += width + GAP + max(label if rank in labelled else 0, min(WIDE, 3 * crowd[rank]))
        return middles

    def _route(
        self, points: Sequence[Point], lane: float, has_label: bool, turned: Callable[[float, float], tuple[int, int]]
    ) -> Route:
        """Through the points with level tangents, without bends that are nearly on the curve; the text beside the first piece."""
        (x0, y0), (x1, y1) = points[:2]
        bulge = lane if len(points) == 2 else 0.0  # a longer line has bends
        text = ["M{},{}".format(*turned(x0, y0))]
        for (x, y), (next_x, next_y) in pairwise(_thinned(points)):
            curve = [((x + next_x) / 2, y + bulge * 4 / 3), ((x + next_x) / 2, next_y + bulge * 4 / 3), (next_x, next_y)]
            text.append("C" + " ".join("{},{}".format(*turned(*point)) for point in curve))
        x, y = turned((x0 + x1) / 2, (y0 + y1) / 2 + bulge)
        beside = (x + LABEL[0] // 2, y) if self.is_upright else (x, y - LABEL[1] // 2)
        return Route("".join(text), beside if has_label else None)


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def _thinned(points: Sequence[Point]) -> list[Point]:
    """The ends, and of the bends those that a straight line between the others would miss by more than the tolerance."""
    kept, waiting = {0, len(points) - 1}, [(0, len(points) - 1)]
    while waiting:
        first, last = waiting.pop()
        (x0, y0), (x1, y1) = points[first], points[last]
        misses = [
            (abs(y - y0 - (y1 - y0) * (x - x0) / (x1 - x0)), index)
            for index, (x, y) in enumerate(points[first + 1 : last], first + 1)
        ]
        worst, index = max(misses, default=(0.0, 0))
        if worst > TOLERANCE:
            kept.add(index)
            waiting += [(first, index), (index, last)]
    return [points[index] for index in sorted(kept)]
