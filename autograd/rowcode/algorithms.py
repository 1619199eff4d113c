"""Algorithms of Python's math and operators that no target's library has, in Python: the reader reads these functions instead.

Each gives the bits that Python gives, where the target's exp, log, pow, sin and cos do, as
`tests/rowcode/test_algorithms.py` checks.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable
from typing import Any

from autograd import special
from autograd.rowcode.form import FLOAT, WHOLE
from autograd.special import INF, NAN, power, scaled, two_product

# ------------------------------------------------------------------------------------------------------ operators, sequences


def modulo(a: float, b: float) -> float:
    """a % b."""
    if b == 0.0:
        raise ZeroDivisionError("float modulo")
    rest = math.fmod(a, b) if abs(a) < INF else NAN
    if rest == 0.0:
        return math.copysign(0.0, b)
    return rest + b if (rest < 0.0) != (b < 0.0) else rest


def floor_divide(a: float, b: float) -> float:
    """a // b."""
    if b == 0.0:
        raise ZeroDivisionError("float floor division by zero")
    rest = math.fmod(a, b) if abs(a) < INF else NAN
    quotient = (a - rest) / b
    if rest != 0.0 and (rest < 0.0) != (b < 0.0):
        quotient -= 1.0
    if quotient == 0.0 or not abs(quotient) < INF:
        return quotient if quotient else math.copysign(0.0, a / b)
    below = float(math.floor(quotient))
    return below + 1.0 if quotient - below > 0.5 else below


def modulo_whole(a: int, b: int) -> int:
    """a % b, exact below 2⁵³."""
    return a - b * math.floor(a / b)


def greater(a: float, b: float) -> float:
    """max(a, b)."""
    return b if b > a else a


def greatest(xs: tuple[float, ...]) -> float:
    """max(xs)."""
    best = xs[0]
    for x in xs:
        best = greater(best, x)
    return best


def count_of(truths: tuple[bool, ...]) -> int:
    """The number of those that are true."""
    count = 0
    for x in truths:
        count += 1 if x else 0
    return count


def sum_from_the_left(xs: tuple[float, ...]) -> float:
    """sum(xs) as Python's is before version 3.12."""
    total = 0.0
    for x in xs:
        total += x
    return total


def two_sum(a: float, b: float) -> tuple[float, float]:
    """(s, e) with s + e = a + b exactly (Knuth)."""
    s = a + b
    back = s - a
    return s, (a - (s - back)) + (b - back)


def sum_with_errors(xs: tuple[float, ...]) -> float:
    """sum(xs) as Python's is from version 3.12 on."""
    total, lost = 0.0, 0.0
    for x in xs:
        total, error = two_sum(total, x)
        lost += error
    return total + lost if abs(lost) < INF else total


def product(xs: tuple[float, ...]) -> float:
    """math.prod(xs)."""
    total = 1.0
    for x in xs:
        total *= x
    return total


def quick_fsum(xs: tuple[float, ...]) -> float:
    """The sum, rounded once: a plain sum and the sum of its errors, where what the latter loses cannot change the rounding."""
    high, low, lost = 0.0, 0.0, 0.0
    for x in xs:
        high, error = two_sum(high, x)
        low, error = two_sum(low, error)
        lost += abs(error)
    high, rest = two_sum(high, low)
    slack = 2.0 * lost + 2.0**-51 * abs(rest) if lost > 0.0 else lost  # the exact sum is high + rest ± slack; NaN or inf fail
    return high if high + (rest - slack) == high and high + (rest + slack) == high else fsum(xs)


def fsum(xs: tuple[float, ...]) -> float:
    """The sum, rounded once (Shewchuk 1997): partial sums that do not overlap; at the end the next one decides a tie."""
    partials, count, special, infinite = [0.0] * (len(xs) + 1), 0, 0.0, 0.0
    for given in xs:
        x, kept = given, 0
        for j in range(count):
            x, low = two_sum(x, partials[j])
            if low != 0.0:
                partials[kept] = low
                kept += 1
        count = kept
        if not abs(x) < INF:
            if abs(given) < INF:
                raise OverflowError("intermediate overflow in fsum")
            special, infinite, count = special + given, infinite + given if given == given else infinite, 0
        elif x != 0.0:
            partials[count] = x
            count += 1
    if special != 0.0:
        if infinite != infinite:
            raise ValueError("-inf + inf in fsum")
        return special
    total, rest = 0.0, 0.0
    while count > 0 and rest == 0.0:
        count -= 1
        total, rest = two_sum(total, partials[count])
    if count > 0 and (rest < 0.0) == (partials[count - 1] < 0.0):
        twice = 2.0 * rest
        if (total + twice) - total == twice:
            return total + twice
    return total


# ----------------------------------------------------------------------------------------------------------------- module math


def degrees(x: float) -> float:
    """An angle in radians, in degrees."""
    return x * (180.0 / math.pi)


def radians(x: float) -> float:
    """An angle in degrees, in radians."""
    return x * (math.pi / 180.0)


def ulp(x: float) -> float:
    """The unit in the last place of x."""
    exponent = math.frexp(x)[1] - 53
    return abs(x) if not abs(x) < INF else math.ldexp(1.0, exponent if exponent > -1074 and x != 0.0 else -1074)


def hypot(a: float, b: float) -> float:
    """√(a² + b²): the exact errors of the squares, of their sum and of the root correct the root once."""
    a, b = abs(a), abs(b)
    if a == INF or b == INF:
        return INF
    if a != a or b != b:
        return NAN
    most, less = (a, b) if a > b else (b, a)
    if less == 0.0:
        return most
    exponent = math.frexp(most)[1]
    exponent = exponent if exponent > -1000 else -1000
    x, y = math.ldexp(most, -exponent), math.ldexp(less, -exponent)
    (xx, xx_low), (yy, yy_low) = two_product(x, x), two_product(y, y)
    s = xx + yy
    h = math.sqrt(s)
    hh, hh_low = two_product(h, h)
    low = (xx_low + yy_low) + (yy - (s - xx))
    return scaled(h + ((s - hh) - hh_low + low) / (2.0 * h), exponent)


_FACTORIALS = tuple([float(math.factorial(n)) for n in range(171)])


def factorial(n: int) -> float:
    """n!, as a float."""
    if n < 0:
        raise ValueError("factorial() not defined for negative values")
    if n > 170:
        raise OverflowError("math range error")
    return _FACTORIALS[n]


# gamma and lgamma by Lanczos's sum, with the coefficients and in the order of CPython's Modules/mathmodule.c,
# Copyright (c) 2001 Python Software Foundation; All Rights Reserved. Used under the PSF License Agreement.
_G = 6.024680040776729583740234375
_ABOVE = (
    23531376880.410759688572007674451636754734846804940, 42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843, 17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708, 1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801, 31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768, 186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138216518325024, 210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
)  # fmt: skip
_BELOW = (
    0.0, 39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0, 2637558.0, 357423.0, 32670.0, 1925.0, 66.0, 1.0,
)  # fmt: skip
_LOG_PI = 1.144729885849400174143427351353058711647


def _lanczos(x: float) -> float:
    """The quotient of two polynomials in x, from the end where it neither overflows nor loses digits."""
    above, below = 0.0, 0.0
    if x < 5.0:
        for p, q in zip(reversed(_ABOVE), reversed(_BELOW), strict=True):
            above = above * x + p
            below = below * x + q
    else:
        for p, q in zip(_ABOVE, _BELOW, strict=True):
            above = above / x + p
            below = below / x + q
    return above / below


def _sin_pi(x: float) -> float:
    """sin(πx) for x ≥ 0, reduced first."""
    y = math.fmod(x, 2.0)
    if y < 0.25:
        return math.sin(math.pi * y)
    if y < 0.75:
        return math.cos(math.pi * (y - 0.5))
    if y < 1.25:
        return math.sin(math.pi * (1.0 - y))
    return -math.cos(math.pi * (y - 1.5)) if y < 1.75 else math.sin(math.pi * (y - 2.0))


def gamma(x: float) -> float:
    """Γ(x)."""
    size = abs(x)
    if x == -INF or (x <= 0.0 and x == math.floor(x)):
        raise ValueError("math domain error")
    if not size < INF:
        return x
    if x == math.floor(x) and x <= 23.0:
        return factorial(math.trunc(x) - 1)
    if size < 1e-20:
        return _finite(1.0 / x)
    if size > 200.0:
        return math.copysign(0.0, -_sin_pi(size)) if x < 0.0 else _finite(INF)
    y = size + (_G - 0.5)
    lost = (y - size) - (_G - 0.5) if size > _G - 0.5 else (y - (_G - 0.5)) - size
    z = lost * _G / y
    r = -math.pi / _sin_pi(size) / size * math.exp(y) / _lanczos(size) if x < 0.0 else _lanczos(size) / math.exp(y)
    r = r - z * r if x < 0.0 else r + z * r
    if size < 140.0:
        power = math.pow(y, size - 0.5)
        return _finite(r / power if x < 0.0 else r * power)
    root = math.pow(y, size / 2.0 - 0.25)  # the power itself would overflow where the result does not
    return _finite(r / root / root if x < 0.0 else r * root * root)


def _finite(x: float) -> float:
    if abs(x) == INF:
        raise OverflowError("math range error")
    return x


def lgamma(x: float) -> float:
    """log|Γ(x)|."""
    size = abs(x)
    if not size < INF:
        return x if x != x else INF
    if x == math.floor(x) and x <= 2.0:
        if x <= 0.0:
            raise ValueError("math domain error")
        return 0.0
    if size < 1e-20:
        return -fine_log(size)
    r = fine_log(_lanczos(size)) - _G
    r += (size - 0.5) * (fine_log(size + _G - 0.5) - 1.0)
    return _finite(_LOG_PI - fine_log(abs(_sin_pi(size))) - fine_log(size) - r if x < 0.0 else r)


def fine_log(x: float) -> float:
    """log x, x > 0, to the last digit, where a target's own log is not: 2·artanh((m − 1)/(m + 1)) + e·log 2, x = m·2ᵉ."""
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m, e = 2.0 * m, e - 1
    below = m + 1.0
    s = (m - 1.0) / below
    p, error = two_product(s, below)
    low = (m - 1.0 - p - error - s * (m - (below - 1.0))) / below
    rest = 0.0
    for k in range(25, 1, -2):
        rest = (rest + 2.0 / k) * s * s
    return fsum((e * 0.6931471806019545, e * -4.2009150726810846e-11, 2.0 * s, 2.0 * low, rest * s))


# A number between 0 and 2²² as its digits to base 2²²: first the whole number, then the digits after the point.
_BASE = 2.0**22


def exponentials_less_one(xs: tuple[float, ...]) -> float:
    """Σ exp(xᵢ) − 1 of negative numbers, rounded once, however far it cancels: as `special` has it, without its large integers."""
    places = (288 - math.frexp(greatest(xs))[1]) // 22 + 4  # after the point, three of which rounding may spoil
    parts = [-(2.0**600)]
    for x in xs:
        if x > -22.0 * places:
            for place, digit in enumerate(_exponential(-x, places)):
                parts.append(math.ldexp(digit, 600 - 22 * place))
    return math.ldexp(fsum(tuple(parts)), -600)


def _exponential(x: float, places: int) -> list[float]:
    """exp(−x), x ≥ 0: the Taylor series of exp(−x/256), squared eight times."""
    t, term, total = _divided([x] + [0.0] * places, 256), [1.0] + [0.0] * places, [0.0] * (places + 1)
    sign, k = 1.0, 0
    while max(term) > 0.0:
        total = [a + sign * b for a, b in zip(total, term, strict=True)]
        sign, k = -sign, k + 1
        term = _divided(_times(term, t), k)
    total = _carried(total)
    for _ in range(8):
        total = _times(total, total)
    return total


def _divided(a: list[float], k: int) -> list[float]:
    """a/k, digit by digit."""
    over = 0.0
    for i in range(len(a)):
        over = over * _BASE + a[i]
        a[i] = float(math.floor(over / k))
        over -= a[i] * k
    return a


def _times(a: list[float], b: list[float]) -> list[float]:
    """a·b, but for what is beyond the last digit."""
    found = [0.0] * len(a)
    for i in range(len(a)):
        for j in range(len(a) - i):
            found[i + j] += a[i] * b[j]
    return _carried(found)


def _carried(a: list[float]) -> list[float]:
    """The same number with digits from 0 to 2²² − 1."""
    for i in range(len(a) - 1, 0, -1):
        over = float(math.floor(a[i] / _BASE))
        a[i] -= over * _BASE
        a[i - 1] += over
    return a


ALGORITHMS: dict[Callable[..., Any], Callable[..., Any]] = {
    builtins.sum: sum_from_the_left if sys.version_info < (3, 12) else sum_with_errors,
    math.prod: product, math.fsum: fsum, math.degrees: degrees, math.radians: radians,
    math.ulp: ulp, math.hypot: hypot, math.factorial: factorial, math.gamma: gamma, math.lgamma: lgamma, fine_log: math.log,
    special.exponentials_less_one: exponentials_less_one,
}  # fmt: skip
"""By the function of Python: what is read in its place, for a target whose log is Python's."""
OPERATORS = {
    ("**", FLOAT): power, ("%", FLOAT): modulo, ("%", WHOLE): modulo_whole, ("//", FLOAT): floor_divide,
}  # fmt: skip
