"""The frames of a tape: each shows what is known by then, and nothing moves."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from examples import baydin, gated, lecture

from autograd.show.tape import record


def texts(source: str) -> list[str]:
    """The texts in the cells of the cards and on the edges."""
    return re.findall(r"<FONT[^>]*>([^<]*)</FONT>", source)


def numbers_of(source: str) -> str:
    lines = [line for line in source.splitlines() if "label=<" in line and "graph" not in line]
    return " ".join(" ".join(texts("".join(lines))).split())


def skeleton(source: str) -> str:
    """A frame without its colours and widths, and with as many letters as are there for any number."""
    source = re.sub(r' ?[A-Z]*(?i:color)="#\w+"|penwidth=[\d.]+|, style=dashed| (?=[>\]])', "", source)
    return re.sub(r">([^<>]+)</FONT>", lambda match: f">{len(match[1])}</FONT>", source)


def test_there_is_a_frame_for_every_step_and_it_says_what_the_step_says() -> None:
    tape = record(gated())
    frames = list(tape.frames())
    assert [frame.text for frame in frames] == [f"{step.words()}\n{step.formula()}" for step in tape]


@pytest.mark.parametrize("make", [lecture, baydin, gated])
def test_nothing_moves_from_frame_to_frame(make: Any) -> None:
    assert len({skeleton(frame.source) for frame in record(make()).frames()}) == 1


def test_a_frame_knows_what_is_known_by_then() -> None:
    root = lecture()
    root.backward(7.0)  # what is in `grad` is not what is drawn
    frames = [numbers_of(frame.source) for frame in record(root).frames()]
    assert re.findall(r"−?\d+", frames[0]) == ["2"]
    assert re.findall(r"−?\d+", frames[2]) == ["2", "−3", "−6", "−3", "2"]
    assert "=" not in frames[7]
    assert re.findall(r"= (−?\d+)", frames[8]) == ["−2"]
    assert sorted(int(x.replace("−", "-")) for x in re.findall(r"= (−?\d+)", frames[-1])) == [-4, -2, -2, -2, 4, 6]
    assert re.findall(r"grad +(−?\d+)", frames[-1]) == ["6", "−4", "−2", "−2", "−2", "4", "1"]


def test_a_frame_lights_up_the_node_or_the_edge_of_its_step() -> None:
    tape = record(lecture())
    for step, frame in zip(tape, tape.frames(), strict=True):
        lit = {match[1] for line in frame.source.splitlines() if (match := re.match(r".*\[id=(\w+).*#FFE082", line))}
        node, target = tape.place[step.node], tape.place[step.target]
        wanted = {f"n{target}"}
        if step.kind in ("forward", "backward"):
            wanted.add(f"o{node}")
        if step.kind == "backward":
            wanted.add(f"e{node}_{step.slot}")
        assert lit == wanted, step


def test_a_closed_gate_is_dashed_once_it_is_known_to_be_closed() -> None:
    frames = [frame.source for frame in record(gated()).frames(legend=False)]
    assert ["dashed" in frame for frame in frames[:5]] == [False, False, False, True, True]
    assert all("dashed" in frame for frame in frames[5:])


def test_a_sum_that_is_still_growing_is_shown_as_it_is_by_then() -> None:
    frames = [numbers_of(frame.source) for frame in record(baydin()).frames()]
    grads = [re.findall(r"data 5 grad( −?[\d.]+)?", frame) for frame in frames]
    shown = [grad[0].strip() for grad in grads if grad]
    assert list(dict.fromkeys(shown)) == ["", "−0.2837", "1.716"]


def test_frames_are_drawn() -> None:
    frame = next(itertools.islice(record(lecture()).frames(), 8, None))
    assert frame.svg().lower().count("#ffe082") >= 3
