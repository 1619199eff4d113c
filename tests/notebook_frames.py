"""What the frame of a page shows inside a notebook."""

from __future__ import annotations

from typing import Any

INSIDE = """() => {
  const stage = document.querySelector('.stage').getBoundingClientRect();
  const cards = [...document.querySelectorAll('.card')].map((card) => card.getBoundingClientRect());
  return cards.length > 0 && cards.every(({ left, top, right, bottom }) => right - left >= 10
    && left >= stage.left - 1 && right <= stage.right + 1 && top >= stage.top - 1 && bottom <= stage.bottom + 1);
}"""


def see(frame: Any) -> None:
    """Wait until every card of the page in the frame is inside its stage, or the film has drawn."""
    frame.wait_for_selector("#picture, canvas")
    if frame.query_selector("#picture"):
        frame.wait_for_function(INSIDE)
    else:
        frame.wait_for_function("() => document.querySelector('canvas')?.getBoundingClientRect().width > 100")
