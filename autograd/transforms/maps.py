"""Jacobians by columns or rows, a linear map to apply to many tangents, and functions over batches.

    >>> f = lambda v: [v[0] * v[1], v[0] ** 2]
    >>> jacfwd(f)([2.0, 3.0]) == jacrev(f)([2.0, 3.0]) == [[3.0, 2.0], [4.0, 0.0]]
    True
    >>> vmap(lambda x: x**2)([1.0, 2.0, 3.0])
    [1.0, 4.0, 9.0]

For a function of n numbers with m results, `jacfwd` runs n forward passes, and `jacrev` m reverse sweeps over one recorded
graph: use the one with the smaller number. `count_passes` counts them.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autograd.beside import refuse_kept, rule_of
from autograd.errors import ModeError, OptionError
from autograd.transforms.custom import SAVES_ALL
from autograd.transforms.derived import returns_function
from autograd.transforms.forward import jvp
from autograd.transforms.passes import count_forward
from autograd.transforms.reverse import Variables, chosen_places, jacobian, places_of
from autograd.transforms.structures import (
    Structure,
    flatten,
    flatten_argument,
    flatten_like,
    flatten_once,
    flatten_output,
    is_array,
    is_constant,
    is_lifted,
    opened,
    refuse_no_function,
    stack,
)
from autograd.value import Value, toposort

Function = Callable[..., Any]


@returns_function
def jacfwd(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return the function that computes ∂fᵢ/∂xⱼ as `jacobian` does, by one forward pass for each number of the chosen arguments.

    >>> jacfwd(lambda x, y: {"product": x * y, "ratio": x / y}, argnums=(0, 1))(6.0, 2.0)
    {'product': (2.0, 6.0), 'ratio': (0.5, -1.5)}
    """
    refuse_no_function("jacfwd", f)
    argnums = places_of("jacfwd", argnums)

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        places = chosen_places("jacfwd", argnums, len(args))
        parts = [flatten_argument("jacfwd", place, args[place], is_chosen=True) for place in places]
        points = [args[place] for place in places]

        def of_chosen(*chosen: Any) -> Any:
            arguments = list(args)
            for place, argument in zip(places, chosen, strict=True):
                arguments[place] = argument
            return f(*arguments, **kwargs)

        count = sum(len(numbers) for numbers, _ in parts)
        columns = []
        for i in range(count):
            value, moved = jvp(of_chosen, points, _split(parts, [float(i == j) for j in range(count)]))
            columns.append(flatten(moved)[0])
        outputs, structure = flatten_output(value if count else of_chosen(*points))
        rows = [_split(parts, [column[k] for column in columns]) for k in range(len(outputs))]
        return structure([row[0] for row in rows] if isinstance(argnums, int) else [tuple(row) for row in rows])

    return jacobian_of_f


def _split(parts: Sequence[tuple[list[Any], Structure]], numbers: Sequence[Any]) -> list[Any]:
    """Return the numbers in the structures of the arguments."""
    given = iter(numbers)
    return [structure([next(given) for _ in own]) for own, structure in parts]


@returns_function
def jacrev(f: Function, argnums: int | Sequence[int] = 0) -> Function:
    """Return the function that computes ∂fᵢ/∂xⱼ by one reverse sweep for each number of f(x), as `jacobian` does."""
    refuse_no_function("jacrev", f)
    inner = jacobian(f, argnums)

    @functools.wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        return inner(*args, **kwargs)

    return jacobian_of_f


def linearize(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Return (f(x), push); push maps tangents, one for each argument, to the derivative along them, without running f again.

    The local derivatives at x are kept, and each call of push is one forward walk along the graph: cheaper than `jvp` from the
    second direction on. Inside another derivative push is `jvp` itself.

    >>> y, push = linearize(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> y, push(1.0, 0.0), push(0.0, 1.0)
    ([6.0, 5.0], [3.0, 1.0], [2.0, 1.0])
    """
    refuse_no_function("linearize", f)
    inputs = Variables("linearize", primals, range(len(primals)))
    token = SAVES_ALL.set(True)
    try:
        with inputs.recorded():
            outputs, structure = flatten_output(f(*inputs.arguments))
    finally:
        SAVES_ALL.reset(token)
    order = toposort(*[y for y in outputs if type(y) is Value])
    if inputs.must_stay_graphs(outputs, order):
        return structure([inputs.plain(y) for y in outputs]), lambda *tangents: jvp(f, primals, tangents)[1]
    for node in order:
        rule = rule_of(node)
        if rule is not None:
            raise ModeError(f"linearize: {rule.name} has a rule for reverse mode alone; use vjp, or give it a rule with custom_jvp")
    refuse_kept(order, "linearize")

    def push(*tangents: Any) -> Any:
        along = flatten_like(list(tangents), list(primals), "linearize: the tangents are", "the arguments")
        count_forward()
        moved = {node: t for node, t in zip(inputs.nodes, along, strict=True) if type(t) is not float or t != 0.0}
        for node in order:
            for operand, partial, _, is_open in node.edges:
                if is_open and operand in moved:
                    contribution = moved[operand] * partial
                    moved[node] = moved[node] + contribution if node in moved else contribution
        return structure([moved.get(y, 0.0) if type(y) is Value else 0.0 for y in outputs])

    return structure([inputs.plain(y) for y in outputs]), push


@returns_function
def vmap(f: Function, in_axes: Any = 0) -> Function:
    """Return the function that maps f over lists, or over an axis of arrays, with its values along a new first axis.

    `in_axes` is the mapped axis of every argument, or a list or tuple with one for each; None for an argument that is the same in
    every call. Axis 0 of a list are its entries, axis 1 the entries of these. A dict, named tuple or dataclass has the axis in each
    of its parts, a dict may have a dict of axes. f runs once for each entry, in a loop.

    The values are a list, or an array if an argument was one. If f returns a tuple or dict, each part is such a list:

    >>> from autograd import value_and_grad
    >>> vmap(lambda x, y: x * y, in_axes=(0, None))([1.0, 2.0], 10.0)
    [10.0, 20.0]
    >>> vmap(value_and_grad(lambda x: x**2))([1.0, 2.0])
    ([1.0, 4.0], [2.0, 4.0])
    """
    refuse_no_function("vmap", f)

    @functools.wraps(f)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        axes = list(in_axes) if isinstance(in_axes, (list, tuple)) else [in_axes] * len(args)
        if len(axes) != len(args):
            raise OptionError(f"vmap: in_axes={in_axes!r:.60} for {len(args)} arguments; give one axis for each")
        pairs = list(zip(args, axes, strict=True))
        sizes = {size for arg, axis in pairs for size in _sizes(arg, axis)}
        if len(sizes) != 1:
            problem = f"axes of different lengths, {sorted(sizes)}" if sizes else "no argument has an axis to map over"
            raise OptionError(f"vmap: in_axes={in_axes!r:.60}: {problem}; give lists or arrays of one length")
        values = [f(*[_at(arg, axis, i) for arg, axis in pairs], **kwargs) for i in range(sizes.pop())]
        return _stacked(values, any(_has_array(arg) for arg, axis in pairs if axis is not None))

    return mapped


def _is_sequence(x: Any) -> bool:
    """Return True if axis 0 is that of the entries. A named tuple is a record, with the axis in its parts."""
    return is_array(x) or (isinstance(x, (list, tuple, deque)) and not hasattr(x, "_fields"))


def _parts(x: Any, axis: Any) -> list[tuple[Any, Any]]:
    """Return the parts of a record, each with its axis."""
    taken = None if is_lifted(x) else opened(x)
    if taken is None:
        raise OptionError(f"vmap: {x!r:.60} has no axis {axis!r:.20}; give a list or an array, or in_axes=None for this argument")
    if isinstance(axis, Mapping) and isinstance(x, Mapping):
        return [(part, axis.get(key)) for key, part in x.items()]
    return [(part, axis) for _, part in taken.entries]


def _sizes(x: Any, axis: Any) -> Iterator[int]:
    """Yield the number of entries along the axis, for each list of the argument."""
    if axis is None or is_constant(x):
        return
    if not _is_sequence(x):
        for part, own in _parts(x, axis):
            yield from _sizes(part, own)
    elif not isinstance(axis, int) or isinstance(axis, bool) or axis < 0:
        raise OptionError(f"vmap: the axis {axis!r:.20} of {x!r:.60}; give 0, 1, ... or None")
    elif axis == 0:
        yield len(x)
    else:
        for part in x:
            yield from _sizes(part, axis - 1)


def _at(x: Any, axis: Any, i: int) -> Any:
    """Return the argument of call number i."""
    if axis is None or is_constant(x):
        return x
    if is_array(x):
        return x[(slice(None),) * axis + (i,)]
    if _is_sequence(x):
        return x[i] if axis == 0 else type(x)([_at(part, axis - 1, i) for part in x])
    taken = opened(x)
    assert taken is not None  # its size is known
    return taken.remake([_at(part, own, i) for part, own in _parts(x, axis)])


def _has_array(x: Any) -> bool:
    return is_array(x) or (not is_lifted(x) and any(_has_array(part) for _, part in getattr(opened(x), "entries", ())))


def _stacked(values: list[Any], as_array: bool) -> Any:
    """Return the values of all calls along a new first axis, inside the tuples and records that f returned."""
    first = values[0] if values else None
    taken = None if is_lifted(first) or isinstance(first, (list, deque)) or is_array(first) else opened(first)
    if taken is not None:
        columns = zip(*[flatten_once(value, first) for value in values], strict=True)
        return taken.make([_stacked(list(column), as_array) for column in columns])
    return stack(values) if as_array else values
