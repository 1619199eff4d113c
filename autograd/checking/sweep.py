"""The error of difference quotients against the step: the V-shaped curve of every text on numerical derivatives.

Start reading at `step_sweep`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, final

from autograd.checking.complex_step import complex_slope
from autograd.checking.oracles import FirstOrder
from autograd.errors import MissingExtraError, OperandError
from autograd.ops import number
from autograd.text.numbers import scientific
from autograd.text.tables import aligned

__all__ = ["StepSweep", "Sweep", "step_sweep"]


class Sweep(NamedTuple):
    """The relative errors at one step; None where f has no value, or the complex step does not apply."""

    step: float
    forward: float | None  # (f(x + h) − f(x))/h
    central: float | None  # (f(x + h) − f(x − h))/2h
    complex_step: float | None  # Im f(x + ih)/h


@final
class StepSweep:
    """Error against step size, as `.table()` and `.plot()`."""

    def __init__(self, derivative: float, rows: Sequence[Sweep]) -> None:
        self.derivative, self.rows = derivative, tuple(rows)

    def best(self, name: str) -> Sweep:
        """Return the row with the smallest error of one method: 'forward', 'central' or 'complex_step'."""
        measured = [row for row in self.rows if getattr(row, name) is not None]
        if not measured:
            raise OperandError(f"best({name!r}): that method has no derivative here; see .table() for those that have")
        return min(measured, key=lambda row: float(getattr(row, name)))

    def table(self) -> str:
        """Return one row for each step, the relative errors in columns."""
        headings = ("step h", "forward difference", "central difference", "complex step")
        rows = [(scientific(row.step, 1), *("n/a" if e is None else scientific(e) for e in row[1:])) for row in self.rows]
        return "\n".join(aligned([headings, *rows], " | "))

    __str__ = __repr__ = table

    def plot(self, ax: Any = None) -> Any:
        """Plot the curves on logarithmic axes of matplotlib, and return the axes. An error of 0 is drawn at 10⁻¹⁷."""
        if ax is None:
            try:
                pyplot = importlib.import_module("matplotlib.pyplot")
            except ImportError:
                raise MissingExtraError("matplotlib", "plot") from None
            ax = pyplot.subplots()[1]
        for name, marker in (("forward", "o"), ("central", "s"), ("complex_step", "^")):
            points = [(row.step, max(error, 1e-17)) for row in self.rows if (error := getattr(row, name)) is not None]
            if points:
                steps, errors = zip(*points, strict=True)
                ax.loglog(steps, errors, marker=marker, markersize=4, label=name.replace("_", " "))
        ax.set_xlabel("step h")
        ax.set_ylabel("relative error of the derivative")
        ax.legend()
        return ax


def step_sweep(f: Callable[..., Any], x: float, steps: Sequence[float] | None = None) -> StepSweep:
    """Return the errors of forward difference, central difference and complex step, relative to reverse mode.

    With a smaller step the truncation error falls and the rounding error of f is divided by a smaller number: the errors of the
    differences fall like h and h², then rise like ε/h, a V with its minimum near h = √ε and h = ∛ε. The complex step subtracts
    nothing, so its error does not rise. `steps` are 10⁰ … 10⁻¹⁶ by default.

    >>> from autograd.ops import exp
    >>> sweep = step_sweep(exp, 1.0)
    >>> [sweep.best(name).step for name in ("forward", "central")]
    [1e-08, 1e-05]
    """
    order = FirstOrder(lambda inputs: f(*inputs), [number(x)])
    derivative = order.reverse[0]
    unit = abs(derivative) or 1.0
    here = order.value([order.point[0]])
    rows = []
    for step in steps or [10.0**-k for k in range(17)]:
        at = order.point[0]
        above, below = order.value([at + step]), order.value([at - step])
        by_complex = complex_slope(order.f, order.point, 0, step)
        slopes = (
            None if above is None or here is None else (above - here) / step,
            None if above is None or below is None else (above - below) / (2.0 * step),
            by_complex,
        )
        rows.append(Sweep(step, *(None if slope is None else abs(slope - derivative) / unit for slope in slopes)))
    return StepSweep(derivative, rows)
