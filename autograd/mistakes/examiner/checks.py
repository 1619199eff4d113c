"""The table of checks, simple ones first: programs, questions and right answers.

A check has cases, each with a program, a question, the right answer, and wrong answers that show a mistake. Each program runs as
it is written here, so that a finding shows a small program, and once more with other numbers (`draw`: with another structure), so
that marks are for computing and not for knowing this table.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from .catalogue import MISTAKES
from .judging import REFUSED, Case, Check, Hung

__all__ = ["CHECKS"]

GRAVE, SERIOUS, SLIGHT = 3, 2, 1  # points lost: wrong in everyday use; sometimes wrong, or limited; wrong in a rare case
NOT_OFFERED = (TypeError, AttributeError, AssertionError, NotImplementedError)


def shows(name: str, known: Mapping[Any, str] | None = None, **more: Any) -> Case:
    """Return the case of the catalogue that shows the mistake; its wrong answer, and those of `known`, name it."""
    mistake = MISTAKES[name]
    wrong = getattr(builtins, mistake.wrong, None) if isinstance(mistake.wrong, str) else mistake.wrong
    named = {} if wrong is None else {complex if isinstance(wrong, complex) else wrong: mistake.title}
    right = REFUSED if isinstance(mistake.right, str) else mistake.right
    return Case(mistake.program, mistake.asked, right, {**named, **(known or {})}, **more)


def title(name: str) -> str:
    """Return the name of the finding for this mistake of the catalogue."""
    return MISTAKES[name].title


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
    """Return the case that asks for the value of the expression."""
    return Case(_program(expression, at), "y.data", expected, known or {}, tolerance, draw=draw)


def grad(
    expression: str,
    *expected: float,
    known: Mapping[Any, str] | None = None,
    may_refuse: bool = False,
    draw: Callable[[Random], str] | None = None,
    **at: float,
) -> Case:
    """Return the case that asks for the derivatives of the expression with respect to the leaves."""
    asked = ", ".join(f"{name}.grad" for name in at)
    many = len(at) > 1
    program = _program(expression, at) + "\ny.backward()"
    return Case(program, f"({asked})" if many else asked, expected if many else expected[0], known or {}, 1e-9, may_refuse, draw)


def _function(name: str, x: float, y: float, slope: float, known: Mapping[Any, str] | None = None) -> Check:
    """Return the check of an optional function: its value and derivative at an ordinary point."""
    cases = (data(f"x.{name}()", y, x=x), grad(f"x.{name}()", slope, known=known, x=x))
    return Check(f"wrong {name}", GRAVE, cases, (REACHES,), name)


def _number(random: Random) -> str:
    return f"{random.uniform(0.5, 5.0):.9f}"  # two of them are never equal


def _users(after: Callable[[Random], list[str]]) -> Callable[[Random], str]:
    """Return a function that draws a sum in which x has several users, followed by these lines."""

    def draw(random: Random) -> str:
        terms = [f"(x + {_number(random)})" for _ in range(random.randint(3, 6))]
        return "\n".join([f"x = Value({_number(random)})", f"y = {' + '.join(terms)}", "y.backward()", *after(random)])

    return draw


_many_users = _users(lambda random: [])
_several_backwards = _users(lambda random: ["y.backward()"] * random.randint(1, 3))
_zeroed = _users(lambda random: ["for node in (x, y):", "    node.zero_grad()", "y.backward()"])


def _tangle(random: Random) -> str:
    """Draw sums of two earlier nodes, no two sums alike, and a last sum of all nodes without a user."""
    lines, nodes, unused, made = [f"x = Value({_number(random)})"], ["x"], set[str](), set[frozenset[str]]()
    while len(nodes) < 7:
        a = random.choice(nodes)
        b = random.choice([*[other for other in nodes if other != a], _number(random)])
        if frozenset((a, b)) in made:
            continue  # equal numbers belong to another check
        made.add(frozenset((a, b)))
        node = f"v{len(nodes)}"
        lines.append(f"{node} = {a} + {b}")
        unused = (unused - {a, b}) | {node}
        nodes.append(node)
    return "\n".join([*lines, f"y = {' + '.join(sorted(unused))} + {_number(random)}", "y.backward()"])


def _equal_leaves(random: Random) -> str:
    """Draw two leaves with equal numbers, whose users have equal numbers."""
    number, added = _number(random), _number(random)
    uses = ["a"] * random.randint(1, 4) + ["b"] * random.randint(1, 4)
    random.shuffle(uses)
    total = " + ".join([f"({name} + {added})" for name in uses])
    return f"a = Value({number})\nb = Value({number})\ny = {total}\ny.backward()"


def _doublings(random: Random) -> str:
    times = random.choice([n for n in range(45, 76) if n != 60])  # the catalogue has 60
    return f"x = Value({_number(random)})\ny = x\nfor _ in range({times}):\n    y = y + y\ny.backward()"


def _chain(random: Random) -> str:
    every, length = random.randint(500, 2_000), random.randint(9_000, 11_000)
    step = f"y = y + (x if i % {every} == 0 else {_number(random)})"
    return f"x = Value({_number(random)})\ny = x\nfor i in range({length}):\n    {step}\ny.backward()"


HOLDS, FRESH, REACHES, EDGES = "holds a number", "a new node's grad is 0", "backward reaches a leaf", "reaches every operand"
USERS, TWICE_USED, ORDER, IDENTITY = "gradients add over users", "x * x", "order of the nodes", "equal numbers are two nodes"
SECOND, ZEROED, SAVED, PATHS = "a second backward", "zero_grad", "data changed after forward", "many paths"
DEEP, MEMORY, IN_PLACE = "long chains", "memory", "b += 1"
NEG, ADD, SUB, MUL, DIV, POW = "-a", "a + b", "a - b", "a * b", "a / b", "x ** n"
RADD, RSUB, RMUL, RDIV = "3 + x", "3 - x", "3 * x", "3 / x"
QUOTIENT, POW_ZERO, ROOT, POWER, RPOW = "x / y to the bit", "x ** 0 at 0", "roots of negative numbers", "a ** b", "2 ** x"
RELU, KINK, LEAK, NAN = "relu", "relu at 0", "a closed gate", "relu of nan"


def _freed(program: str) -> Case:
    """Return the case that asks when the node y is freed after the program."""
    freed = "'at once' if ghost() is None else 'by the collector' if gc.collect() and ghost() is None else 'never'"
    lines = ["import gc, weakref", "gc.disable()", program, "ghost = weakref.ref(y)", "del y", f"freed = {freed}", "gc.enable()"]
    return Case("\n".join(lines), "freed", "at once", {"never": "graphs are never freed"})


_E, _LN2 = math.e, math.log(2.0)
_GRAPHS = "import gc\ngc.disable()\nfor _ in range(20_000):\n    y = Value(2.0) + Value(3.0)\n    y.backward()"

CHECKS: dict[str, Check] = {
    HOLDS: Check("does not hold its number", GRAVE, [Case("x = Value(2.0)", "x.data", 2.0)]),
    FRESH: Check("a new node has a gradient", SLIGHT, [Case("x = Value(2.0)", "x.grad", 0.0)], [HOLDS]),
    REACHES: Check("backward does not reach the leaf", GRAVE, [
        shows("no_seed")._replace(asked="(y.grad, x.grad)", expected=(1.0, 1.0), known={(0.0, 0.0): title("no_seed")}),
    ], [HOLDS]),
    ADD: Check("wrong sum", GRAVE, [
        data("x + 3.0", 5.0, x=2.0), data("a + b", 7.0, a=2.0, b=5.0),
    ], [HOLDS]),
    EDGES: Check("backward does not reach every operand", GRAVE, [
        shows("late_binding"),
    ], [ADD, REACHES]),
    RADD: Check("wrong 3 + x", GRAVE, [
        data("3.0 + x", 5.0, x=2.0), grad("3.0 + x", 1.0, x=2.0), data("sum([a, b])", 7.0, a=2.0, b=5.0),
    ], [ADD, REACHES]),
    USERS: Check("a node with two users gets a wrong gradient", GRAVE, [
        shows("overwrite", draw=_many_users),
    ], [EDGES]),
    MUL: Check("wrong product", GRAVE, [
        data("x * 3.0", 6.0, x=2.0), data("a * b", 10.0, a=2.0, b=5.0),
        shows("product_swapped"),
        grad("x * 3.0", 3.0, x=2.0),
    ], [EDGES]),
    RMUL: Check("wrong 3 * x", GRAVE, [data("3.0 * x", 6.0, x=2.0), grad("3.0 * x", 3.0, x=2.0)], [MUL]),
    TWICE_USED: Check("wrong where an operation uses a node twice", GRAVE, [
        grad("x + x", 2.0, known={1.0: title("set_of_operands")}, x=3.0),
        shows("set_of_operands"),
    ], [USERS, MUL]),
    ORDER: Check(title("wrong_order"), GRAVE, [
        shows("wrong_order"),
        Case("x = Value(2.0)\nu = x + 3.0\ny = (u + 2.0) + u\ny.backward()", "x.grad", 2.0),
        Case("x = Value(2.0)\nu = x + 3.0\nv = u + 1.0\nw = v + u\ny = w + (w + v)\ny.backward()", "x.grad", 5.0, draw=_tangle),
    ], [USERS]),
    IDENTITY: Check(title("equal_by_value"), GRAVE, [shows("equal_by_value", draw=_equal_leaves)], [USERS]),
    SECOND: Check("second backward is wrong", GRAVE, [
        shows("forgets_leaves", {3.0: title("stale_interior")}, draw=_several_backwards),
        shows("stale_interior", {4.0: title("stale_interior")}),
        Case("x = Value(2.0)\nu = x + 2.0\ny = u + 3.0\nz = u + 5.0\ny.backward()\nz.backward()", "x.grad", 2.0,
             {3.0: title("stale_interior")}),
    ], [USERS], refusals=(RuntimeError,)),
    ZEROED: Check(title("forgotten_zero_grad"), GRAVE, [
        Case("x = Value(2.0)\ny = x + 3.0\ny.backward()\nfor node in (x, y):\n    node.zero_grad()\ny.backward()", "x.grad", 1.0,
             draw=_zeroed),
    ], [USERS], "zero_grad"),
    PATHS: Check("wrong where there are many paths", SERIOUS, [
        shows("path_by_path", {Hung: title("path_by_path")}, draw=_doublings),
    ], [TWICE_USED, ORDER]),
    DEEP: Check("wrong at the end of a long chain", SERIOUS, [
        shows("recursion"),
        Case("x = Value(1.0)\ny = x\nfor _ in range(10_000):\n    y = y + 1.0\ny.backward()", "x.grad", 1.0,
             {RecursionError: "recursion at 10,000 nodes", Hung: "time grows with the square of a chain's length"},
             draw=_chain, draw_after=(USERS, TWICE_USED, ORDER)),
    ], [REACHES]),
    MEMORY: Check(title("cycles"), SERIOUS, [
        _freed("y = Value(2.0) + Value(3.0)"), _freed("y = Value(2.0) + Value(3.0)\ny.backward()"),
    ], [ADD, REACHES], refusals=(TypeError,), watched=_GRAPHS),
    IN_PLACE: Check(title("in_place"), SERIOUS, [shows("in_place")], [ADD]),
    NEG: Check("wrong sign or derivative of -a", GRAVE, [data("-x", -2.0, x=2.0), grad("-x", -1.0, x=2.0)], [REACHES]),
    SAVED: Check(title("late_data"), SLIGHT, [shows("late_data", may_refuse=True)], [MUL]),
    SUB: Check("wrong difference", GRAVE, [
        data("a - b", -3.0, a=2.0, b=5.0), data("x - 3.0", 2.0, x=5.0),
        shows("sub_sign"),
    ], [EDGES, NEG]),
    RSUB: Check("wrong 3 - x", GRAVE, [
        data("3.0 - x", -2.0, {2.0: title("swapped_sub")}, x=5.0), grad("3.0 - x", -1.0, x=5.0),
    ], [SUB]),
    POW: Check("wrong power", GRAVE, [
        data("x ** 3", 8.0, x=2.0), shows("power_exponent"),
        data("x ** -1", 0.25, x=4.0), grad("x ** -1", -0.0625, x=4.0), grad("x ** 0.5", 0.25, x=4.0), grad("x ** 1", 1.0, x=0.0),
    ], [REACHES]),
    POW_ZERO: Check(title("power_at_zero"), SLIGHT, [shows("power_at_zero")], [POW]),
    ROOT: Check("roots of negative numbers are made up", SERIOUS, [shows("complex_root")], [POW]),
    DIV: Check("wrong quotient", GRAVE, [
        data("a / b", 1.5, a=6.0, b=4.0), data("x / 4.0", 1.5, x=6.0),
        shows("quotient_numerator"),
    ], [EDGES, MUL, POW]),
    QUOTIENT: Check(title("division_by_reciprocal"), SLIGHT, [
        data("x / 49.0", 1.0, tolerance=0.0, draw=lambda rng: f"x = Value({_number(rng)})\ny = x / {_number(rng)}", x=49.0),
        data("a / b", 1.0, tolerance=0.0, draw=lambda rng: f"a = Value({_number(rng)})\nb = Value({_number(rng)})\ny = a / b",
             a=49.0, b=49.0),
        data("a / b", 1.0, tolerance=0.0, a=1e-310, b=1e-310),
    ], [DIV]),
    RDIV: Check("wrong 3 / x", GRAVE, [
        data("3.0 / x", 1.5, {2 / 3: title("swapped_div")}, x=2.0), grad("3.0 / x", -0.75, x=2.0),
    ], [DIV]),
    POWER: Check("wrong power of two nodes", GRAVE, [
        data("a ** b", 8.0, a=2.0, b=3.0), grad("a ** b", 12.0, 8.0 * _LN2, a=2.0, b=3.0),
    ], [EDGES, POW], refusals=NOT_OFFERED),
    RPOW: Check("wrong 2 ** x", GRAVE, [
        data("2.0 ** x", 8.0, {9.0: title("swapped_pow")}, x=3.0), grad("2.0 ** x", 8.0 * _LN2, x=3.0),
    ], [REACHES], refusals=NOT_OFFERED),
    "exp": _function("exp", 1.5, _E**1.5, _E**1.5, {1.5 * _E**0.5: title("exp_as_power")}),
    "log": _function("log", 4.0, math.log(4.0), 0.25),
    "sqrt": _function("sqrt", 4.0, 2.0, 0.25),
    "sin": _function("sin", 1.0, math.sin(1.0), math.cos(1.0), {-math.cos(1.0): "wrong sign of sin'"}),
    "cos": _function("cos", 1.0, math.cos(1.0), -math.sin(1.0), {math.sin(1.0): title("cos_sign")}),
    "sigmoid": _function("sigmoid", 0.5, 0.6224593312018546, 0.2350037122015945),
    "sigmoid far out": Check(title("naive_sigmoid"), SERIOUS, [
        data("x.sigmoid()", 0.0, x=-1000.0), data("x.sigmoid()", 1.0, x=1000.0),
    ], ["sigmoid"], "sigmoid"),
    "sigmoid' far out": Check("wrong sigmoid' in the tail", SLIGHT, [
        shows("sigmoid_tail"),
        grad("x.sigmoid()", 4.248354255291589e-18, known={0.0: title("sigmoid_tail")}, x=-40.0),
    ], ["sigmoid"], "sigmoid"),
    "tanh": _function("tanh", 0.5, 0.46211715726000975, 0.7864477329659274),
    "tanh far out": Check(title("naive_tanh"), SERIOUS, [
        data("x.tanh()", 1.0, x=1000.0), data("x.tanh()", -1.0, x=-1000.0),
    ], ["tanh"], "tanh"),
    "tanh' far out": Check("wrong tanh' in the tail", SLIGHT, [
        shows("tanh_tail"),
        grad("x.tanh()", 1.6993417021166355e-17, known={0.0: title("tanh_tail")}, x=-20.0),
    ], ["tanh"], "tanh"),
    "softplus": _function("softplus", 0.5, 0.9740769841801067, 0.6224593312018546),
    "softplus far out": Check("softplus overflows", SERIOUS, [data("x.softplus()", 1000.0, x=1000.0)], ["softplus"], "softplus"),
    RELU: Check("wrong relu", GRAVE, [
        data("x.relu()", 3.0, x=3.0), data("x.relu()", 0.0, x=-2.0), grad("x.relu()", 1.0, x=3.0),
        shows("relu_open"),
    ], [REACHES], "relu"),
    KINK: Check(title("relu_kink"), SLIGHT, [shows("relu_kink")], [RELU], "relu"),
    LEAK: Check(title("leaking_gate"), SLIGHT, [shows("leaking_gate", may_refuse=True)], [RELU, POW, EDGES], "relu"),
    NAN: Check(title("hidden_nan"), SLIGHT, [shows("hidden_nan", may_refuse=True)], [RELU], "relu"),
    "abs": Check("wrong abs", GRAVE, [data("abs(x)", 3.0, x=-3.0), grad("abs(x)", -1.0, x=-3.0), grad("abs(x)", 1.0, x=3.0)],
                 [REACHES], "__abs__"),
    "abs at 0": Check("wrong at the kink of abs", SLIGHT, [grad("abs(x)", 0.0, x=0.0)], ["abs"], "__abs__"),
}  # fmt: skip
"""Every check by its subject, simple ones first."""
