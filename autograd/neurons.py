"""What keeps a neuron from learning, as its activation says it: a closed gate, or a slope that is next to nothing.

`nn.health` asks over many examples, a picture of what it draws.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from autograd.calls import NO_PARAMETERS
from autograd.errors import AutogradError
from autograd.operation import Op

__all__ = ["FADED", "MOSTLY", "is_flat", "steepest_slope"]

SATURATED = 0.05  # of the steepest slope: below it a neuron hardly learns (|tanh| > 0.975, sigmoid < 0.013 or > 0.987)
MOSTLY = 0.9  # of the examples
FADED = 1e-3  # of the deltas of the last layer, below which a layer's have vanished; above the inverse they explode


def is_flat(slope: float, is_open: bool, steepest: float) -> bool:
    """Return whether an S-shaped function, whose slope at 0 has the size `steepest`, hardly changes here."""
    return steepest > 0.0 and (not is_open or abs(slope) < SATURATED * steepest)


def steepest_slope(activation: Op, parameters: Mapping[str, Any] = NO_PARAMETERS) -> float:
    """Return the size of the slope at 0 of an S-shaped function of one operand, 0 for any other.

    A function is S-shaped if it saturates on both sides: its limits at ±∞ are finite and differ, and 0 is half-way between.

    >>> from autograd.ops import relu, sigmoid
    >>> steepest_slope(sigmoid), steepest_slope(relu)
    (0.25, 0.0)
    """
    if activation.variadic or len(activation.operands) != 1:
        return 0.0
    try:
        low, middle, high = [activation.evaluate((x,), parameters) for x in (-math.inf, 0.0, math.inf)]
        (slope,) = activation.local_derivatives((0.0,), middle, parameters)
    except (AutogradError, ValueError, ArithmeticError):
        return 0.0  # not defined everywhere
    is_between = low != high and math.isclose(low / 2 + high / 2, middle, rel_tol=1e-9, abs_tol=1e-9)
    return abs(slope) if is_between and slope is not None and math.isfinite(slope) else 0.0
