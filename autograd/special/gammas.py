"""The logarithm of the gamma function and its derivatives, exact at their roots too."""

from __future__ import annotations

import math

from autograd.special.arithmetic import INF, exact_sum

# Where log|Γ| or ψ is known to be y₀, nearly always 0: (x₀, what x₀ as a float lacks, y₀), from right to left; there the general
# formulas keep no relative accuracy. And ζ(m) − 1 for m = 2, 3, …, the Taylor coefficients about 2 of both.
# fmt: off
_LGAMMA_KNOWN = (
    (2.0, 0.0, 0.0), (1.0, 0.0, 0.0), (-0.5, 0.0, 1.2655121234846454), (-1.5, 0.0, 0.8600470153764810),
    (-2.4570247382208006, -3.7075610815513266e-17, 0.0), (-2.7476826467274127, 9.055340329338315e-17, 0.0),
    (-3.14358088834998, -2.1818179852331714e-16, 0.0), (-3.955294284858598, -1.999428391746348e-17, 0.0),
    (-4.039361839740537, 2.1143995503980602e-16, 0.0), (-4.991544640560048, 1.5174411760571722e-16, 0.0),
    (-5.0082181683225935, -4.3926353491015815e-17, 0.0), (-5.998607480080875, -3.311862478893795e-16, 0.0),
    (-6.001385294453155, 6.415847287933042e-17, 0.0), (-6.999801507890638, 1.0550130037400023e-17, 0.0),
    (-7.000198333407325, 2.504354173632409e-16, 0.0), (-7.999975197095821, -5.261737128572354e-17, 0.0),
    (-8.000024800270682, -4.354586297860107e-16, 0.0), (-8.999997244250977, -2.2185620509727132e-16, 0.0),
    (-9.000002755714823, -9.491348611623208e-17, 0.0), (-9.99999972442663, 4.883037618642443e-16, 0.0),
    (-10.000000275573013, -3.4909708332642057e-16, 0.0), (-10.99999997494789, 1.9843998306985407e-16, 0.0),
    (-11.000000025052106, -6.850849812286175e-16, 0.0), (-11.999999997912324, -1.0020693920103036e-16, 0.0),
)
_DIGAMMA_ROOTS = (
    (1.4616321449683622, 9.549995429965697e-17), (-0.5040830082644554, -8.15428206243813e-18),
    (-1.5734984731623904, -1.574185691077347e-17), (-2.6107208684441447, 9.881960746978353e-17),
    (-3.635293366436901, 5.454396163173039e-17), (-4.653237761743142, -2.5492686201468193e-16),
    (-5.6671624415568855, -3.2153051074948335e-18), (-6.678418213073427, 3.470798723495241e-16),
    (-7.687788325031626, -1.351562494643672e-16), (-8.695764163816401, -3.2859903716289447e-16),
    (-9.702672540001863, -3.2563178405401477e-16), (-10.708740838254144, -6.287211750540301e-16),
    (-11.714133061228955, 8.598250154343834e-16),
)
_ZETA_LESS_ONE = (
    0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914, 0.008349277381922827,
    0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645, 0.0002460865533080483,
    0.00012271334757848915, 6.124813505870483e-05, 3.058823630702049e-05, 1.528225940865187e-05, 7.637197637899763e-06,
    3.81729326499984e-06, 1.908212716553939e-06, 9.539620338727962e-07, 4.769329867878064e-07, 2.38450502727733e-07,
    1.1921992596531106e-07, 5.960818905125948e-08, 2.980350351465228e-08, 1.4901554828365043e-08, 7.45071178983543e-09,
    3.725334024788457e-09, 1.862659723513049e-09, 9.313274324196682e-10, 4.656629065033784e-10, 2.3283118336765053e-10,
    1.164155017270052e-10, 5.820772087902701e-11, 2.9103850444971e-11, 1.4551921891041985e-11, 7.275959835057482e-12,
    3.637979547378651e-12, 1.818989650307066e-12, 9.094947840263888e-13, 4.547473783042154e-13,
)
ONE_LESS_EULER = 0.42278433509846713  # 1 − γ
_BERNOULLI = (1/6, -1/30, 1/42, -1/30, 5/66, -691/2730, 7/6, -3617/510, 43867/798, -174611/330)  # B₂, B₄, ...


# fmt: on


def lgamma(x: float) -> float:
    """log|Γ(x)| as `math` has it, but where that has lost more than a digit, near its zeros from −12 on.

    There it is the difference from the nearest x₀ at which log|Γ| is known. By the recurrence Γ(x) = Γ(x + n)/Π(x + k) that is
    −Σ log((x + k)/(x₀ + k)), each of them accurate, and a Taylor series about 2 for the rest.
    """
    y = math.lgamma(x)
    if not (-12.0 < x < 2.75 and abs(y) < (8.0 if x < 0.0 else 1.25)):
        return y
    at, low, known = _LGAMMA_KNOWN[0]
    for candidate, candidate_low, candidate_known in _LGAMMA_KNOWN:
        if abs(x - candidate) < abs(x - at) and _same_side(x, candidate):
            at, low, known = candidate, candidate_low, candidate_known
    shift, d = round(2.0 - (x if x < 0.0 else at)), (x - at) - low
    terms = [known, ONE_LESS_EULER * d]
    for k in range(shift):
        below = (at + k) + low
        terms.append(-math.log1p(d / below) if abs(d) < 0.5 * abs(below) else -math.log((x + k) / below))
    before = (at + shift - 2.0) + low
    now, power, ratio = before + d, before, 1.0  # ratio = (nowᵐ − beforeᵐ)/d
    for m, zeta in enumerate(_ZETA_LESS_ONE, 2):
        ratio = ratio * now + power
        terms.append((-zeta if m % 2 else zeta) / m * ratio * d)
        power *= before
    exact = math.fsum(terms)
    return y if abs(y - exact) <= 2.0 * math.ulp(exact) else exact


def _same_side(x: float, other: float) -> bool:
    """Whether no pole of Γ is between the two."""
    return (x > 0.0 and other > 0.0) or math.floor(x) == math.floor(other)


def _digamma_near(x: float, root: float, low: float) -> float:
    """ψ(x) within ¼ of a root, as ψ(x) − ψ(root): by the recurrence, and the Taylor series about 2 for the rest."""
    d, shift = (x - root) - low, round(2.0 - root)
    terms = [1.0 / ((x + k) * ((root + k) + low)) for k in range(shift)]
    before = (root + shift - 2.0) + low
    now, power, ratio = before + d, 1.0, 0.0  # ratio = (nowᵐ⁻¹ − beforeᵐ⁻¹)/d
    for m, zeta in enumerate(_ZETA_LESS_ONE, 2):
        ratio = ratio * now + power
        terms.append((-zeta if m % 2 else zeta) * ratio)
        power *= before
    return d * math.fsum(terms)


def digamma(x: float) -> float:
    """ψ(x) = Γ′(x)/Γ(x): asymptotic series above 12, recurrence below, reflection left of 0, differences from its roots."""
    if x != x or x == INF:
        return x
    if x <= 0.0:
        if x == -INF or x == math.floor(x):
            raise ValueError("pole of digamma")
        if x > -1e-3:
            return digamma(1.0 + x) - 1.0 / x
    for root, low in _DIGAMMA_ROOTS:
        if abs(x - root) < 0.25:
            return _digamma_near(x, root, low)
    if x < 0.0:
        return digamma(1.0 - x) - math.pi * _cot_pi(x)[0]
    shifted: list[float] = []
    while x < 12.0:
        shifted.append(-1.0 / x)
        x += 1.0
    r = 1.0 / x
    series, square = 0.0, r * r
    for k in range(7, 0, -1):
        series = (series + _BERNOULLI[k - 1] / (2 * k)) * square
    return math.fsum((math.log(x), -0.5 * r, -series, *shifted))


def polygamma(x: float, *, n: int) -> float:
    """ψ⁽ⁿ⁾(x), n ≥ 0: asymptotic series from 16 + n, recurrence below, reflection left of 0; 151 is for the slope of n = 150."""
    if n < 0 or n > 151:
        raise ValueError(f"n = {n} is outside 0 to 150, the orders whose factorials are floats; choose a lower order")
    if n == 0:
        return digamma(x)
    if x != x:
        return x
    sign_n = -1.0 if n % 2 == 0 else 1.0  # (−1)ⁿ⁺¹
    if x == INF:
        return 0.0
    if x <= 0.0:
        if x == -INF or x == math.floor(x):
            raise ValueError("pole of polygamma")
        if x > -0.25:  # by the recurrence, in which nothing overflows but the result
            return polygamma(1.0 + x, n=n) + sign_n * math.factorial(n) * _inverse_power(x, n + 1)
        return -sign_n * polygamma(1.0 - x, n=n) - math.pi ** (n + 1) * _cot_pi(x, n)[n]
    factorial = math.factorial(n)
    terms: list[float] = []
    while x < 16.0 + n:
        terms.append(factorial * _inverse_power(x, n + 1))
        x += 1.0
    terms.append(math.factorial(n - 1) * _inverse_power(x, n))
    terms.append(0.5 * factorial * _inverse_power(x, n + 1))
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        terms.append(bernoulli * (math.factorial(2 * k + n - 1) / math.factorial(2 * k)) * _inverse_power(x, 2 * k + n))
    return sign_n * exact_sum(terms)


def _inverse_power(x: float, n: int) -> float:
    """x⁻ⁿ by products: overflows to inf where `**` raises."""
    r, total = 1.0 / x, 1.0
    for _ in range(n):
        total *= r
    return total


def _cot_pi(x: float, n: int = 0) -> list[float]:
    """cot(πx) and its derivatives with respect to πx, by c′ = −(1 + c²); the reduction of x is exact."""
    r = x - round(x)
    near = abs(r) < 0.25  # beyond, where c is small, it is the tangent of what is missing to ½
    c = 1.0 / math.tan(math.pi * r) if near else math.copysign(math.tan(math.pi * (0.5 - abs(r))), r)
    polynomial, values = [0.0, 1.0], [c]  # coefficients of powers of c
    for _ in range(n):
        derived = [0.0] * (len(polynomial) + 1)
        for power_of_c, coefficient in enumerate(polynomial):
            if power_of_c:
                derived[power_of_c - 1] -= power_of_c * coefficient
                derived[power_of_c + 1] -= power_of_c * coefficient
        polynomial, total = derived, 0.0
        for coefficient in reversed(polynomial):
            total = total * c + coefficient
        values.append(total)
    return values
