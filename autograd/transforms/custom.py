"""Gradients changed on purpose: stopped, computed by custom rules, or recomputed in the sweep to save memory.

    >>> from autograd import grad, jvp
    >>> f = lambda x: x * stop_gradient(x)
    >>> grad(f)(3.0), jvp(f, (3.0,), (1.0,))
    (3.0, (9.0, 3.0))

A function with a rule makes one node for each number of its value. A rule of `custom_jvp` computes the local derivatives of these
nodes when the function runs; they are ordinary nodes. A rule of `custom_vjp` is called in the sweep, since its result need not be
a multiple of the adjoint, and so is the rule of `checkpoint`: such rules are kept beside the graph (`autograd.beside`).

Start reading at `_Function`.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from numbers import Real
from typing import Any, final

from autograd.beside import Rule, keep_rule, sweep
from autograd.errors import ModeError, OperandError, StaleGraphError
from autograd.modes import enable_grad, is_recording
from autograd.ops import Op, number
from autograd.special import NAN
from autograd.transforms.derived import qualified_name, returns_function
from autograd.transforms.forward import FIXED, Dual
from autograd.transforms.lifting import Forward, innermost, plain
from autograd.transforms.reverse import sweep_as_nodes
from autograd.transforms.structures import (
    Structure,
    flatten,
    flatten_like,
    flatten_output,
    is_constant,
    is_lifted,
    is_opaque,
    map_lifted,
    refuse_no_function,
)
from autograd.value import Value, further_order, recorded
from autograd.variants import unlisted

__all__ = ["checkpoint", "custom_jvp", "custom_vjp", "stop_gradient"]

Function = Callable[..., Any]


def stop_gradient(x: Any) -> Any:
    """Return x as a constant: equal numbers, through which no derivative of any order flows in reverse or forward mode.

    x is a number or any structure; one without derivatives is returned unchanged. For one node it is the same as `x.detach()`.

    >>> from autograd import Value
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * stop_gradient({"y": y})["y"]
    >>> z.backward()
    >>> x.grad, y.grad
    (3.0, 0.0)
    """
    return map_lifted(lambda number: number.detach(), x)


class _Call:
    """The arguments of one call of a function, flattened: its nodes and forward numbers can be replaced by other numbers."""

    def __init__(self, name: str, args: Sequence[Any], fixed: Callable[[Any], bool] = is_constant) -> None:
        self.name = name
        self.leaves, self.structure = flatten(tuple(args), lambda x: x, fixed)
        self.lifted = [x for x in self.leaves if is_lifted(x)]
        self.nodes = tuple([x for x in self.lifted if type(x) is Value])

    def args(self, numbers: Iterable[Any]) -> tuple[Any, ...]:
        """Return the arguments with these numbers in the places of nodes and forward numbers."""
        given = iter(numbers)
        return self.structure.argument([next(given) if is_lifted(x) else x for x in self.leaves])  # type: ignore[no-any-return]

    def args_now(self) -> tuple[Any, ...]:
        """Return the arguments with the data of nodes in their places."""
        return self.args(map(plain, self.lifted))

    def tangents(self, numbers: Iterable[Any]) -> tuple[Any, ...]:
        """Return the tangents of `args`: these for nodes and forward numbers, 0.0 for a plain number, None for a constant."""
        given = iter(numbers)
        tangents = [next(given) if is_lifted(x) else 0.0 if isinstance(x, Real) else None for x in self.leaves]
        return self.structure(tangents)  # type: ignore[no-any-return]  # a tuple

    def cotangents(self, given: Any, of: str) -> list[Any]:
        """Return the cotangents of the nodes, given a tuple with one entry for each argument, in its structure; None is zero."""
        args = self.structure(self.leaves)
        if not isinstance(given, (tuple, list)) or len(given) != len(args):
            raise OperandError(f"{of} returns {given!r:.60}; let it return a tuple of {len(args)} cotangents, one an argument")
        found: list[Any] = []
        for part, arg in zip(given, args, strict=True):
            own = [is_lifted(x) for x in flatten((arg,), lambda x: x)[0]]
            every = [0.0] * len(own) if part is None else flatten_like(part, arg, f"{of} returns", "the argument is")
            found += [cotangent for cotangent, is_node in zip(every, own, strict=True) if is_node]
        return found


def _floats(outputs: Iterable[Any], of: str, name: str) -> list[float]:
    """Return the outputs of a computation on floats; raise an OperandError for a node, whose gradient would be lost."""
    outputs = list(outputs)
    if any(map(is_lifted, outputs)):
        raise OperandError(f"{of} uses a node that is not an argument; pass it to {name} as an argument")
    return outputs


def _row(name: str, value: Callable[..., Any], partials: Any = None) -> Op:
    def refuse(*_: Any, **__: Any) -> Any:
        raise ModeError(f"{name} has a custom rule, which a sweep calls; its node has no local derivatives to compute again")

    return unlisted(name.replace("<lambda>", "function"), value, partials or refuse)


class _SweepRule(Rule):
    """A rule that the sweep calls once for all numbers of a function's value, when it has the adjoint of each."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.outputs: list[weakref.ref[Value]] = []

    def nodes(self, op: Op, values: Sequence[float], operands: tuple[Value, ...]) -> list[Value]:
        """Return the nodes of the value. Several nodes have a common operand, which the sweep reaches after all of them."""
        unknown = (NAN,) * len(operands)
        if len(values) == 1:
            made = [recorded(values[0], op, operands, unknown, operands)]
            keep_rule(made[0], self)
        else:
            common = recorded(float(len(values)), op, operands, unknown, operands)
            common.label = self.name
            keep_rule(common, self)
            rows = [_row(f"{self.name}[{place}]", lambda xs, y=y: y) for place, y in enumerate(values)]
            made = [recorded(y, row, (common,), (NAN,), (common,)) for y, row in zip(values, rows, strict=True)]
            for node in made:
                keep_rule(node, _Part(self.name, common))
        self.outputs = [weakref.ref(node) for node in made]  # each keeps the node of this rule alive
        return made

    def adjoints(self, adjoint_of: Callable[[Any], Any]) -> list[Any]:
        """Return the adjoints of the value, 0.0 for a node that was not reached."""
        found = [None if (node := output()) is None else adjoint_of(node) for output in self.outputs]
        return [0.0 if adjoint is None else adjoint for adjoint in found]


class _Part(Rule):
    """The rule of one of several numbers of a value: it makes the sweep reach their common operand."""

    def __init__(self, name: str, common: Value) -> None:
        self.name, self.common = name, common

    def contributions(self, adjoint: Any, adjoint_of: Callable[[Any], Any], *, as_nodes: bool) -> Iterable[tuple[Any, Any]]:
        return [(self.common, 0.0)]


class _Function:
    """A function with a custom rule: it has the name of the user's function, and is pickled by that name."""

    def __init__(self, f: Function) -> None:
        refuse_no_function(type(self).__name__, f)
        self.function = f
        functools.update_wrapper(self, f, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        args = self._in_order(args, kwargs)
        call = _Call(self._name, args)
        if not call.lifted or not all(type(x) is Value or isinstance(x, Forward) for x in call.lifted):
            return self.function(*args)
        if len(call.nodes) < len(call.lifted):
            return self._forward(call)
        return self._reverse(call) if is_recording() else self.function(*args)

    @property
    def _name(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)

    def _in_order(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """Return the positional arguments of the rule, with defaults filled in."""
        try:
            signature = inspect.signature(self.function)
        except ValueError:  # a function in C without a signature
            return args
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if bound.kwargs:
            raise OperandError(f"{self._name} has keyword-only arguments ({', '.join(bound.kwargs)}); a rule has positional ones")
        return bound.args

    def _forward(self, call: _Call) -> Any:
        raise NotImplementedError

    def _reverse(self, call: _Call) -> Any:
        raise NotImplementedError

    def __reduce__(self) -> str | tuple[Any, ...]:
        return qualified_name(self) or (_remade, (type(self), {**vars(self)}))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._name}>"


def _remade(kind: type[_Function], attributes: dict[str, Any]) -> Any:
    made = kind.__new__(kind)
    vars(made).update(attributes)
    return made


@final
class custom_vjp(_Function):  # JAX's name of the decorator
    """A function with a custom rule for reverse mode: `@custom_vjp def f(*args)`, then `f.defvjp(fwd, bwd)`.

    fwd(*args) returns (f(*args), residuals). bwd(residuals, cotangent), with a cotangent in the structure of the value, returns a
    tuple with one cotangent for each argument, in its structure, or None for zero. The sweep calls bwd with the complete adjoint;
    for higher derivatives both run on nodes. Forward mode raises a ModeError: use `custom_jvp`.

    >>> from autograd import clamp, grad
    >>> @custom_vjp
    ... def clipped(x):
    ...     return x
    >>> clipped.defvjp(lambda x: (x, None), lambda residuals, cotangent: (clamp(cotangent, -1.0, 1.0),))
    >>> grad(lambda x: 100.0 * clipped(x))(2.0)
    1.0
    """

    fwd: Function | None = None
    bwd: Function | None = None

    def defvjp(self, fwd: Function, bwd: Function) -> None:
        """Set the rule; see the class."""
        for function in (fwd, bwd):
            refuse_no_function("defvjp", function)
        self.fwd, self.bwd = fwd, bwd

    def _forward(self, call: _Call) -> Any:
        raise ModeError(
            f"{call.name} has a rule for reverse mode alone, by custom_vjp, and was called in forward mode (jvp, hvp, taylor); "
            "take grad of grad, or give it a rule for both with custom_jvp"
        )

    def run(self, args: tuple[Any, ...]) -> tuple[list[Any], Structure, Any]:
        """Return the numbers of the value, its structure, and the residuals."""
        if self.fwd is None:
            raise OperandError(f"{self._name} is a custom_vjp without a rule; set it with {self._name}.defvjp(fwd, bwd)")
        value, residuals = _pair(self.fwd(*args), f"fwd of {self._name}", "(value, residuals)")
        return *flatten_output(value), residuals

    def _reverse(self, call: _Call) -> Any:
        outputs, structure, residuals = self.run(call.args_now())
        values = _floats(outputs, f"fwd of {call.name}", call.name)
        rule = _Vjp(self, call, values, structure, residuals)
        op = _row(call.name, lambda xs: number(self.function(*call.args(xs))))
        return structure(rule.nodes(op, values, call.nodes))


class _Vjp(_SweepRule):
    def __init__(self, function: custom_vjp, call: _Call, values: list[float], structure: Structure, residuals: Any) -> None:
        super().__init__(call.name)
        self.function, self.call, self.values, self.structure, self.residuals = function, call, values, structure, residuals

    def contributions(self, adjoint: Any, adjoint_of: Callable[[Any], Any], *, as_nodes: bool) -> Iterable[tuple[Any, Any]]:
        assert self.function.bwd is not None
        residuals = self._residuals_again() if as_nodes else self.residuals
        cotangent = self.structure(self.adjoints(adjoint_of))
        given = self.call.cotangents(self.function.bwd(residuals, cotangent), f"bwd of {self.name}")
        return zip(self.call.nodes, given if as_nodes else map(plain, given), strict=True)

    def _residuals_again(self) -> Any:
        """Return the residuals as graphs over the arguments."""
        outputs, _, residuals = self.function.run(self.call.args(self.call.nodes))
        _refuse_changed(self.name, [plain(y) for y in outputs], self.values)
        return residuals


@final
class custom_jvp(_Function):  # JAX's name of the decorator
    """A function with a custom derivative along a direction: `@custom_jvp def f(*args)`, then `@f.defjvp`.

    The rule takes (primals, tangents), two tuples in the structure of the arguments, and returns (value, its tangent). It must be
    linear in the tangents: when f runs, reverse mode gets from it one local derivative for each number among the arguments.
    Every mode works, to any order.

    >>> from autograd import exp, grad, jvp, log1p
    >>> @custom_jvp
    ... def log1pexp(x):
    ...     return log1p(exp(x))
    >>> @log1pexp.defjvp
    ... def rule(primals, tangents):
    ...     (x,), (dx,) = primals, tangents
    ...     return log1pexp(x), dx * (1.0 - 1.0 / (1.0 + exp(x)))
    >>> grad(log1pexp)(0.0), jvp(log1pexp, (0.0,), (2.0,))[1], grad(grad(log1pexp))(0.0)
    (0.5, 1.0, 0.25)
    """

    jvp: Function | None = None

    def defjvp(self, jvp: Function) -> Function:
        """Set the rule, and return it; see the class."""
        refuse_no_function("defjvp", jvp)
        self.jvp = jvp
        return jvp

    def run(self, primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[list[Any], Structure, list[Any]]:
        """Return the numbers of the value, its structure, and the tangents of these numbers."""
        if self.jvp is None:
            raise OperandError(f"{self._name} is a custom_jvp without a rule; set it with @{self._name}.defjvp")
        value, tangent = _pair(self.jvp(primals, tangents), f"the rule of {self._name}", "(value, tangent)")
        return *flatten_output(value), flatten_like(tangent, value, f"the rule of {self._name}: the tangent is", "the value")

    def _forward(self, call: _Call) -> Any:
        operands, mine = innermost(tuple(call.lifted))
        duals = [x for x, on in zip(operands, mine, strict=True) if on]
        if not all(type(x) is Dual and _is_one(x.tangent) for x in duals):
            return self._by_rows(call)
        moving = [on and _moves(x.tangent) for x, on in zip(operands, mine, strict=True)]
        primals = [x.primal if on else x for x, on in zip(operands, mine, strict=True)]
        if not any(moving):
            outputs, structure = flatten_output(self(*call.args(primals)))
            return structure([Dual(y, None, duals[0].level) for y in outputs])
        tangents = [x.tangent if on else 0.0 for x, on in zip(operands, moving, strict=True)]
        outputs, structure, along = self.run(call.args(primals), call.tangents(tangents))
        return structure([Dual(y, t, duals[0].level) for y, t in zip(outputs, along, strict=True)])

    def _by_rows(self, call: _Call) -> Any:
        """Return each number of the value as the result of a row made for it."""
        outputs, structure = flatten_output(self.function(*call.args_now()))
        return structure([self._row_of(call, place).apply(tuple(call.lifted)) for place in range(len(outputs))])

    def _row_of(self, call: _Call, place: int) -> Op:
        def value(xs: Sequence[float]) -> float:
            return number(flatten_output(self.function(*call.args(xs)))[0][place])

        def partials(operands: Sequence[Any], y: Any, *, active: Sequence[bool]) -> tuple[Any, ...]:
            return tuple([self._along(call, operands, i)[place] if on else 0.0 for i, on in enumerate(active)])

        return _row(self._name, value, partials)

    def _along(self, call: _Call, operands: Sequence[Any], i: int) -> list[Any]:
        """Return the tangents of the value for the tangent 1 of the i-th operand, 0 of the others."""
        direction = [float(k == i) for k in range(len(operands))]
        return self.run(call.args(operands), call.tangents(direction))[2]

    def _reverse(self, call: _Call) -> Any:
        data = [x.data for x in call.nodes]
        outputs, structure = flatten_output(self.function(*call.args(data)))
        values = _floats(outputs, call.name, call.name)
        columns = [_floats(self._along(call, data, i), f"the rule of {call.name}", call.name) for i in range(len(data))]
        rows = [self._row_of(call, place) for place in range(len(values))]
        partials = [tuple([column[place] for column in columns]) for place in range(len(values))]
        return structure([recorded(y, op, call.nodes, p, call.nodes) for y, op, p in zip(values, rows, partials, strict=True)])


def _pair(result: Any, of: str, names: str) -> tuple[Any, Any]:
    if not isinstance(result, tuple) or len(result) != 2:
        raise OperandError(f"{of} returns {result!r:.60}; let it return a pair {names}")
    return result


def _moves(tangent: Any) -> bool:
    return not (tangent is None or tangent is FIXED or (type(tangent) is float and tangent == 0.0))


def _is_one(tangent: Any) -> bool:
    """Whether it is the tangent of one variable; not `Tangents`, those of several."""
    return not _moves(tangent) or type(tangent) is float or is_lifted(tangent)


# -------------------------------------------------------------------------------------------------------------- checkpointing


@returns_function
def checkpoint(f: Function) -> Function:
    """Return f such that a graph keeps its value alone: its inner nodes are recomputed in the sweep, and then freed.

    A chain of n operations in √n checkpoints keeps about 2·√n nodes at a time instead of n, for one more forward pass. Nodes that f
    closes over, such as the parameters of a model, get their gradients too. f must return the same value when it runs again: if it
    does not, or a leaf was set in between, the sweep raises a StaleGraphError. Forward mode keeps no graph and runs f itself.

    >>> from autograd import grad, sin
    >>> grad(checkpoint(lambda x: sin(sin(x))))(1.0) == grad(lambda x: sin(sin(x)))(1.0)
    True
    """
    refuse_no_function("checkpoint", f)

    @functools.wraps(f)
    def run(*args: Any, **kwargs: Any) -> Any:
        call = _Call(getattr(f, "__name__", "checkpoint"), (args, kwargs), is_opaque)
        if SAVES_ALL.get() or len(call.nodes) < len(call.lifted):  # forward mode keeps nothing
            return f(*args, **kwargs)
        return _with_value_alone(call, lambda: f(*args, **kwargs))

    return run


SAVES_ALL: ContextVar[bool] = ContextVar("saves all", default=False)
"""True while `linearize` records a graph, which it walks forward."""


def _with_value_alone(call: _Call, f: Callable[[], Any]) -> Any:
    """Return the value of f without its graph, with a rule that computes it again."""
    value = f()
    outputs, structure = flatten(value, lambda x: x, is_opaque)
    made = [y for y in outputs if is_lifted(y)]
    order = further_order(made, set(call.nodes)) if all(type(y) is Value for y in made) else []
    if not any(node.operands for node in order):
        return value  # nothing was recorded, or f returned a forward number that it closes over
    numbers = structure([y.data if type(y) is Value else y for y in outputs])
    are_nodes, values = list(map(is_lifted, outputs)), [y.data for y in made]
    graph = _Remains(order, made)
    del value, outputs, structure, made, order
    boundary = list(dict.fromkeys([*call.nodes, *graph.survivors()]))
    rule = _Recomputed(call.name, f, boundary, values)
    op = _row(call.name, lambda xs: number(numbers) if len(values) == 1 else float(len(values)))
    nodes = iter(rule.nodes(op, values, tuple(boundary)))
    plain_outputs, structure = flatten(numbers, lambda x: x, is_opaque)
    return structure([next(nodes) if is_node else y for y, is_node in zip(plain_outputs, are_nodes, strict=True)])


class _Remains:
    """Weak references to a graph: the nodes that survive when the value of a function is freed are those it closes over."""

    def __init__(self, order: list[Value], made: list[Value]) -> None:
        place = {node: k for k, node in enumerate(order)}
        self.nodes = [weakref.ref(node) for node in order]
        self.operands = [[place[operand] for operand in node.operands if operand in place] for node in order]
        self.leaves = [place[node] for node in order if not node.operands]
        self.outputs = [place[node] for node in made if node in place]

    def survivors(self) -> list[Value]:
        """Return the nodes around the freed ones: their operands, values that existed before, and leaves."""
        alive = [node() for node in self.nodes]
        edge = {*self.outputs, *self.leaves}
        edge.update(k for user, operands in zip(alive, self.operands, strict=True) if user is None for k in operands)
        return [node for k, node in enumerate(alive) if node is not None and k in edge]


class _Recomputed(_SweepRule):
    def __init__(self, name: str, f: Callable[[], Any], boundary: list[Value], values: list[float]) -> None:
        super().__init__(name)
        self.f, self.boundary, self.values, self.data = f, boundary, values, [x.data for x in boundary]

    def contributions(self, adjoint: Any, adjoint_of: Callable[[Any], Any], *, as_nodes: bool) -> Iterable[tuple[Any, Any]]:
        _refuse_changed(self.name, [x.data for x in self.boundary], self.data)
        with enable_grad():
            made = [y for y in flatten(self.f(), lambda x: x, is_opaque)[0] if is_lifted(y)]
            _refuse_changed(self.name, [plain(y) for y in made], self.values)
            adjoints: dict[Value, Any] = {}
            for node, own in zip(made, self.adjoints(adjoint_of), strict=True):
                adjoints[node] = adjoints[node] + own if node in adjoints else own
            (sweep_as_nodes if as_nodes else sweep)(further_order(made, set(self.boundary)), adjoints)
        return [(x, adjoints[x]) for x in self.boundary if x in adjoints]


def _refuse_changed(name: str, now: list[float], then: list[float]) -> None:
    """Raise a StaleGraphError if the numbers of a second run differ from those of the first; NaN equals NaN."""
    if len(now) != len(then) or any(a != b and (a == a or b == b) for a, b in zip(now, then, strict=True)):
        raise StaleGraphError(
            f"{name} was computed as {then!r:.60}, and is {now!r:.60} when it is computed again: a leaf was set since, or the "
            "function is not deterministic; compute the value again"
        )
