"""Compiled programs beside C that is written by hand, other compilers and the graph of nodes: loss and gradient of networks over
batches, Rosenbrock's function, the energy of bodies, a transformer; then the time until a program is compiled.

Every engine is called as its user calls it, with arrays of the batch that are there before. A compiled program is called on its
buffers, as the function of blocked.c is on its arrays; "ordinary call" is `objective`, which takes arrays and returns a new one.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import json
import math
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

from _beside import HERE, PEAKS, Case, Rounds, environment_of, main, over, python_of, short
from _compilers import FUNCTIONS, OF_FUNCTIONS, jax, loss_and_gradient
from _workloads import NAME, Transformer, gpt_loss, layers_of, moons

A_PHASE = 0.002  # seconds of calls in a row: one call is too short to be timed alone
COMPILED = ("compile", "ordinary call", "compile, strict", "compile, NumPy")


class Calls:
    """A call that is timed many times in a row; `numbers` turns what it returns into what all engines agree on."""

    def __init__(self, call: Callable[[], Any], numbers: Callable[[Any], list[float]]) -> None:
        self.call, self.numbers, self.calls = call, numbers, 1
        call()
        start = time.perf_counter()
        call()
        self.calls = max(1, int(A_PHASE / (time.perf_counter() - start)))

    def __call__(self) -> list[float]:
        return self.numbers(self.call())

    def phases(self) -> Iterator[None]:
        for _ in range(self.calls):
            self.call()
        yield


# ---------------------------------------------------------------------------------------------------------------------- ours


def settle(program: Any, engine: str, call: Callable[[], Any]) -> None:
    """Wait for the optimised code: it is made from the third call on, in a thread, unless the program is too long for that."""
    for _ in range(6):  # the exact program runs in Python at first
        call()
    backend, wanted = program.stats["backend"], "numpy" if engine == "compile, NumPy" else "llvm"
    if backend != wanted:
        raise SystemExit(f"bench: {engine} is measured with {wanted}, and here {backend} runs it")
    while program.stats.get("optimised_seconds", 0.0) is None and threading.active_count() > 1:
        time.sleep(0.01)
        call()


def network_of_ours(sizes: Sequence[int], layers: Any) -> Any:
    import nn

    model = nn.MLP(sizes[0], list(sizes[1:]))
    for p, x in zip(model.parameters(), flat(layers), strict=True):
        p.data = x
    return model


def flat(layers: Any) -> list[float]:
    return [x for layer in layers for neuron in layer for x in neuron]


def program_of(model: Any, engine: str) -> Any:
    """The hinge loss of one example, compiled."""
    from autograd import compile
    from nn.losses import hinge

    return compile(lambda x, t: hinge([model(x)], [t]), parameters=model.parameters(), strict="strict" in engine)


def network_compiled(engine: str, sizes: Sequence[int], count: int) -> Calls:
    import numpy

    points, targets = map(numpy.array, moons(count=count))
    parameters = numpy.array(flat(layers_of(sizes)))
    program = program_of(network_of_ours(sizes, layers_of(sizes)), engine)
    settle(program, engine, lambda: program.objective(parameters, points[:2], targets[:2]))
    if engine == "ordinary call":
        return Calls(lambda: program.objective(parameters, points, targets), loss_and_gradient)
    buffers = program.buffers(points, targets)
    buffers.parameters = parameters
    return Calls(buffers, lambda loss: [loss, *buffers.gradient.tolist()])


def network_on_nodes(sizes: Sequence[int], count: int) -> Calls:
    from nn.losses import hinge

    points, targets = moons(count=count)
    model = network_of_ours(sizes, layers_of(sizes))

    def call() -> Any:
        loss = hinge([model(x) for x in points], targets)
        model.zero_grad()
        loss.backward()
        return loss

    return Calls(call, lambda loss: [loss.data, *[p.grad for p in model.parameters()]])


def start_of(count: int) -> list[float]:
    rng = random.Random(1)
    return [rng.uniform(-2.0, 2.0) for _ in range(count)]


def scalars_of(name: str) -> Callable[[Any], Any]:
    from autograd import sqrt, sum

    return lambda v: FUNCTIONS[name].scalars(v, sum, sqrt)


def function_compiled(engine: str, name: str, count: int) -> Calls:
    import numpy

    from autograd import compile

    x = numpy.array(start_of(count))
    program = compile(scalars_of(name), strict="strict" in engine)
    settle(program, engine, lambda: program.objective(x))
    if engine == "ordinary call":
        return Calls(lambda: program.objective(x), loss_and_gradient)
    buffers = program.buffers(x[None, :], with_inputs=True)
    return Calls(buffers, lambda value: [value, *buffers.input_gradients[0][0].tolist()])


def function_on_nodes(name: str, count: int) -> Calls:
    from autograd import value_and_grad

    f, x = value_and_grad(scalars_of(name)), start_of(count)
    return Calls(lambda: f(x), loss_and_gradient)


# --------------------------------------------------------------------------------------------------------------- blocked C


@functools.cache
def blocked() -> Any:
    """The functions of blocked.c, compiled for this processor."""
    source = HERE / "blocked.c"
    folder = HERE.parent / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"blocked-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}.so"
    if not made.exists():
        half = made.with_suffix(f".{os.getpid()}")
        flags = ["-O3", "-march=native", "-fno-math-errno", "-shared", "-fPIC"]
        subprocess.run(["cc", *flags, str(source), "-o", str(half)], check=True)
        half.replace(made)
    library = ctypes.CDLL(str(made))
    address, whole = ctypes.c_void_p, ctypes.c_long
    library.network.restype = ctypes.c_double
    library.network.argtypes = [ctypes.c_int, address, whole, *[address] * 5]
    library.network_work.restype, library.network_work.argtypes = whole, [ctypes.c_int, address]
    for name in FUNCTIONS:
        function = getattr(library, name)
        function.restype, function.argtypes = ctypes.c_double, [whole, address, address]
    return library


def network_in_c(sizes: Sequence[int], count: int) -> Calls:
    import numpy

    points, targets = map(numpy.array, moons(count=count))
    columns, parameters = numpy.ascontiguousarray(points.T), numpy.array(flat(layers_of(sizes)))
    c, shape = blocked(), numpy.array(sizes, dtype=numpy.int32)
    layers, gradient = len(sizes) - 1, numpy.empty(len(parameters))
    work = numpy.zeros(c.network_work(layers, shape.ctypes.data) + 8)
    work = work[(-work.ctypes.data // 8) % 8 :]  # begins at a multiple of 64 bytes
    kept = [shape, columns, targets, parameters, gradient, work]
    first, *others = [array.ctypes.data for array in kept]
    return Calls(lambda: c.network(layers, first, count, *others), lambda loss: [loss, *kept[4].tolist()])


def function_in_c(name: str, count: int) -> Calls:
    """Called as the program is, with an array whose place it asks for, and a new array of the gradient."""
    import numpy

    x, function = numpy.array(start_of(count)), getattr(blocked(), name)

    def call() -> tuple[float, Any]:
        gradient = numpy.empty(count)
        return function(count, x.ctypes.data, gradient.ctypes.data), gradient

    return Calls(call, loss_and_gradient)


# ------------------------------------------------------------------------------------------------------------ PyTorch, JAX


def network_of_pytorch(sizes: Sequence[int], count: int, *, compiled: bool = False) -> Calls:
    import torch

    torch.set_num_threads(1)
    points, targets = (torch.tensor(x, dtype=torch.float64) for x in moons(count=count))
    parts: list[Any] = []
    for layer in layers_of(sizes):
        table = torch.tensor(layer, dtype=torch.float64)
        linear = torch.nn.Linear(table.shape[1] - 1, table.shape[0], dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(table[:, :-1])
            linear.bias.copy_(table[:, -1])
        parts += [linear, torch.nn.ReLU()]
    model = torch.nn.Sequential(*parts[:-1])

    def hinge() -> Any:
        return torch.relu(1 - targets * model(points)[:, 0]).mean()

    if compiled:
        hinge = torch.compile(hinge)

    def call() -> Any:
        loss = hinge()
        model.zero_grad()
        loss.backward()
        return loss

    def numbers(loss: Any) -> list[float]:
        tables = [torch.cat([x.weight.grad, x.bias.grad[:, None]], 1) for x in parts[:-1:2]]
        return [loss.item(), *[x for table in tables for x in table.flatten().tolist()]]

    return Calls(call, numbers)


def network_of_compiled_pytorch(sizes: Sequence[int], count: int) -> Calls:
    return network_of_pytorch(sizes, count, compiled=True)


def loss_of_jax(parameters: Any, points: Any, targets: Any) -> Any:
    from jax import numpy

    active = points
    for place, table in enumerate(parameters):
        active = active @ table[:, :-1].T + table[:, -1]
        active = active if place == len(parameters) - 1 else numpy.maximum(active, 0.0)
    return numpy.maximum(1.0 - targets * active[:, 0], 0.0).mean()


def of_jax(f: Callable[..., Any], *arguments: Any) -> Calls:
    module = jax()
    arguments = module.tree.map(module.numpy.array, arguments, is_leaf=lambda x: type(x) is list)
    compiled = module.jit(module.value_and_grad(f))

    def numbers(found: Any) -> list[float]:
        return [float(found[0]), *[x for table in module.tree.leaves(found[1]) for x in table.flatten().tolist()]]

    return Calls(lambda: module.block_until_ready(compiled(*arguments)), numbers)


def network_of_jax(sizes: Sequence[int], count: int) -> Calls:
    points, targets = moons(count=count)
    return of_jax(loss_of_jax, tuple(layers_of(sizes)), [list(point) for point in points], targets)


# ----------------------------------------------------------------------------------------------------------- a transformer


def softmax_of_ours(z: list[Any]) -> Any:
    from autograd import softmax

    return softmax(z)


def transformer_compiled(engine: str) -> Calls:
    """The step of bench/microgpt.py, from the same scalar code."""
    import numpy

    from autograd import Value, compile

    model = Transformer(Value, softmax_of_ours)
    program = compile(lambda share: share * gpt_loss(model), parameters=model.parameters)
    parameters, share = numpy.array([p.data for p in model.parameters]), numpy.array([1.0])
    settle(program, engine, lambda: program.objective(parameters, share))
    if engine == "ordinary call":
        return Calls(lambda: program.objective(parameters, share), loss_and_gradient)
    buffers = program.buffers(share)
    return Calls(buffers, lambda loss: [loss, *buffers.gradient.tolist()])


def transformer_on_nodes() -> Calls:
    from autograd import Value

    model = Transformer(Value, softmax_of_ours)

    def call() -> Any:
        loss = gpt_loss(model)
        for p in model.parameters:
            p.grad = 0.0
        loss.backward()
        return loss

    return Calls(call, lambda loss: [loss.data, *[p.grad for p in model.parameters]])


def loss_of_transformer(tables: Sequence[Any], mask: Any, library: Any) -> Any:
    """What `gpt_loss` computes, all places of the name at once; `mask` is −inf for places that come later."""
    letter, head, place, q, k, v, o, up, down = tables
    letters, following, places = [library.asarray(x) for x in (NAME[:-1], NAME[1:], [*range(len(NAME) - 1)])]
    count, heads = len(NAME) - 1, Transformer.HEADS
    size = Transformer.WIDTH // heads

    def normalised(x: Any) -> Any:
        return x * (((x * x).mean(-1) + 1e-5) ** -0.5)[..., None]

    x = normalised(letter[letters] + place[:count])
    queries, keys, values = [(normalised(x) @ table.T).reshape(count, heads, size) for table in (q, k, v)]
    scores = library.einsum("ihj,khj->hik", queries, keys) * size**-0.5 + mask
    seen = library.einsum("hik,khj->ihj", library.softmax(scores, -1), values).reshape(count, -1)
    x = seen @ o.T + x
    x = library.relu(normalised(x) @ up.T) @ down.T + x
    return -library.log(library.softmax(x @ head.T, -1)[places, following]).mean()


def tables_and_mask() -> tuple[list[Any], list[Any]]:
    count = len(NAME) - 1
    return list(Transformer(float).weights.values()), [[0.0 if k <= i else -math.inf for k in range(count)] for i in range(count)]


def transformer_of_pytorch(*, compiled: bool = False) -> Calls:
    import torch

    torch.set_num_threads(1)
    tables, mask = tables_and_mask()
    weights = [torch.tensor(table, dtype=torch.float64, requires_grad=True) for table in tables]
    hidden = torch.tensor(mask, dtype=torch.float64)

    def loss_of() -> Any:
        return loss_of_transformer(weights, hidden, torch)

    if compiled:
        loss_of = torch.compile(loss_of)

    def call() -> Any:
        for x in weights:
            x.grad = None
        loss = loss_of()
        loss.backward()
        return loss

    return Calls(call, lambda loss: [loss.item(), *[x for table in weights for x in table.grad.flatten().tolist()]])


def transformer_of_jax() -> Calls:
    module = jax()
    tables, mask = tables_and_mask()
    numpy = module.numpy
    arrays = {"asarray": numpy.asarray, "einsum": numpy.einsum, "log": numpy.log}
    library = SimpleNamespace(**arrays, softmax=module.nn.softmax, relu=module.nn.relu)

    def loss(parameters: Any) -> Any:
        return loss_of_transformer(parameters, numpy.array(mask), library)

    return of_jax(loss, tuple(tables))


# -------------------------------------------------------------------------------------------------------------- the cases

NETWORKS: dict[str, Callable[..., Calls]] = {
    "ours": network_on_nodes,
    "blocked C": network_in_c,
    "PyTorch": network_of_pytorch,
    "PyTorch, compiled": network_of_compiled_pytorch,
    "JAX": network_of_jax,
}
HERE_ONLY: dict[str, Callable[[str, int], Calls]] = {"ours": function_on_nodes, "blocked C": function_in_c}
EVERY = [*COMPILED, *NETWORKS]
MOST = [engine for engine in EVERY if engine != "compile, strict"]  # whose optimisation takes minutes for more instructions


TRANSFORMERS: dict[str, Callable[[], Calls]] = {
    "ours": transformer_on_nodes,
    "PyTorch": transformer_of_pytorch,
    "PyTorch, compiled": lambda: transformer_of_pytorch(compiled=True),
    "JAX": transformer_of_jax,
}


def transformer(engine: str) -> Calls:
    return TRANSFORMERS[engine]() if engine in TRANSFORMERS else transformer_compiled(engine)


def network(sizes: Sequence[int], count: int) -> Callable[[str], Calls]:
    return lambda engine: network_compiled(engine, sizes, count) if engine in COMPILED else NETWORKS[engine](sizes, count)


def function(name: str, count: int) -> Callable[[str], Calls]:
    def prepared(engine: str) -> Calls:
        if engine in COMPILED:
            return function_compiled(engine, name, count)
        if engine in HERE_ONLY:
            return HERE_ONLY[engine](name, count)
        return Calls(*OF_FUNCTIONS[engine](name, start_of(count)))

    return prepared


ALL = [*(engine for engine in MOST if engine not in OF_FUNCTIONS), *OF_FUNCTIONS]
LONG = [engine for engine in ALL if engine != "CasADi, C"]  # a C compiler takes minutes for the unrolled C


CASES = {
    "moons": Case("moons, [16, 16], 100 examples", EVERY, network([2, 16, 16, 1], 100)),
    **{
        f"{width}-{count}": Case(f"[{width}, {width}], {count:,} examples", MOST, network([2, width, width, 1], count))
        for width in (64, 128)
        for count in (100, 1000)
    },
    "rosenbrock": Case("Rosenbrock of 100", ALL, function("rosenbrock", 100)),
    "bodies": Case("energy of 50 bodies", LONG, function("energy", 100)),
    "transformer": Case("loss and gradient of microgpt's shape", ["compile", "ordinary call", *TRANSFORMERS], transformer),
    "unrolled": Case("Rosenbrock of 2,501: 20,000 operations", LONG, function("rosenbrock", 2501)),
}


def over_c(measured: Sequence[tuple[Case, Rounds]]) -> str:
    """Times those of blocked C, and memory, most of which is the libraries."""
    lines = ["| | engine | over blocked C | least to greatest | MiB |", "|---|---|---|---|---|"]
    for case, rounds in measured:
        for engine, taken in rounds.items() if "blocked C" in rounds else ():
            ratios = over(taken, rounds["blocked C"])
            middle, least, most = map(short, (statistics.median(ratios), ratios[0], ratios[-1]))
            memory = short(PEAKS.get((case.title, engine), math.nan))
            lines.append(f"| {case.title} | {engine} | {middle} | {least} to {most} | {memory} |")
    return "\n".join(lines)


# ------------------------------------------------------------------------------------------------------ time of compilation

PROCESSES = 3
COMPILERS = ("compile", "JAX")
WIDTHS = {"[16, 16]": [2, 16, 16, 1], "[64, 64]": [2, 64, 64, 1], "[128, 128]": [2, 128, 128, 1]}


def until_compiled(engine: str, sizes: Sequence[int]) -> list[float]:
    """Seconds of the processor until the first result, and until the optimised code is there; JAX has one compilation."""
    if engine == "JAX":
        jax().numpy.zeros(2).block_until_ready()  # what JAX does once in a process is no compilation
        start = time.process_time()
        network_of_jax(sizes, 100)
        return [time.process_time() - start] * 2
    import numpy

    points, targets = map(numpy.array, moons(count=100))
    model = network_of_ours(sizes, layers_of(sizes))
    start = time.process_time()
    program = program_of(model, engine)
    program.backward(points, targets)
    first = time.process_time() - start
    settle(program, engine, lambda: program.backward(points[:2], targets[:2]))
    return [first, time.process_time() - start]


def compilation(measured: Sequence[tuple[Case, Rounds]]) -> str:
    """The table over C, and the times of compilation, each in new processes."""
    lines = ["| compiled | engine | first result, s | optimised, s |", "|---|---|---|---|"]
    for name in WIDTHS:
        taken: dict[str, list[list[float]]] = {engine: [] for engine in COMPILERS}
        for _ in range(PROCESSES):
            for engine in COMPILERS:
                command = [python_of(engine), __file__, "until compiled", name, engine]
                done = subprocess.run(command, env=environment_of(engine), stdout=subprocess.PIPE, text=True, check=True)
                taken[engine].append(json.loads(done.stdout))
        for engine, found in taken.items():
            columns = [f"{statistics.median(x):.2f} ({min(x):.2f} to {max(x):.2f})" for x in zip(*found, strict=True)]
            lines.append(f"| {name} | {engine} | {' | '.join(columns)} |")
    return over_c(measured) + "\n\n" + "\n".join(lines)


if __name__ == "__main__":
    if sys.argv[1:2] == ["until compiled"]:
        print(json.dumps(until_compiled(sys.argv[3], WIDTHS[sys.argv[2]])))
    else:
        main(__file__, CASES, compilation)
