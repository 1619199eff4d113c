"""What the tests of the promises about numbers share: floats to try, bits, values with gradients, outcomes."""

import math

from autograd import Value
from autograd.ops import TABLE

INF, NAN = math.inf, math.nan
LARGEST, SMALLEST = 1.7976931348623157e308, 5e-324
FLOATS = [
    *(NAN, INF, -INF, 0.0, -0.0, SMALLEST, -SMALLEST, 2.2250738585072014e-308, LARGEST, -LARGEST, 1e-300, -1e-300),
    *(1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 3.0, -3.0, math.nextafter(1.0, 2.0), math.nextafter(1.0, 0.0), 1e16, 0.1),
    *(709.782712893384, 709.8, 710.0, 711.0, -745.2, -746.0, 171.6, 172.0, 1023.9, 1024.0, -1075.0),
]
WHOLE = ["floor", "ceil", "trunc"]  # ints in `math`
AS_MATH = [name for name, row in TABLE.items() if hasattr(math, name) and not row.variadic and name not in ("pow", *WHOLE)]


def bits(x):
    """A float as text that differs wherever two floats differ, be it in the sign of a zero."""
    assert type(x) is float
    return x.hex()


def same(x, expected):
    """Equal numbers or both NaN; the sign of a zero gradient is not promised."""
    return x == expected or (math.isnan(x) and math.isnan(expected))


def value_and_gradient(function, *points):
    """What the function gives on nodes at these points, and ∂/∂ each of them."""
    nodes = [Value(x) for x in points]
    y = function(*nodes)
    y.backward()
    return y.data, tuple(node.grad for node in nodes)


def gradient(function, *points):
    return value_and_gradient(function, *points)[1]


def outcome(function, *arguments):
    """The bits of a result, or the built-in exception it raises."""
    builtin = (ValueError, ZeroDivisionError, OverflowError, TypeError)
    try:
        y = function(*arguments)
    except builtin as error:
        return next(kind for kind in builtin if isinstance(error, kind))
    return bits(float(y.data if isinstance(y, Value) else y))
