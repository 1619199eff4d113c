"""Other compilers of functions with derivatives: what their users write for the functions that bench/compile.py measures.

Each takes the name of a function of FUNCTIONS and its first point, and returns a call and what makes the value and the gradient of
its result. PyTorch, JAX and PyTensor get the form over arrays, CasADi the form of scalars that ours is compiled from; numba has no
derivatives, so its gradients are written by hand.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Prepared = tuple[Callable[[], Any], Callable[[Any], list[float]]]
"""A call that is timed, and its result as numbers."""

SOFTENING = 0.01


class Function(NamedTuple):
    """One function of a list of scalars, the same of an array and its length, and its value and gradient in loops for numba."""

    scalars: Callable[[Sequence[Any], Callable[[list[Any]], Any], Callable[[Any], Any]], Any]  # of scalars, a sum and a root
    array: Callable[[Any, int], Any]
    by_hand: Callable[[Any, Any], float]


def loss_and_gradient(found: Any) -> list[float]:
    return [float(found[0]), *map(float, found[1])]


# ------------------------------------------------------------------------------------------------------------- the functions


def rosenbrock(v: Sequence[Any], total: Callable[[list[Any]], Any], _: Any) -> Any:
    return total([100.0 * (v[i + 1] - v[i] ** 2) ** 2 + (1.0 - v[i]) ** 2 for i in range(len(v) - 1)])


def rosenbrock_of_array(x: Any, _: int) -> Any:
    return (100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2).sum()


def rosenbrock_by_hand(x: Any, gradient: Any) -> float:
    value, carried = 0.0, 0.0
    for i in range(x.size - 1):
        t, u = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        value += 100.0 * t * t + u * u
        gradient[i] = carried - 400.0 * t * x[i] - 2.0 * u
        carried = 200.0 * t
    gradient[x.size - 1] = carried
    return value


def energy(v: Sequence[Any], total: Callable[[list[Any]], Any], sqrt: Callable[[Any], Any]) -> Any:
    """Σ 1/√(distance² + softening) over pairs of bodies in a plane, whose places are pairs of numbers."""
    bodies = [(v[i], v[i + 1]) for i in range(0, len(v), 2)]
    pairs = [(a, b) for index, a in enumerate(bodies) for b in bodies[:index]]
    return total([1.0 / sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + SOFTENING) for a, b in pairs])


def energy_of_array(x: Any, count: int) -> Any:
    import numpy

    i, j = numpy.triu_indices(count // 2, 1)
    return (1.0 / ((x[2 * i] - x[2 * j]) ** 2 + (x[2 * i + 1] - x[2 * j + 1]) ** 2 + SOFTENING) ** 0.5).sum()


def energy_by_hand(x: Any, gradient: Any) -> float:
    value, count = 0.0, x.size // 2
    gradient[:] = 0.0
    for i in range(count):
        for j in range(i + 1, count):
            d0, d1 = x[2 * i] - x[2 * j], x[2 * i + 1] - x[2 * j + 1]
            s = 1.0 / (d0 * d0 + d1 * d1 + SOFTENING) ** 0.5
            value += s
            c = s * s * s
            gradient[2 * i] -= c * d0
            gradient[2 * j] += c * d0
            gradient[2 * i + 1] -= c * d1
            gradient[2 * j + 1] += c * d1
    return value


FUNCTIONS = {
    "rosenbrock": Function(rosenbrock, rosenbrock_of_array, rosenbrock_by_hand),
    "energy": Function(energy, energy_of_array, energy_by_hand),
}


# ------------------------------------------------------------------------------------------------------------- the compilers


def of_pytorch(name: str, start: list[float], *, compiled: bool = False) -> Prepared:
    import torch

    torch.set_num_threads(1)
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    array = FUNCTIONS[name].array
    function = torch.compile(array) if compiled else array

    def call() -> Any:
        x.grad = None
        value = function(x, len(start))
        value.backward()
        return value.detach(), x.grad

    return call, loss_and_gradient


def of_compiled_pytorch(name: str, start: list[float]) -> Prepared:
    return of_pytorch(name, start, compiled=True)


def jax() -> Any:
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax  # type: ignore[import-not-found]  # in its own environment

    jax.config.update("jax_enable_x64", val=True)
    return jax


def of_jax(name: str, start: list[float]) -> Prepared:
    module = jax()
    x, array = module.numpy.array(start), FUNCTIONS[name].array
    compiled = module.jit(module.value_and_grad(lambda x: array(x, len(start))))
    return lambda: module.block_until_ready(compiled(x)), loss_and_gradient


def of_pytensor(name: str, start: list[float]) -> Prepared:
    """By numba, which it takes by itself."""
    import numpy
    import pytensor  # type: ignore[import-not-found]  # in its own environment
    from pytensor import tensor

    x = tensor.vector("x", shape=(len(start),), dtype="float64")
    value = FUNCTIONS[name].array(x, len(start))
    function, point = pytensor.function([x], [value, pytensor.grad(value, x)], trust_input=True), numpy.array(start)
    return lambda: function(point), loss_and_gradient


def of_casadi(name: str, start: list[float], options: dict[str, Any] | None = None) -> Prepared:
    """Called on buffers, as its manual says is fastest."""
    import casadi  # type: ignore[import-not-found]  # in its own environment
    import numpy

    x = casadi.SX.sym("x", len(start))
    value = FUNCTIONS[name].scalars([x[i] for i in range(len(start))], sum, casadi.sqrt)
    function = casadi.Function("f", [x], [value, casadi.gradient(value, x)], options or {})
    buffer, run = function.buffer()
    point, found, gradient = numpy.array(start), numpy.zeros(1), numpy.zeros(len(start))
    buffer.set_arg(0, memoryview(point))
    buffer.set_res(0, memoryview(found))
    buffer.set_res(1, memoryview(gradient))
    kept = function, buffer, point  # CasADi keeps none of them alive

    def numbers(_: Any) -> list[float]:
        return [found[0], *gradient.tolist()] if kept else []

    return run, numbers


C = {"jit": True, "compiler": "shell", "jit_options": {"compiler": "cc", "flags": ["-O3", "-march=native"]}, "jit_cleanup": False}


def of_casadi_in_c(name: str, start: list[float]) -> Prepared:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # where it writes its C
        return of_casadi(name, start, C)


def of_numba(name: str, start: list[float]) -> Prepared:
    import numba  # type: ignore[import-not-found]  # in its own environment
    import numpy

    function, x, gradient = numba.njit(FUNCTIONS[name].by_hand), numpy.array(start), numpy.zeros(len(start))
    return lambda: function(x, gradient), lambda value: [value, *gradient.tolist()]


OF_FUNCTIONS: dict[str, Callable[[str, list[float]], Prepared]] = {
    "PyTorch": of_pytorch,
    "PyTorch, compiled": of_compiled_pytorch,
    "JAX": of_jax,
    "PyTensor": of_pytensor,
    "CasADi": of_casadi,
    "CasADi, C": of_casadi_in_c,
    "numba": of_numba,
}
