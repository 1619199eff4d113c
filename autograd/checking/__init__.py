"""Derivatives checked against others that fail differently: forward mode, the complex step, extrapolated differences.

    >>> check_grad(lambda x: x * x + x, 3.0, order=1)
    derivative | at | reverse | forward | complex step | differences | ± error | verdict
    ∂f/∂x      | 3  | 7       | 7       | 7            | 7           | 3.9e-13 | agree

    reverse       ∂f/∂x by `backward`, ∂²f/∂x∂y by `hessian`: what is checked
    forward       dual numbers, through the same rows: sees what `backward` accumulates wrongly, not a wrong rule
    complex step  Im f(x + ih)/h: no rule of differentiation and no cancellation; f must be analytic
    differences   (f(x + h) − f(x − h))/2h, extrapolated to h = 0, with an error estimate

Two derivatives agree if their difference is explained by rounding along the graph and by the estimated error. A rule wrong
by one part in a million is distinguished from a right one wherever the row says `agree`. Where no outside oracle sees that
sharply it says `unseen`, which is not ok. At a kink the verdict is `kink` if differences on each side prove it to be one and
the answer lies between them; `autograd.checking.judgement` has the rules.

    >>> print(check_grad(lambda x: x if x < 1 else x + 1, 1.0, order=1))
    derivative | at | reverse | forward | complex step | differences | ± error | verdict
    ∂f/∂x      | 1  | 1       | 1       | 1            | n/a         |         | wrong
    wrong: ∂f/∂x: the function jumps at 1: it is 2 there, and its limit is 1 from the left and 2 from the right

Start reading at `check_grad`, then at `judgement.judged`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.checking.complex_step import Complex
from autograd.checking.judgement import Comparison, GradientCheck, GradientError, Judgement, judged
from autograd.checking.oracles import Oracles, examined
from autograd.checking.sweep import StepSweep, step_sweep

__all__ = [
    "Comparison",
    "Complex",
    "GradientCheck",
    "GradientError",
    "Judgement",
    "Oracles",
    "StepSweep",
    "check_grad",
    "compare_oracles",
    "step_sweep",
]

RTOL = 1e-8  # what derivatives may differ by, relative to the larger, besides the errors that are known


def check_grad(f: Callable[..., Any], *x: Any, order: int = 2, rtol: float = RTOL, raise_exception: bool = False) -> GradientCheck:
    """Check the derivatives of f at x, of first and (with order=2) second order, against every oracle that applies.

    Arguments are numbers, or structures of them, as for `grad`; f gives one number. f is called on nodes and on floats, which
    must give the same, and more than once. `rtol` is what derivatives may differ by beyond rounding and the oracles' own errors.
    With `raise_exception`, what is not ok raises a GradientError.

    >>> check_grad(lambda v: v[0] * v[1], [2.0, 3.0]).ok
    True
    >>> check_grad(abs, 0.0, order=1).kinks
    ('abs at a = 0; the derivative there is 0 by convention',)
    """
    first, questions = examined(f, x, order, "check_grad")
    entries = [judged(question, rtol) for question in questions]
    first.again()
    check = GradientCheck(entries, first.faults)
    if raise_exception and not check.ok:
        found = (
            "is contradicted by its oracles"
            if any(entry.verdict == "wrong" for entry in check.entries)
            else "was seen by no oracle"
        )
        raise GradientError(f"a derivative of {_name_of(f)} {found}:\n{check}")
    return check


def compare_oracles(f: Callable[..., Any], *x: Any, order: int = 1) -> Comparison:
    """The derivatives of f at x by reverse mode, forward mode, complex step and differences, side by side.

    >>> (row,) = compare_oracles(lambda x: x**3, 2.0).rows
    >>> row.reverse, row.forward, round(row.complex_step, 9), round(row.differences, 9)
    (12.0, 12.0, 12.0, 12.0)
    """
    return Comparison([question.oracles for question in examined(f, x, order, "compare_oracles")[1]])


def _name_of(f: Any) -> str:
    return getattr(f, "__name__", None) or type(f).__name__
