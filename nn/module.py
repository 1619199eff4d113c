"""A module is anything that owns parameters; this one finds them, names them, and saves them.

A subclass only sets attributes. Every leaf `Value` among them is a parameter, and so is every one inside a module, list,
tuple or dict among them; a parameter met twice counts once, under its first name. The name is the path one would type:

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offsets = Value(2.0), [Value(0.5), Value(1.0)]
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'offsets[0]', 'offsets[1]']

Once a module is made its parameters carry that name as their label, so a picture says `layers[0].neurons[2].w[1]`. A label
of your own is kept.
"""

from __future__ import annotations

import json
import math
import os
from abc import ABCMeta
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import attrgetter
from types import FunctionType
from typing import Any, ParamSpec, Protocol, Self, TypeVar

import autograd
from autograd import Value
from autograd.files import AnyPath, write
from autograd.ops import Op
from autograd.text.tables import aligned
from autograd.value import exhaust, restoring_data
from nn.errors import ForwardError, SettingError, StateError
from nn.states import numbers_by_name, read_json

__all__ = ["Module", "in_mode", "walk"]

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class _Forward(Protocol[P, R_co]):
    """Anything that has a `forward`."""

    def forward(self, *inputs: P.args, **options: P.kwargs) -> R_co: ...


class _Labelling(ABCMeta):  # of ABCMeta, so that a model may be abstract too
    """Labels the parameters when a module is complete, so that a subclass need not remember to."""

    def __call__(cls: type[T], *arguments: Any, **options: Any) -> T:
        module: Any = super().__call__(*arguments, **options)  # type: ignore[misc]  # cls is a class of this metaclass
        for name, parameter in module.named_parameters():
            # A label given here before, in a smaller module, is the end of the full name.
            if not parameter.label or name.endswith("." + parameter.label):
                parameter.label = name
        complete: T = module
        return complete


class Module(metaclass=_Labelling):
    """The base of layers, networks, and of your own models.

    A subclass writes `forward`, and calling the module calls it: for type checkers too, `model(x)` has the type that `forward`
    is annotated with. `training` is for parts that behave differently in training,
    such as a dropout: `train()` and `eval()` set it in every part.
    """

    training: bool = True

    def __call__(self: _Forward[P, R], *inputs: P.args, **options: P.kwargs) -> R:
        return self.forward(*inputs, **options)

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """The outputs of the module; a subclass writes this method."""
        raise ForwardError(f"{type(self).__name__} has no forward(); write `def forward(self, x):` in its class to call it")

    def train(self, mode: bool = True) -> Self:
        """Set `training` in this module and all its parts, and return the module."""
        if not isinstance(mode, bool):
            raise SettingError(f"train({mode!r:.60}): give True or False")
        for part in self.modules():
            part.training = mode
        return self

    def eval(self) -> Self:
        """Set `training` to False in this module and all its parts, and return the module."""
        return self.train(False)

    def modules(self) -> list[Module]:
        """This module and every module inside it, each once, in the order of definition."""
        return _inside(self)[0]

    def named_parameters(self) -> list[tuple[str, Value]]:
        """The parameters with their names, in the order of definition."""
        return [(name, thing) for name, thing in walk(self) if isinstance(thing, Value)]

    def parameters(self) -> list[Value]:
        """The parameters, in the order of definition."""
        return _inside(self)[1]

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        autograd.zero_grad(self.parameters())

    # -------------------------------------------------------------------------------------------------- saving and loading

    def state_dict(self) -> dict[str, float]:
        """The number of every parameter, by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to the number of its name; if one name or number does not fit, a StateError and no change."""
        parameters = dict(self.named_parameters())
        numbers = numbers_by_name(state, parameters, f"the state of this {type(self).__name__}")
        undo = restoring_data(list(parameters.values()))
        try:
            for name, parameter in parameters.items():
                parameter.data = numbers[name]
        except BaseException:
            exhaust(undo)
            raise

    def save(self, path: AnyPath) -> None:
        """Write the state as JSON, exact to the bit; nan, inf and -inf, which JSON lacks, as those words."""
        state = {name: x if math.isfinite(x) else repr(x) for name, x in self.state_dict().items()}
        write(path, json.dumps(state, indent=1, allow_nan=False) + "\n")

    def load(self, path: AnyPath) -> Self:
        """Read the state that `save` wrote into this module, and return the module."""
        state = read_json(path, "save()")
        if isinstance(state, dict):
            state = {name: float(x) if x in ("nan", "inf", "-inf") else x for name, x in state.items()}
        try:
            self.load_state_dict(state)
        except StateError as error:
            raise StateError(f"{os.fspath(path)!r} cannot be loaded: {error}") from None
        return self

    # ------------------------------------------------------------------------------------------------------------- reading

    def summary(self) -> str:
        """A table of the module's parts: shape, activation, initialisation, number of parameters.

        >>> from nn import MLP
        >>> print(MLP(2, [4, 1]).summary())
        name       part   shape  activation  init            parameters
        layers[0]  Layer  2 → 4  relu        uniform(-1, 1)          12
        layers[1]  Layer  4 → 1  linear      uniform(-1, 1)           5
        total                                                        17
        """
        rows: list[tuple[str, ...]] = []
        counted: set[Value] = set()
        opened = ""  # the part whose inside the walk is in
        for name, thing in walk(self):
            if opened and name.startswith(opened):
                continue
            shape, activation, init = thing._in_summary() if isinstance(thing, Module) else ("", "", "")
            if isinstance(thing, Module) and not shape:
                continue  # its parts come next
            parameters = thing.parameters() if isinstance(thing, Module) else [thing]
            fresh = set(parameters) - counted
            counted |= fresh
            kind = type(thing).__name__
            rows.append((name or "(itself)", kind, shape, activation, init, str(len(fresh))))
            if isinstance(thing, Module):
                opened = f"{name}." if name else ""
                if not name:
                    break
        total = ("total", "", "", "", "", str(len(counted)))
        headings = ("name", "part", "shape", "activation", "init", "parameters")
        return "\n".join(aligned([headings, *rows, total], "  ", right={5}))

    def _in_summary(self) -> tuple[str, str, str]:
        """(shape, activation, init) of a module that is one row of a summary; a shape of "" if its parts are the rows."""
        return "", "", ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


@contextmanager
def in_mode(model: Any, *, training: bool) -> Iterator[None]:
    """In the block, every module inside the model has this `training`; afterwards it is as before."""
    parts = model.modules() if isinstance(model, Module) else []
    changed = [part for part in parts if part.training is not training]
    for part in changed:
        part.training = training
    try:
        yield
    finally:
        for part in changed:
            part.training = not training


def _inside(root: Module) -> tuple[list[Module], list[Value]]:
    """The modules and the parameters of `walk`, in its order, without their names: every training step asks for them."""
    modules: list[Module] = []
    nodes: list[Value] = []
    seen: set[int] = set()
    waiting: list[Iterator[Any]] = [iter((root,))]
    while waiting:
        for thing in waiting[-1]:
            kind = type(thing)
            if kind is Value:
                nodes.append(thing)
            elif kind in _EMPTY:
                continue
            elif kind is list and _NODES.issuperset(map(type, thing)):
                nodes += thing
            elif (is_module := isinstance(kind, _Labelling)) or isinstance(thing, (list, tuple, dict)):
                if id(thing) in seen:
                    continue
                seen.add(id(thing))
                if is_module:
                    modules.append(thing)
                waiting.append(iter(vars(thing).values() if is_module else thing.values() if isinstance(thing, dict) else thing))
                break
        else:
            waiting.pop()
    nodes = list(dict.fromkeys(nodes))
    return modules, [node for node in nodes if not node.operands] if any(map(_operands_of, nodes)) else nodes


_EMPTY = frozenset({bool, int, float, str, type(None), FunctionType, Op})  # frequent attributes that hold no parameter
_NODES = {Value}
_operands_of = attrgetter("operands")


def walk(root: Module) -> Iterator[tuple[str, Module | Value]]:
    """Every module and parameter inside root, root first, each once, with its name; in the order of definition."""
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        name, thing = waiting.pop()
        inside: list[tuple[str, Any]] = []
        if isinstance(thing, Value):
            if thing.operands:
                continue  # a result kept as an attribute is no parameter
        elif isinstance(thing, Module):
            inside = [(f"{name}.{attribute}" if name else attribute, part) for attribute, part in vars(thing).items()]
        elif isinstance(thing, (list, tuple)):
            inside = [(f"{name}[{index}]", part) for index, part in enumerate(thing)]
        elif isinstance(thing, dict):
            inside = [(f"{name}[{key!r}]", part) for key, part in thing.items()]
        else:
            continue
        if id(thing) not in seen:
            seen.add(id(thing))
            waiting.extend(reversed(inside))
            if isinstance(thing, (Module, Value)):
                yield name, thing
