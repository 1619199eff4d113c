"""The table of checks: what is asked of an engine, simple things first, and the right answers.

A check has cases, each a program, a question and the right answer, and besides it wrong answers that give a mistake away. Each
program is asked as it stands here, so that a finding shows a small one, and once more with other numbers (`draw`: with another
structure), so that marks are for computing and not for knowing this table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from autograd.examiner.judging import REFUSED, Case, Check, Hung

__all__ = ["CHECKS"]

GRAVE, SERIOUS, SLIGHT = 3, 2, 1  # points lost: wrong gradients in everyday use; a limit, or wrong now and then; at the edge
NOT_OFFERED = (TypeError, AttributeError, AssertionError, NotImplementedError)


def _program(expression: str, at: Mapping[str, float]) -> str:
    leaves = [f"{name} = Value({x!r})" for name, x in at.items()]
    return "\n".join([*leaves, f"y = {expression}"])


def data(
    expression: str,
    expected: Any,
    known: Mapping[Any, str] | None = None,
    tolerance: float = 1e-9,
    draw: Callable[[Random], str] | None = None,
    **at: float,
) -> Case:
    """The value of the expression."""
    return Case(_program(expression, at), "y.data", expected, known or {}, tolerance, draw=draw)


def grad(
    expression: str,
    *expected: float,
    known: Mapping[Any, str] | None = None,
    may_refuse: bool = False,
    draw: Callable[[Random], str] | None = None,
    **at: float,
) -> Case:
    """Its derivatives with respect to the leaves."""
    asked = ", ".join(f"{name}.grad" for name in at)
    many = len(at) > 1
    program = _program(expression, at) + "\ny.backward()"
    return Case(program, f"({asked})" if many else asked, expected if many else expected[0], known or {}, 1e-9, may_refuse, draw)


def _function(name: str, x: float, y: float, slope: float, known: Mapping[Any, str] | None = None) -> Check:
    """A function that may be offered: its value and derivative at an ordinary point."""
    cases = (data(f"x.{name}()", y, x=x), grad(f"x.{name}()", slope, known=known, x=x))
    return Check(f"wrong {name}", GRAVE, cases, (REACHES,), name)


# ------------------------------------------------------------------------------------ programs of another structure, at random


def _number(random: Random) -> str:
    return f"{random.uniform(0.5, 5.0):.9f}"  # two of them are never equal


def _uses(random: Random) -> list[str]:
    """A sum in which x has several users."""
    terms = [f"(x + {_number(random)})" for _ in range(random.randint(3, 6))]
    return [f"x = Value({_number(random)})", f"y = {' + '.join(terms)}", "y.backward()"]


def _many_users(random: Random) -> str:
    return "\n".join(_uses(random))


def _several_backwards(random: Random) -> str:
    return "\n".join([*_uses(random), *["y.backward()"] * random.randint(1, 3)])


def _zeroed(random: Random) -> str:
    return "\n".join([*_uses(random), "for node in (x, y):", "    node.zero_grad()", "y.backward()"])


def _tangle(random: Random) -> str:
    """Sums of two of the nodes before, no two alike, and at last of all those that have no user."""
    lines, nodes, unused, made = [f"x = Value({_number(random)})"], ["x"], set[str](), set[frozenset[str]]()
    while len(nodes) < 7:
        a = random.choice(nodes)
        b = random.choice([*[other for other in nodes if other != a], _number(random)])
        if frozenset((a, b)) in made:
            continue  # equal numbers are another check's matter
        made.add(frozenset((a, b)))
        node = f"v{len(nodes)}"
        lines.append(f"{node} = {a} + {b}")
        unused = (unused - {a, b}) | {node}
        nodes.append(node)
    return "\n".join([*lines, f"y = {' + '.join(sorted(unused))} + {_number(random)}", "y.backward()"])


def _equal_leaves(random: Random) -> str:
    """Two leaves of the same number, each with users of the same number."""
    number, added = _number(random), _number(random)
    uses = ["a"] * random.randint(1, 4) + ["b"] * random.randint(1, 4)
    random.shuffle(uses)
    total = " + ".join([f"({name} + {added})" for name in uses])
    return f"a = Value({number})\nb = Value({number})\ny = {total}\ny.backward()"


def _quotient(random: Random) -> str:
    return f"a = Value({_number(random)})\nb = Value({_number(random)})\ny = a / b"


def _quotient_by_a_number(random: Random) -> str:
    return f"x = Value({_number(random)})\ny = x / {_number(random)}"


def _doublings(random: Random) -> str:
    times = random.randint(45, 75)
    return f"x = Value({_number(random)})\ny = x\nfor _ in range({times}):\n    y = y + y\ny.backward()"


def _chain(random: Random) -> str:
    every, length = random.randint(500, 2_000), random.randint(9_000, 11_000)
    step = f"y = y + (x if i % {every} == 0 else {_number(random)})"
    return f"x = Value({_number(random)})\ny = x\nfor i in range({length}):\n    {step}\ny.backward()"


# ------------------------------------------------------------------------------------------------------------------- the table


HOLDS, FRESH, REACHES, EDGES = "holds a number", "a new node's grad is 0", "backward reaches a leaf", "reaches every operand"
USERS, TWICE_USED, ORDER, IDENTITY = "gradients add over users", "x * x", "order of the nodes", "equal numbers are two nodes"
SECOND, ZEROED, SAVED, PATHS = "a second backward", "zero_grad", "data changed after forward", "many paths"
DEEP, MEMORY, IN_PLACE = "long chains", "memory", "b += 1"
NEG, ADD, SUB, MUL, DIV, POW = "-a", "a + b", "a - b", "a * b", "a / b", "x ** n"
RADD, RSUB, RMUL, RDIV = "3 + x", "3 - x", "3 * x", "3 / x"
QUOTIENT, POW_ZERO, ROOT, POWER, RPOW = "x / y to the bit", "x ** 0 at 0", "roots of negative numbers", "a ** b", "2 ** x"
RELU, KINK, LEAK, NAN = "relu", "relu at 0", "a closed gate", "relu of nan"

_E, _LN2 = math.e, math.log(2.0)
_GRAPHS = "import gc\ngc.disable()\nfor _ in range(20_000):\n    y = Value(2.0) + Value(3.0)\n    y.backward()"

CHECKS: dict[str, Check] = {
    HOLDS: Check("does not hold its number", GRAVE, [Case("x = Value(2.0)", "x.data", 2.0)]),
    FRESH: Check("a new node has a gradient", SLIGHT, [Case("x = Value(2.0)", "x.grad", 0.0)], [HOLDS]),
    REACHES: Check("backward does not reach the leaf", GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()", "(y.grad, x.grad)", (1.0, 1.0), {(0.0, 0.0): "backward without seed"}),
    ], [HOLDS]),
    ADD: Check("wrong sum", GRAVE, [
        data("x + 3.0", 5.0, x=2.0), data("a + b", 7.0, a=2.0, b=5.0),
    ], [HOLDS]),
    EDGES: Check("backward does not reach every operand", GRAVE, [
        grad("a + b", 1.0, 1.0, known={(0.0, 2.0): "every rule delivers to the last operand"}, a=2.0, b=5.0),
    ], [ADD, REACHES]),
    RADD: Check("wrong 3 + x", GRAVE, [
        data("3.0 + x", 5.0, x=2.0), grad("3.0 + x", 1.0, x=2.0), data("sum([a, b])", 7.0, a=2.0, b=5.0),
    ], [ADD, REACHES]),
    USERS: Check("a node with two users gets a wrong gradient", GRAVE, [
        grad("(x + 2.0) + (x + 5.0)", 2.0, known={1.0: "gradients overwritten instead of added"}, draw=_many_users, x=2.0),
    ], [EDGES]),
    MUL: Check("wrong product", GRAVE, [
        data("x * 3.0", 6.0, x=2.0), data("a * b", 10.0, a=2.0, b=5.0),
        grad("a * b", 5.0, 2.0, known={(2.0, 5.0): "product rule gives each operand itself"}, a=2.0, b=5.0),
        grad("x * 3.0", 3.0, x=2.0),
    ], [EDGES]),
    RMUL: Check("wrong 3 * x", GRAVE, [data("3.0 * x", 6.0, x=2.0), grad("3.0 * x", 3.0, x=2.0)], [MUL]),
    TWICE_USED: Check("wrong where an operation uses a node twice", GRAVE, [
        grad("x + x", 2.0, known={1.0: "x * x counted once"}, x=3.0),
        grad("x * x", 6.0, known={3.0: "x * x counted once"}, x=3.0),
    ], [USERS, MUL]),
    ORDER: Check("nodes pass on their gradient before it is complete", GRAVE, [
        Case("x = Value(2.0)\nu = x + 3.0\ny = u + (u + 2.0)\ny.backward()", "x.grad", 2.0),
        Case("x = Value(2.0)\nu = x + 3.0\ny = (u + 2.0) + u\ny.backward()", "x.grad", 2.0),
        Case("x = Value(2.0)\nu = x + 3.0\nv = u + 1.0\nw = v + u\ny = w + (w + v)\ny.backward()", "x.grad", 5.0, draw=_tangle),
    ], [USERS]),
    IDENTITY: Check("equal numbers taken for the same node", GRAVE, [
        grad("(a + 3.0) + (b + 3.0)", 1.0, 1.0, draw=_equal_leaves, a=2.0, b=2.0),
    ], [USERS]),
    SECOND: Check("second backward is wrong", GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()\ny.backward()", "x.grad", 2.0,
             {1.0: "second backward forgets the first", 3.0: "second backward compounds"}, draw=_several_backwards),
        Case("x = Value(2.0)\ny = (x + 2.0) + 3.0\ny.backward()\ny.backward()", "x.grad", 2.0,
             {3.0: "second backward compounds", 4.0: "second backward compounds"}),
        Case("x = Value(2.0)\nu = x + 2.0\ny = u + 3.0\nz = u + 5.0\ny.backward()\nz.backward()", "x.grad", 2.0,
             {3.0: "second backward compounds"}),
    ], [USERS], refusals=(RuntimeError,)),
    ZEROED: Check("zero_grad leaves the old gradients", GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()\nfor node in (x, y):\n    node.zero_grad()\ny.backward()", "x.grad", 1.0,
             draw=_zeroed),
    ], [USERS], "zero_grad"),
    PATHS: Check("wrong where there are many paths", SERIOUS, [
        Case("x = Value(1.0)\ny = x\nfor _ in range(60):\n    y = y + y\ny.backward()", "x.grad", 2.0**60,
             {Hung: "time grows with the number of paths", TimeoutError: "time grows with the number of paths"},
             draw=_doublings),
    ], [TWICE_USED, ORDER]),
    DEEP: Check("wrong at the end of a long chain", SERIOUS, [
        Case("x = Value(1.0)\ny = x\nfor _ in range(1_000):\n    y = y + 1.0\ny.backward()", "x.grad", 1.0,
             {RecursionError: "recursion at 1,000 nodes"}),
        Case("x = Value(1.0)\ny = x\nfor _ in range(10_000):\n    y = y + 1.0\ny.backward()", "x.grad", 1.0,
             {RecursionError: "recursion at 10,000 nodes", Hung: "time grows with the square of a chain's length"},
             draw=_chain, draw_after=(USERS, TWICE_USED, ORDER)),
    ], [REACHES]),
    MEMORY: Check("memory in reference cycles", SERIOUS, [
        Case("import gc, weakref\ngc.disable()\ny = Value(2.0) + Value(3.0)\nghost = weakref.ref(y)\ndel y\n"
             "freed = 'at once' if ghost() is None else 'by the collector' if gc.collect() and ghost() is None else 'never'\n"
             "gc.enable()", "freed", "at once", {"never": "graphs are never freed"}),
        Case("import gc, weakref\ngc.disable()\ny = Value(2.0) + Value(3.0)\ny.backward()\nghost = weakref.ref(y)\ndel y\n"
             "freed = 'at once' if ghost() is None else 'by the collector' if gc.collect() and ghost() is None else 'never'\n"
             "gc.enable()", "freed", "at once", {"never": "graphs are never freed"}),
    ], [ADD, REACHES], refusals=(TypeError,), watched=_GRAPHS),
    IN_PLACE: Check("b += 1 changes a", SERIOUS, [Case("a = Value(2.0)\nb = a\nb += 1.0", "a.data", 2.0)], [ADD]),
    NEG: Check("wrong sign or derivative of -a", GRAVE, [data("-x", -2.0, x=2.0), grad("-x", -1.0, x=2.0)], [REACHES]),
    SAVED: Check("data set after the forward pass changes the gradient", SLIGHT, [
        Case("a, b = Value(2.0), Value(5.0)\ny = a * b\nb.data = 100.0\ny.backward()", "a.grad", 5.0, may_refuse=True),
    ], [MUL]),
    SUB: Check("wrong difference", GRAVE, [
        data("a - b", -3.0, a=2.0, b=5.0), data("x - 3.0", 2.0, x=5.0),
        grad("a - b", 1.0, -1.0, known={(1.0, 1.0): "sign of subtraction lost"}, a=2.0, b=5.0),
    ], [EDGES, NEG]),
    RSUB: Check("wrong 3 - x", GRAVE, [data("3.0 - x", -2.0, {2.0: "3 - x swapped"}, x=5.0), grad("3.0 - x", -1.0, x=5.0)], [SUB]),
    POW: Check("wrong power", GRAVE, [
        data("x ** 3", 8.0, x=2.0), grad("x ** 3", 12.0, known={4.0: "power rule without its exponent"}, x=2.0),
        data("x ** -1", 0.25, x=4.0), grad("x ** -1", -0.0625, x=4.0), grad("x ** 0.5", 0.25, x=4.0), grad("x ** 1", 1.0, x=0.0),
    ], [REACHES]),
    POW_ZERO: Check("x ** 0 has no derivative at 0", SLIGHT, [grad("x ** 0", 0.0, x=0.0)], [POW]),
    ROOT: Check("roots of negative numbers are made up", SERIOUS, [
        data("x ** (1 / 3)", REFUSED, {complex: "returns complex"}, x=-8.0),
    ], [POW]),
    DIV: Check("wrong quotient", GRAVE, [
        data("a / b", 1.5, a=6.0, b=4.0), data("x / 4.0", 1.5, x=6.0),
        grad("a / b", 0.25, -0.375, known={(0.25, -0.0625): "quotient rule without the numerator"}, a=6.0, b=4.0),
    ], [EDGES, MUL, POW]),
    QUOTIENT: Check("x / y is not Python's x / y", SLIGHT, [
        data("x / 49.0", 1.0, tolerance=0.0, draw=_quotient_by_a_number, x=49.0),
        data("a / b", 1.0, tolerance=0.0, draw=_quotient, a=49.0, b=49.0),
        data("a / b", 1.0, tolerance=0.0, a=1e-310, b=1e-310),
    ], [DIV]),
    RDIV: Check("wrong 3 / x", GRAVE, [
        data("3.0 / x", 1.5, {2 / 3: "3 / x swapped"}, x=2.0), grad("3.0 / x", -0.75, x=2.0),
    ], [DIV]),
    POWER: Check("wrong power of two nodes", GRAVE, [
        data("a ** b", 8.0, a=2.0, b=3.0), grad("a ** b", 12.0, 8.0 * _LN2, a=2.0, b=3.0),
    ], [EDGES, POW], refusals=NOT_OFFERED),
    RPOW: Check("wrong 2 ** x", GRAVE, [
        data("2.0 ** x", 8.0, {9.0: "2 ** x swapped"}, x=3.0), grad("2.0 ** x", 8.0 * _LN2, x=3.0),
    ], [REACHES], refusals=NOT_OFFERED),
    "exp": _function("exp", 1.5, _E**1.5, _E**1.5, {1.5 * _E**0.5: "exp' taken for the power rule"}),
    "log": _function("log", 4.0, math.log(4.0), 0.25),
    "sqrt": _function("sqrt", 4.0, 2.0, 0.25),
    "sin": _function("sin", 1.0, math.sin(1.0), math.cos(1.0), {-math.cos(1.0): "wrong sign of sin'"}),
    "cos": _function("cos", 1.0, math.cos(1.0), -math.sin(1.0), {math.sin(1.0): "sign of cos' lost"}),
    "sigmoid": _function("sigmoid", 0.5, 0.6224593312018546, 0.2350037122015945),
    "sigmoid far out": Check("sigmoid overflows", SERIOUS, [
        data("x.sigmoid()", 0.0, x=-1000.0), data("x.sigmoid()", 1.0, x=1000.0),
    ], ["sigmoid"], "sigmoid"),
    "sigmoid' far out": Check("wrong sigmoid' in the tail", SLIGHT, [
        grad("x.sigmoid()", 4.248354255291589e-18, known={0.0: "sigmoid' is 0 in the tail"}, x=40.0),
        grad("x.sigmoid()", 4.248354255291589e-18, known={0.0: "sigmoid' is 0 in the tail"}, x=-40.0),
    ], ["sigmoid"], "sigmoid"),
    "tanh": _function("tanh", 0.5, 0.46211715726000975, 0.7864477329659274),
    "tanh far out": Check("tanh overflows", SERIOUS, [
        data("x.tanh()", 1.0, x=1000.0), data("x.tanh()", -1.0, x=-1000.0),
    ], ["tanh"], "tanh"),
    "tanh' far out": Check("wrong tanh' in the tail", SLIGHT, [
        grad("x.tanh()", 1.6993417021166355e-17, known={0.0: "tanh' is 0 in the tail"}, x=20.0),
        grad("x.tanh()", 1.6993417021166355e-17, known={0.0: "tanh' is 0 in the tail"}, x=-20.0),
    ], ["tanh"], "tanh"),
    "softplus": _function("softplus", 0.5, 0.9740769841801067, 0.6224593312018546),
    "softplus far out": Check("softplus overflows", SERIOUS, [data("x.softplus()", 1000.0, x=1000.0)], ["softplus"], "softplus"),
    RELU: Check("wrong relu", GRAVE, [
        data("x.relu()", 3.0, x=3.0), data("x.relu()", 0.0, x=-2.0), grad("x.relu()", 1.0, x=3.0),
        grad("x.relu()", 0.0, known={1.0: "relu's gate is open below 0"}, x=-2.0),
    ], [REACHES], "relu"),
    KINK: Check("wrong at the kink of relu", SLIGHT, [grad("x.relu()", 0.0, x=0.0)], [RELU], "relu"),
    LEAK: Check("NaN leaks through a closed gate", SLIGHT, [
        Case("x = Value(0.0)\nu = x ** 0.5 + -1.0\ny = u.relu()\ny.backward()", "x.grad", 0.0, may_refuse=True),
    ], [RELU, POW, EDGES], "relu"),
    NAN: Check("relu hides NaN", SLIGHT, [
        Case("x = Value(float('nan'))\ny = x.relu()\ny.backward()", "x.grad", math.nan, may_refuse=True),
    ], [RELU], "relu"),
    "abs": Check("wrong abs", GRAVE, [data("abs(x)", 3.0, x=-3.0), grad("abs(x)", -1.0, x=-3.0), grad("abs(x)", 1.0, x=3.0)],
                 [REACHES], "__abs__"),
    "abs at 0": Check("wrong at the kink of abs", SLIGHT, [grad("abs(x)", 0.0, x=0.0)], ["abs"], "__abs__"),
}  # fmt: skip
"""Every check by what it looks at, simple things first."""
