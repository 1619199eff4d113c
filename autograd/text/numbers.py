"""Numbers as text: the one place where a float is written for a picture, a sentence, a table or a formula.

    >>> short(1 / 3), short(-123456.7), exact(-1e-9), scientific(1e-9)
    ('0.3333', '−1.235e5', '-1e-9', '1.0e-9')

`short` is for readers and writes the minus sign of books, U+2212; `exact` is for programs. Exponents have neither a plus sign nor
leading zeros. The pages' `short` in JavaScript writes the same text; a test compares them.
"""

from __future__ import annotations

import math

__all__ = ["MINUS", "exact", "is_whole", "rounded", "scientific", "short"]

MINUS = "\N{MINUS SIGN}"


def short(x: float, digits: int = 4, *, zeros: bool = False) -> str:
    """Return x in so many significant digits, a whole number up to a million in full; `zeros` keeps zeros at the end.

    >>> short(2.0), short(-0.0), short(999_999.0), short(1 / 3, 2), short(0.5, zeros=True), short(math.nan)
    ('2', '−0', '999999', '0.33', '0.5000', 'nan')
    """
    text = f"{x:.0f}" if not zeros and _is_short(x) else _with_short_exponent(f"{x:{'#' * zeros}.{digits}g}")
    return text.replace("-", MINUS)


def rounded(x: float) -> float:
    """Return the number that `short` writes.

    >>> rounded(1 / 3), rounded(-123_456.0)
    (0.3333, -123456.0)
    """
    return x if _is_short(x) else float(f"{x:.4g}")


def _is_short(x: float) -> bool:
    return abs(x) < 1e6 and x == int(x)


def exact(x: float) -> str:
    """Return the shortest text that reads back as x; a whole number below 1e16 has no point, except −0.0.

    >>> exact(2.0), exact(-0.0), exact(0.1), exact(1e22)
    ('2', '-0.0', '0.1', '1e22')
    """
    return str(int(x)) if is_whole(x) else _with_short_exponent(repr(x))


def is_whole(x: float) -> bool:
    """True if `exact` writes x without a point."""
    return abs(x) < 1e16 and x == int(x) and not (x == 0.0 and math.copysign(1.0, x) < 0)


def scientific(x: float, digits: int = 2) -> str:
    """Return x with a power of ten, for columns of errors: 1.2e-9."""
    return _with_short_exponent(f"{x:.{digits - 1}e}")


def _with_short_exponent(text: str) -> str:
    digits, e, exponent = text.partition("e")
    return f"{digits}e{int(exponent)}" if e else digits
