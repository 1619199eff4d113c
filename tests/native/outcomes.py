"""What an engine answers, as lines of text: `python outcomes.py SEED GRAPHS POINTS`. Engines that are alike print the same lines.

Numbers are printed with all their bits. Choices depend on the seed alone, and never on an outcome of floating point that could
differ without being printed.
"""

from __future__ import annotations

import copy
import inspect
import math
import pickle
import pydoc
import random
import sys
import threading
from collections.abc import Iterator
from typing import Any

import autograd
import nn
from autograd import AutogradError, Value, grad, hessian, no_grad, ops, toposort, zero_grad
from autograd.modes import replaced
from autograd.ops import TABLE
from autograd.variants import variant

INF, NAN = math.inf, math.nan
EDGES = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    2.0,
    -2.0,
    3.0,
    INF,
    -INF,
    NAN,
    5e-324,
    1.7976931348623157e308,
    1e-300,
    1e16,
    2.0**52,
    -(2.0**53) + 1.0,
    0.1,
    710.0,
    -745.0,
    171.5,
)


def number(rng: random.Random) -> float:
    kind = rng.random()
    if kind < 0.25:
        return rng.choice(EDGES)
    return rng.uniform(-3.0, 3.0) if kind < 0.8 else rng.uniform(-1.0, 1.0) * 10.0 ** rng.randint(-300, 300)


def written(x: Any) -> str:
    return "None" if x is None else x.hex() if type(x) is float else repr(x)


def answer(made: Any) -> str:
    """All that a node holds."""
    arguments = [written(a) if type(a) is float else "node" for a in made.arguments]
    operands = [written(operand.grad) + "+" * operand.reached for operand in made.operands]
    return " ".join(
        [
            written(made.data),
            written(made.grad),
            repr(made.label),
            str(made.op and made.op.__name__),
            *arguments,
            "|",
            *map(written, made.partials),
            "|",
            *operands,
            "|",
            repr(dict(made.parameters)),
            *[f"{written(c)}{is_open}" for _, _, c, is_open in made.edges],
        ]
    )


def outcome(compute: Any) -> str:
    try:
        made = compute()
    except Exception as error:
        return f"{type(error).__name__}: {error} <- {error.__cause__!r}"
    return answer(made) if type(made) is Value else written(made)


# -------------------------------------------------------------------------------------------------------------------- rows


def of_every_row(rng: random.Random, points: int) -> Iterator[str]:
    for name, row in TABLE.items():
        given = {key: 2 if key in row.required else default for key, default in row.parameters.items()}
        for _ in range(points):
            count = rng.randint(1, 7) if row.variadic else len(row.operands)
            operands = [Value(number(rng)) if rng.random() < 0.7 else number(rng) for _ in range(count)]
            operands[rng.randrange(count)] = Value(number(rng))
            if count > 1 and rng.random() < 0.1:
                operands[-1] = operands[0]
            if rng.random() < 0.1:
                given = {key: x if type(x) is not float else number(rng) for key, x in given.items()}
            if rng.random() < 0.1:
                operands[0] = operands[0] if type(operands[0]) is Value and count == 1 else rng.choice([2, -1, True, 10**400])
            form = rng.randrange(3)
            yield f"{name}: {outcome(lambda: swept(applied(row, operands, given, form)))}"  # noqa: B023  # called at once
            with no_grad():
                yield outcome(lambda: applied(row, operands, given, form))  # noqa: B023


def applied(row: Any, operands: list[Any], given: dict[str, Any], form: int) -> Any:
    """A row as the engine calls it, as a function, or as a method, in the forms that it has."""
    if row.variadic or row.call or row.required or not form:
        return row.apply(tuple(operands), given)
    called = row if form == 1 or type(operands[0]) is not Value else getattr(operands[0], row.__name__)
    changed = {name: x for name, x in given.items() if x is not row.parameters[name]}
    return called(*operands[called is not row :], **changed)


def swept(made: Any) -> Any:
    if type(made) is Value:
        made.backward()
    return made


# ------------------------------------------------------------------------------------------------------------------ graphs

UNARY = (
    "neg",
    "abs",
    "relu",
    "exp",
    "log",
    "sqrt",
    "tanh",
    "sigmoid",
    "sin",
    "square",
    "softplus",
    "gelu",
    "leaky_relu",
    "elu",
    "erf",
)
OPERATORS: tuple[Any, ...] = (
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: a**2,
    lambda a, b: a % b,
    lambda a, b: a // b,
    lambda a, b: abs(a) ** b,
    lambda a, b: 2 - a,
    lambda a, b: 0.5 * b,
    lambda a, b: 1 / a,
    lambda a, b: 2**b,
    lambda a, b: -a,
    lambda a, b: a + 10**400,
    lambda a, b: a * True,
    lambda a, b: divmod(a, b)[1],
    lambda a, b: round(a, 1),
)
MANY = ("sum", "mean", "prod", "max", "min", "logsumexp", "norm", "var", "std")


def new_node(rng: random.Random, nodes: list[Any]) -> Any:
    kind, a, b = rng.randrange(10), rng.choice(nodes), rng.choice(nodes)
    if kind < 5:
        return rng.choice(OPERATORS)(a, b)
    if kind < 7:
        return getattr(a, rng.choice(UNARY))()
    several = [rng.choice(nodes) if rng.random() < 0.8 else rng.uniform(-1.0, 1.0) for _ in range(rng.randint(1, 6))] + [a]
    if kind < 8:
        return getattr(ops, rng.choice(MANY))(several)
    if kind < 9:
        return ops.affine(several, [rng.uniform(-1.0, 1.0) if rng.random() < 0.3 else b for _ in several], a)
    return ops.where(a > b, a, b) if rng.random() < 0.5 else ops.max(a, b)


def of_graphs(rng: random.Random, graphs: int) -> Iterator[str]:
    for _ in range(graphs):
        nodes: list[Any] = [Value(rng.uniform(-1.5, 1.5)) for _ in range(5)]
        for _ in range(40):
            try:
                made = new_node(rng, nodes)
            except (AutogradError, ArithmeticError) as error:
                yield f"{type(error).__name__}: {error}"
                continue
            nodes.append(made if type(made) is Value and abs(made.data) < 50 else Value(rng.uniform(-1.0, 1.0)))
            nodes[-1].label = rng.choice(["", "", "", "n"])
        root = autograd.sum(nodes[-4:])
        root.backward()
        root.backward(-0.5)
        other = nodes[-2] * 3
        other.backward()
        order = toposort(root, other)
        places = {id(node): str(place) for place, node in enumerate(order)}
        yield " ".join([places[id(x)] for node in order for x in node.operands])
        yield from (answer(node) for node in order)
        for copied in (copy.deepcopy(root), pickle.loads(pickle.dumps(root))):
            copied.zero_grad()
            copied.backward()
            yield " ".join(answer(node) for node in toposort(copied))
        zero_grad(order)
        yield str(any(node.reached for node in order))


def of_functions(rng: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        seed = rng.random()

        def f(xs: Any, seed: float = seed) -> Any:
            inner, nodes = random.Random(seed), list(xs)
            for _ in range(8):
                nodes.append(
                    inner.choice([lambda a, b: a * b, lambda a, b: a + b, lambda a, b: a.tanh(), lambda a, b: a - b * b])(
                        inner.choice(nodes), inner.choice(nodes)
                    )
                )
            return nodes[-1] + autograd.sum(nodes[-3:])

        point = [rng.uniform(-1.5, 1.5) for _ in range(3)]
        yield outcome(lambda: " ".join(x.hex() for x in grad(f)(point)))  # noqa: B023  # called at once
        yield outcome(lambda: repr(hessian(f)(point)))  # noqa: B023  # called at once


# ----------------------------------------------------------------------------------------------------------- what is unusual


def set_(node: Any, name: str, thing: Any) -> Any:
    return setattr(node, name, thing)


def leaves_and_operators(x: Value, y: Value) -> list[Any]:
    """Leaves of all sorts, and operators on what is no number."""
    return [
        lambda: Value("2"),
        lambda: Value(None),
        lambda: Value(),
        lambda: Value(1, 2),
        lambda: Value(1.0, "a", "+"),
        lambda: Value(y),
        lambda: Value(1.0, (x,), "tanh"),
        lambda: Value(10**400),
        lambda: Value(1j),
        lambda: Value(data=3, label="w"),
        lambda: Value(3, w=1),
        lambda: Value(True),
        lambda: x + "a",
        lambda: "a" + x,
        lambda: x * None,
        lambda: [] * x,
        lambda: x / 0,
        lambda: pow(x, y, 2),
        lambda: y**0.5,
        lambda: x < "a",
        lambda: x == "a",
        lambda: x != x,
        lambda: x <= x,
        lambda: bool(x),
        lambda: float(x),
        lambda: math.sin(x),
        lambda: len(x),
        lambda: x[0],
    ]


def attributes(x: Value, z: Value) -> list[Any]:
    """Attributes that are set, deleted or not there."""
    return [
        lambda: x.misspelt,
        lambda: set_(x, "misspelt", 1),
        lambda: set_(z, "data", 1),
        lambda: set_(x, "data", "a"),
        lambda: set_(x, "grad", None),
        lambda: set_(x, "label", 3),
        lambda: set_(z, "op", 3),
        lambda: set_(z, "operands", ()),
        lambda: set_(z, "partials", ()),
        lambda: set_(z, "reached", True),
        lambda: set_(z, "edges", ()),
        lambda: delattr(x, "data"),
        lambda: delattr(x, "grad"),
        lambda: delattr(x, "label"),
        lambda: delattr(z, "op"),
    ]


def calls(x: Value, y: Value, z: Value) -> list[Any]:
    """Calls of methods, functions and rows."""
    return [
        lambda: z.backward(gradient=1),
        lambda: z.backward("a"),
        lambda: z.backward(None),
        lambda: toposort(3),
        lambda: toposort(z, "a"),
        lambda: zero_grad([x, 3]),
        lambda: zero_grad(3),
        lambda: set_(z, "_backward", lambda: None),
        lambda: z.register_hook(3),
        lambda: ops.log(y),
        lambda: ops.log(Value(-1.0, "q")),
        lambda: ops.exp(Value(710.0)),
        lambda: x.relu(1),
        lambda: x.relu(a=1),
        lambda: x.add(y),
        lambda: x.leaky_relu(0.3),
        lambda: x.leaky_relu(slope=0.3),
        lambda: ops.sum([]),
        lambda: ops.max([x, y, 1]),
        lambda: ops.sum("ab"),
        lambda: ops.affine([x], [y, 1.0], 2),
        lambda: ops.leaky_relu(x, x),
        lambda: ops.leaky_relu(x),
        lambda: x.elu(),
        lambda: ops.elu(x, alpha=0.5),
        lambda: ops.add(1.0, x),
        lambda: ops.add(x),
        lambda: ops.add(x, y, z),
        lambda: ops.add(a=x, b=2),
        lambda: ops.add(),
        lambda: ops.relu(),
        lambda: ops.relu(3.0),
        lambda: ops.log(y, 2),
        lambda: ops.log(x, 2),
        lambda: ops.max(x),
        lambda: ops.clamp(x, 0, 1),
        lambda: x.clamp(y, z),
        lambda: ops.where(x, x, y, condition=True),
        lambda: Value.relu(x),
        lambda: Value.relu(3.0),
        lambda: Value.relu(),
        lambda: ops.Op.__call__(ops.tanh, x),
        lambda: ops.Op.__call__(),
        lambda: next(map(ops.add, [x], [y])),
        lambda: x.tanh.__call__(),
        lambda: x > 1,
        lambda: x >= 2,
        lambda: x != 2,
        lambda: x < 10**400,
        lambda: Value(2.0**53) == 2**53 + 1,
        lambda: x > True,
    ]


def looks(x: Value, z: Value) -> list[Any]:
    """How nodes and the class look."""
    return [
        lambda: x.detach(),
        lambda: type("Sub", (Value,), {}),
        lambda: repr(z),
        lambda: f"{z:.3f}",
        lambda: repr(z.parameters),
        lambda: repr(z.op),
        lambda: repr([n for n in dir(Value) if n[:1] != "_" or n[:2] == "__"]),
        lambda: Value.__doc__,
        lambda: Value.__module__,
        lambda: repr({n: getattr(Value, n).__doc__ for n in dir(Value) if n[0] != "_"}),
        lambda: Value.__qualname__,
        lambda: pickle.dumps(z).hex(),
        lambda: pickle.dumps(ops.sum([x, 1.0, z]), 2).hex(),
        lambda: hash(x) == object.__hash__(x),
        lambda: repr({n: str(inspect.signature(getattr(Value, n))) for n in ("relu", "add", "clamp", "log", "backward")}),
        lambda: repr([inspect.signature(ops.add), inspect.signature(ops.Op.__call__), inspect.signature(x.elu)]),
        lambda: repr([Value.relu.__qualname__, Value.relu.__module__, type(Value.relu), type(x.relu), x.relu.__self__ is x]),
        lambda: repr([pydoc.plain(pydoc.render_doc(f)) for f in (Value.tanh, ops.Op.__call__)]).replace(f"{id(Value.tanh):x}", ""),
        lambda: pickle.loads(pickle.dumps(Value.relu)) is Value.relu,
    ]


def unusual() -> Iterator[str]:
    x, y = Value(2.0, "x"), Value(-3.0)
    z = x * y
    cases = [*leaves_and_operators(x, y), *attributes(x, z), *calls(x, y, z), *looks(x, z)]
    for place, case in enumerate(cases):
        yield f"{place} {outcome(case)}"
    yield from in_modes(x, y)
    handle = z.register_hook(lambda adjoint: 2 * adjoint)
    yield outcome(lambda: swept(z * x))
    yield f"{outcome(lambda: x)} {outcome(lambda: z)}"
    handle.remove()


def in_modes(x: Any, y: Any) -> Iterator[str]:
    """Operations inside blocks, nested and left, and beside a block of another thread."""
    cases = [lambda: x * y + 1, lambda: x / 0, lambda: -x, lambda: abs(y), lambda: swept(ops.affine([x], [y], 3)), lambda: x + "a"]
    off, anomalies = no_grad(), autograd.detect_anomaly()
    with off:
        yield from map(outcome, cases)
        with autograd.enable_grad():
            yield from map(outcome, cases)
            with off, autograd.enable_grad(), off:
                yield from map(outcome, cases)
            yield from map(outcome, cases)
        with anomalies:
            yield from map(outcome, cases)
    yield from map(outcome, cases)
    for mode in (off, anomalies):
        inside, done = threading.Event(), threading.Event()

        def stay(mode: Any = mode, inside: Any = inside, done: Any = done) -> None:
            with mode:
                inside.set()
                done.wait()

        thread = threading.Thread(target=stay)
        thread.start()
        inside.wait()
        yield from map(outcome, cases)
        done.set()
        thread.join()
    with autograd.detect_anomaly():
        yield outcome(lambda: (Value(1e308) * 10.0).data).replace(__file__, "")
        yield outcome(lambda: swept(Value(1e-320) ** -0.5 * 1e300)).replace(__file__, "")
    with replaced({ops.relu: variant(ops.relu, value=lambda a: a)}):
        yield outcome(lambda: ops.relu(y))
        with off:
            yield outcome(lambda: ops.relu(y))
    with replaced({Value.backward: lambda root, seed=1.0: root.operands[0].backward(7.0)}):
        yield f"{outcome(lambda: swept(x * y))} {outcome(lambda: x)}"


def of_optimisers(rng: random.Random, count: int) -> Iterator[str]:
    """Steps of every optimiser, whose settings, numbers and memory are ordinary, extreme, or changed by hand."""
    for turn in range(count):
        for kind in (nn.SGD, nn.Momentum, nn.Nesterov, nn.AdaGrad, nn.RMSProp, nn.Adam, nn.AdamW):
            leaves = [Value(number(rng)) for _ in range(rng.randint(1, 5))]
            settings = {"weight_decay": rng.choice([0.0, 0.1])} | ({"momentum": rng.random()} if rng.random() < 0.3 else {})
            optimizer = kind(leaves, **{name: x for name, x in settings.items() if name in kind.settings})
            memory, held = optimizer.memory[0], getattr(optimizer, optimizer.memory[0])
            for step in range(6):
                for leaf in leaves[: rng.randint(0, len(leaves))]:
                    leaf.grad = number(rng)
                change = rng.randrange(12) if step == 4 else None
                if change is not None:
                    changed(optimizer, memory, change, rng)
                answered = outcome(optimizer.step)
                is_same = answered != "None" or getattr(optimizer, memory) is held  # an error may leave a copy
                yield f"{turn} {answered} {optimizer!r} {optimizer.steps} {is_same}"
                yield " ".join([*[written(leaf.data) for leaf in leaves], *map(repr, optimizer.state_dict().values())])
                if change == 0:
                    optimizer.zero_grad()


def changed(optimizer: Any, memory: str, change: int, rng: random.Random) -> None:
    """What no optimiser does to itself."""
    if change == 1:
        optimizer.lr = 1
    elif change == 2:
        getattr(optimizer, memory)[0] = -1e300
    elif change == 3:
        getattr(optimizer, memory)[-1] = 2
    elif change == 4:
        getattr(optimizer, memory).pop()
    elif change == 5:
        optimizer.parameters[0] = optimizer.parameters[0] * 2
    elif change == 6:
        optimizer.parameters.append(Value(1.0))
    elif change == 7:
        optimizer.parameters = tuple(optimizer.parameters)
    elif change == 8:
        optimizer.eps = optimizer.weight_decay = 0.0
    elif change == 9:
        optimizer.lr = rng.choice(["a", None, Value(0.5), INF, NAN])
    elif change == 10:
        optimizer.change = lambda index, leaf: 0.5
    elif change == 11:
        optimizer.parameters.append(optimizer.parameters[0])
        for name in optimizer.memory:
            getattr(optimizer, name).append(0.5)


def of_training(rng: random.Random, count: int) -> Iterator[str]:
    """Models whose numbers change between forwards, by steps and by hand."""
    for _ in range(count):
        model = nn.MLP(2, [3, 1], activation="tanh", seed=rng.random())
        optimizer = rng.choice([nn.SGD, nn.Adam])(model.parameters(), lr=0.1)
        for _ in range(4):
            points = [[rng.uniform(-1.0, 1.0), rng.uniform(-1.0, 1.0)] for _ in range(3)]
            model.zero_grad()
            loss = nn.losses.mse([model(x) for x in points], [x * y for x, y in points])
            loss.backward()
            optimizer.step()
            rng.choice(model.parameters()).data += rng.choice([0.0, 0.1])
            with no_grad():
                yield " ".join([written(loss.data), *[written(model(x).data) for x in points]])


def main(seed: int, graphs: int, points: int) -> None:
    print("\n".join(unusual()))
    for number_of, lines in enumerate((of_graphs, of_every_row, of_functions, of_optimisers, of_training)):
        rng = random.Random(f"{seed} {number_of}")
        for line in lines(rng, points if lines is of_every_row else graphs):
            print(line)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
