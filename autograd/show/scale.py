"""The widths of arrows by what flows along them: logarithmic, so that a gradient that vanishes is seen to, layer by layer.

    >>> scale = Scale.of([2.0, -0.02, 0.0])
    >>> [scale.width(flow) for flow in (2.0, 0.2, 0.02, 0.0)]
    [5.0, 3.0, 1.0, 0.8]
    >>> scale.marks()
    [(5.0, 2.0), (3.0, 0.2), (1.0, 0.02)]

The functions of floats are what a page computes with too: `page.javascript` prints them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["IDLE", "STEPS", "THICK", "Scale", "flow_at", "span_of", "width_at", "width_of"]

IDLE, THIN, THICK = 0.8, 1.0, 5.0  # of no flow, of the smallest and of the largest
SPANS = (1, 2, 4, 8)  # decades from THICK to THIN; the first into which all fit, else the last: what is smaller is thin too
STEPS = (0.0, 0.5, 1.0)  # from THICK to THIN: the marks of a legend


class Scale(NamedTuple):
    """The largest flow, and the decades below it at which an arrow is thin."""

    largest: float
    span: int

    @classmethod
    def of(cls, flows: Iterable[float | None]) -> Scale:
        """Return the scale of these flows; None, zeros, infinities and NaN do not count."""
        sizes = [abs(flow) for flow in flows if flow and math.isfinite(flow)]
        return cls(max(sizes), span_of(max(sizes), min(sizes))) if sizes else cls(0.0, SPANS[0])

    def width(self, flow: float | None) -> float:
        """Return the width in points or pixels."""
        return width_of(flow or 0.0, self.largest, self.span)

    def marks(self) -> list[tuple[float, float]]:
        """Return widths for a legend, each with its flow: the largest, the middle, the smallest; [] where nothing flows."""
        return [(width_at(step), flow_at(step, self.largest, self.span)) for step in STEPS] if self.largest else []


def span_of(largest: float, smallest: float) -> int:
    """Return the decades of the scale of flows whose finite sizes reach from `smallest` to `largest`; both are above 0."""
    decades = math.log10(largest) - math.log10(smallest)
    for span in SPANS[:-1]:
        if decades <= span:
            return span
    return SPANS[-1]


def width_of(flow: float, largest: float, span: int) -> float:
    """Return the width of an arrow."""
    if flow == 0.0:
        return IDLE
    if not math.isfinite(flow):
        return THICK
    step = (math.log10(largest) - math.log10(abs(flow))) / span
    return width_at(step) if step < 1.0 else THIN


def width_at(step: float) -> float:
    """Return the width at a place between THICK, 0, and THIN, 1."""
    return THICK - (THICK - THIN) * step


def flow_at(step: float, largest: float, span: int) -> float:
    """Return the size of a flow whose arrow has the width at that place."""
    return largest / math.pow(10.0, span * step)
