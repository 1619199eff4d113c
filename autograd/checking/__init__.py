"""Checks of derivatives against methods that fail differently: forward mode, the complex step, extrapolated differences.

    >>> check_grad(lambda x: x * x + x, 3.0, order=1)
    derivative | at | reverse | forward | complex step | differences | ± error | verdict
    ∂f/∂x      | 3  | 7       | 7       | 7            | 7           | 3.9e-13 | agree

    reverse       ∂f/∂x by `backward`, ∂²f/∂x∂y by `hessian`: the derivative that is checked
    forward       dual numbers, through the same rows: detects wrong sums of `backward`, not a wrong rule
    complex step  Im f(x + ih)/h: no rule of differentiation and no cancellation; f must be analytic
    differences   (f(x + h) − f(x − h))/2h, extrapolated to h = 0, with an error estimate

Two derivatives agree if rounding along the graph and the estimated error explain their difference. A row with the verdict
`agree` distinguishes a right rule from one that is wrong by one part in a million. If no outside oracle is that sharp, the verdict
is `unseen`, which is not ok. At a kink the verdict is `kink` if differences on each side prove it to be one and the answer lies
between them; `autograd.checking.judgement` has the rules.

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

__all__ = ["Comparison", "Complex", "GradientCheck", "GradientError", "Judgement", "Oracles", "StepSweep"]
__all__ += ["check_grad", "compare_oracles", "step_sweep"]

RTOL = 1e-8  # allowed difference relative to the larger derivative, beyond the known errors


def check_grad(f: Callable[..., Any], *x: Any, order: int = 2, rtol: float = RTOL, raise_exception: bool = False) -> GradientCheck:
    """Check the derivatives of f at x, of first and (with order=2) second order, against every oracle that applies.

    Arguments are numbers, or structures of them, as for `grad`; f returns one number. f is called on nodes and on floats, with
    equal results, and more than once. `rtol` is the allowed difference beyond rounding and the oracles' own errors. With
    `raise_exception`, a check that is not ok raises a GradientError.

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
        is_wrong = any(entry.verdict == "wrong" for entry in check.entries)
        found = "is contradicted by its oracles" if is_wrong else "was seen by no oracle"
        raise GradientError(f"a derivative of {getattr(f, '__name__', None) or type(f).__name__} {found}:\n{check}")
    return check


def compare_oracles(f: Callable[..., Any], *x: Any, order: int = 1) -> Comparison:
    """Return the derivatives of f at x by reverse mode, forward mode, complex step and differences, side by side.

    >>> (row,) = compare_oracles(lambda x: x**3, 2.0).rows
    >>> row.reverse, row.forward, round(row.complex_step, 9), round(row.differences, 9)
    (12.0, 12.0, 12.0, 12.0)
    """
    return Comparison([question.oracles for question in examined(f, x, order, "compare_oracles")[1]])
