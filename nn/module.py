"""`Module`, the base class of layers and networks: it finds the parameters, names them, and saves them.

A subclass only sets attributes. Every leaf `Value` among them is a parameter, and so is every leaf inside a module, list,
tuple or dict among them; a parameter found twice counts once, under its first name. The name is the path that one would type:

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offsets = Value(2.0), [Value(0.5), Value(1.0)]
    >>> [name for name, _ in Line().named_parameters()]
    ['slope', 'offsets[0]', 'offsets[1]']

The parameters of a complete module have that name as their label, so a picture shows `layers[0].neurons[2].w[1]`. A label that
you have set is kept.
"""

from __future__ import annotations

import json
import math
import os
from abc import ABCMeta
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from operator import attrgetter
from types import FunctionType
from typing import Any, ParamSpec, Protocol, Self, TypeVar

import autograd
from autograd import Value
from autograd.engine import in_c
from autograd.files import AnyPath, write
from autograd.modes import Mode, entered
from autograd.ops import Op
from autograd.text.tables import aligned
from autograd.undo import exhaust, restoring
from autograd.value import DATA
from nn.errors import ForwardError, SettingError, StateError
from nn.states import numbers_by_name, read_json

__all__ = ["Module", "contents", "in_mode", "walk"]

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class _Forward(Protocol[P, R_co]):
    """A thing with a `forward`."""

    def forward(self, *inputs: P.args, **options: P.kwargs) -> R_co: ...


class _Labelling(ABCMeta):  # of ABCMeta, so that a model may be abstract too
    """Labels the parameters of a module after its construction, so that a subclass need not."""

    def __call__(cls: type[T], *arguments: Any, **options: Any) -> T:
        module: Any = super().__call__(*arguments, **options)  # type: ignore[misc]  # cls is a class of this metaclass
        for name, parameter in module.named_parameters():
            # A label that a smaller module has set is the end of the full name.
            if not parameter.label or name.endswith("." + parameter.label):
                parameter.label = name
        complete: T = module
        return complete


class Module(metaclass=_Labelling):
    """The base class of layers, networks, and your own models.

    A subclass writes `forward`, and calling the module calls it: for type checkers too, `model(x)` has the type that `forward`
    is annotated with.
    """

    @property
    def training(self) -> bool:
        """True in training, False in evaluation, for parts that behave differently in each. May be set; `train` sets all parts."""
        for modes in entered(_MODES):
            if id(self) in modes:
                return bool(modes[id(self)])
        return bool(vars(self).get("_training", True))

    @training.setter
    def training(self, training: bool) -> None:
        for modes in entered(_MODES):
            modes.pop(id(self), None)
        self._training = training

    def __call__(self: _Forward[P, R], *inputs: P.args, **options: P.kwargs) -> R:
        return self.forward(*inputs, **options)

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Return the outputs of the module; a subclass writes this method."""
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
        """Return this module and every module inside it, each once, in the order of definition."""
        found = _modules_in(self, _Labelling) if _modules_in else None
        return _inside(self)[0] if found is None else found

    def named_parameters(self) -> list[tuple[str, Value]]:
        """Return the parameters with their names, in the order of definition."""
        return [(name, thing) for name, thing in walk(self) if isinstance(thing, Value)]

    def parameters(self) -> list[Value]:
        """Return the parameters, in the order of definition."""
        found = _leaves_in(self, _Labelling) if _leaves_in else None
        return _inside(self)[1] if found is None else found

    def zero_grad(self) -> None:
        """Reset the gradient of every parameter."""
        if not (_forget_in and _forget_in(self, _Labelling, Module.parameters)):
            autograd.zero_grad(self.parameters())

    def state_dict(self) -> dict[str, float]:
        """Return the number of every parameter, by name."""
        return {name: parameter.data for name, parameter in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set every parameter to the number of its name; raise a StateError and change nothing if one does not fit."""
        parameters = dict(self.named_parameters())
        numbers = numbers_by_name(state, parameters, f"the state of this {type(self).__name__}")
        undo = restoring(DATA, list(parameters.values()))
        try:
            for name, parameter in parameters.items():
                parameter.data = numbers[name]
        except BaseException:
            exhaust(undo)
            raise

    def save(self, path: AnyPath) -> None:
        """Write the state as JSON, exact to the bit; nan, inf and -inf, which JSON lacks, are written as strings."""
        state = {name: x if math.isfinite(x) else repr(x) for name, x in self.state_dict().items()}
        write(path, json.dumps(state, indent=1, allow_nan=False) + "\n")

    def load(self, path: AnyPath) -> Self:
        """Set the parameters to the state that `save` wrote, and return the module."""
        state = read_json(path, "save()")
        if isinstance(state, dict):
            state = {name: float(x) if x in ("nan", "inf", "-inf") else x for name, x in state.items()}
        try:
            self.load_state_dict(state)
        except StateError as error:
            raise StateError(f"{os.fspath(path)!r} cannot be loaded: {error}") from None
        return self

    def summary(self) -> str:
        """Return a table of the module's parts: shape, activation, initialisation, number of parameters.

        >>> from nn import MLP
        >>> print(MLP(2, [4, 1]).summary())
        name       part   shape  activation  init            parameters
        layers[0]  Layer  2 → 4  relu        uniform(−1, 1)          12
        layers[1]  Layer  4 → 1  linear      uniform(−1, 1)           5
        total                                                        17
        """
        rows: list[tuple[str, ...]] = [("name", "part", "shape", "activation", "init", "parameters")]
        counted: set[Value] = set()
        opened = ""  # the path of the part whose contents the walk is in
        for name, thing in walk(self):
            if opened and name.startswith(opened):
                continue
            shape, activation, init = thing._in_summary() if isinstance(thing, Module) else ("", "", "")
            if isinstance(thing, Module) and not shape:
                continue  # its parts come next
            fresh = set(thing.parameters() if isinstance(thing, Module) else [thing]) - counted
            counted |= fresh
            rows.append((name or "(itself)", type(thing).__name__, shape, activation, init, str(len(fresh))))
            if isinstance(thing, Module):
                opened = f"{name}."
                if not name:
                    break
        rows.append(("total", "", "", "", "", str(len(counted))))
        return "\n".join(aligned(rows, "  ", right={5}))

    def _in_summary(self) -> tuple[str, str, str]:
        """Return (shape, activation, init) if the module is one row of a summary; a shape of "" if its parts are the rows."""
        return "", "", ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters())} parameters)"


_MODES: ContextVar[Any] = ContextVar("training", default=())


def in_mode(model: Any, *, training: bool) -> Mode:
    """Return a context in which every module inside the model has this `training`, unless it is set there.

    Nothing is saved and restored: the mode is on while a lock is locked, so an interrupt cannot leave it on.
    """
    return Mode("in_mode", _MODES, {id(part): training for part in model.modules()} if isinstance(model, Module) else {})


# The lists of `_inside`, or None for what Python must walk; forgetting the gradients of the second, or False.
_modules_in, _leaves_in, _forget_in = in_c("modules_in"), in_c("leaves_in"), in_c("forget_in")


def _inside(root: Module) -> tuple[list[Module], list[Value]]:
    """Return the modules and the parameters of `walk`, in its order, without their names: every training step needs them."""
    modules: list[Module] = []
    nodes: list[Value] = []
    seen: set[int] = set()
    empty = {bool, int, float, str, type(None), FunctionType, Op}  # types of attributes that contain no parameter
    waiting: list[Iterator[Any]] = [iter((root,))]
    while waiting:
        for thing in waiting[-1]:
            kind = type(thing)
            if kind in empty:
                continue
            if kind is Value:
                nodes.append(thing)
            elif kind is list and _NODES.issuperset(map(type, thing)):
                nodes += thing
            elif (is_module := isinstance(kind, _Labelling)) or isinstance(thing, (list, tuple, dict)):
                if id(thing) not in seen:
                    seen.add(id(thing))
                    if is_module:
                        modules.append(thing)
                    waiting.append(
                        iter(vars(thing).values() if is_module else thing.values() if isinstance(thing, dict) else thing)
                    )
                    break
            else:
                empty.add(kind)
        else:
            waiting.pop()
    nodes = list(dict.fromkeys(nodes))
    return modules, [node for node in nodes if not node.operands] if any(map(_operands_of, nodes)) else nodes


_NODES = {Value}
_operands_of = attrgetter("operands")


def walk(root: Module) -> Iterator[tuple[str, Module | Value]]:
    """Yield every module and parameter inside root with its name, root first, each once, in the order of definition."""
    seen: set[Value] = set()
    for name, thing in contents(root):
        if isinstance(thing, Module):
            yield name, thing
        elif isinstance(thing, Value) and not thing.operands and thing not in seen:  # a result kept as an attribute is no parameter
            seen.add(thing)
            yield name, thing


def contents(root: Module) -> Iterator[tuple[str, Any]]:
    """Yield everything inside root with its name, root first, in the order of definition; each module and container once."""
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("", root)]
    while waiting:
        name, thing = waiting.pop()
        inside: list[tuple[str, Any]] = []
        if type(thing) is not Value and isinstance(thing, (Module, list, tuple, dict)):  # most are nodes
            if id(thing) in seen:
                continue
            seen.add(id(thing))
            if isinstance(thing, Module):
                inside = [(f"{name}.{attribute}" if name else attribute, part) for attribute, part in vars(thing).items()]
            else:
                parts = thing.items() if isinstance(thing, dict) else enumerate(thing)
                inside = [(f"{name}[{key!r}]", part) for key, part in parts]
        yield name, thing
        waiting += reversed(inside)
