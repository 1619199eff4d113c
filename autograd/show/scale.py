"""The widths of arrows by what flows along them: logarithmic, so that a gradient that vanishes is seen to, layer by layer.

    >>> scale = Scale.of([2.0, -0.02, 0.0])
    >>> [scale.width(flow) for flow in (2.0, 0.2, 0.02, 0.0)]
    [5.0, 3.0, 1.0, 0.8]
    >>> scale.marks()
    [(5.0, 2.0), (3.0, 0.2), (1.0, 0.02)]

A page computes the same, in `drawFlows`, from SPANS and the widths here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["IDLE", "SPANS", "THICK", "THIN", "Scale"]

IDLE, THIN, THICK = 0.8, 1.0, 5.0  # of no flow, of the smallest and of the largest
SPANS = (1, 2, 4, 8)  # decades from THICK to THIN; the first into which all fit, else the last: what is smaller is thin too


class Scale(NamedTuple):
    """The largest flow, and the decades below it at which an arrow is thin."""

    largest: float
    span: int

    @classmethod
    def of(cls, flows: Iterable[float | None]) -> Scale:
        """Return the scale of these flows; None, zeros, infinities and NaN do not count."""
        sizes = [abs(flow) for flow in flows if flow and math.isfinite(flow)]
        if not sizes:
            return cls(0.0, SPANS[0])
        decades = _decades(max(sizes), min(sizes))
        return cls(max(sizes), next((span for span in SPANS if decades <= span), SPANS[-1]))

    def width(self, flow: float | None) -> float:
        """Return the width in points or pixels."""
        if not flow:
            return IDLE
        if not math.isfinite(flow):
            return THICK
        return max(THIN, THICK - (THICK - THIN) * _decades(self.largest, abs(flow)) / self.span)

    def marks(self) -> list[tuple[float, float]]:
        """Return widths for a legend, each with its flow: the largest, the middle, the smallest; [] where nothing flows."""
        steps = (0.0, 0.5, 1.0) if self.largest else ()
        return [(THICK - (THICK - THIN) * step, self.largest / 10.0 ** (self.span * step)) for step in steps]


def _decades(larger: float, smaller: float) -> float:
    return math.log10(larger) - math.log10(smaller)
