"""Write what type checkers know of the table of operations: `python docs/stubs.py`.

Two files come from the table and from the public names of the modules, and tests/test_stubs.py holds them current:

    autograd/rows.pyi   the methods that rows give a node, how each row is called, and the names of activations
    autograd/__init__.pyi     the public names of the package

The other modules have no stubs: a stub hides its module, and what a module does would be checked no more.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

import autograd  # noqa: E402
from autograd.operators import PYTHON_OPERATORS  # noqa: E402
from autograd.ops import TABLE, Op  # noqa: E402
from autograd.signatures import signature, takes_any_number  # noqa: E402

GENERATED = '"""{about}\n\nWritten by docs/stubs.py: change that, or the table, and run it again.\n"""\n'
SCALAR, SEQUENCE = "{}", "Iterable[{}]"
SUBMODULES = sorted([*({name: name for name in ("errors", "modes", "ops", "value")} | autograd.MODULES).items()])


class Argument(NamedTuple):
    """A public argument of a row: its name, the template of its type, and its default as Python, or ""."""

    name: str
    type: str
    default: str = ""
    is_operand: bool = True

    def spelled(self, operand: str) -> str:
        """The argument as a stub has it, for operands of this type."""
        return f"{self.name}: {self.type.format(operand)}" + (f" = {self.default}" if self.default else "")


def arguments_of(row: Op) -> list[Argument]:
    """The public arguments of a row, in order; parameters without a default come last, unless the public call places them."""
    found = []
    called = inspect.signature(row.call).parameters if row.call else {}
    takes = inspect.signature(row.arrange).parameters if row.arrange else {}
    for name in row.names:
        kind = str(takes[name].annotation) if name in takes else "Iterable" if row.variadic else ""
        found.append(Argument(name, SEQUENCE if "Iterable" in kind else SCALAR))
    for name, default in row.parameters.items():
        written = row.kinds.get(name, "object")
        own = called.get(name)
        default_text = "" if name in row.required else repr(default)
        if own is not None and own.default is None:
            written, default_text = f"{written} | None", "None"
        found.append(Argument(name, written, default_text, is_operand=False))
    if row.call is not None:
        order = [name for name in called if name != "apply"]
        found.sort(key=lambda argument: order.index(argument.name))
    return found


def calls_of(row: Op) -> Iterator[str]:
    """The overloads of a call: a node for a node at any place, a float for numbers alone."""
    arguments = arguments_of(row)
    optional = [a.name for a in arguments if a.default == "None"]  # without it, one result for each operand
    for given in (False, True) if optional else (None,):
        several = "tuple[{}, ...]" if given is False else "{}"
        shown = [
            Argument(a.name, a.type.removesuffix(" | None"), "", a.is_operand) if given and a.name in optional else a
            for a in arguments
            if not (given is False and a.name in optional)
        ]
        operands = [a for a in shown if a.is_operand]
        for chosen in operands:
            types = {a: "Value" if a is chosen else "Operand" for a in operands}
            yield _call(shown, types, several.format("Value"))
        yield _call(shown, dict.fromkeys(operands, "Number"), several.format("float"))
        if any(a.type == SEQUENCE for a in operands):
            yield _call(shown, dict.fromkeys(operands, "Operand"), several.format("Value | Any"))

    yield from more_calls_of(row)


def more_calls_of(row: Op) -> Iterator[str]:
    """The overloads of a call with another number of arguments: max(a, b, c), max([a, b]), log(a, base)."""
    if row.overload is None:
        return
    if takes_any_number(row.overload):
        for xs in (Argument("xs", SEQUENCE), Argument("*xs", SCALAR)):
            yield _call([xs], {xs: "Value"}, "Value")
            yield _call([xs], {xs: "Number"}, "float")
            yield _call([xs], {xs: "Operand"}, "Value | Any")
    else:
        operands = [Argument(name, SCALAR) for name in signature(row.overload)[0]]
        for chosen in operands:
            yield _call(operands, {a: "Value" if a is chosen else "Operand" for a in operands}, "Value")
        yield _call(operands, dict.fromkeys(operands, "Number"), "float")


def more_of_method(row: Op) -> str:
    """The further arguments of a method, where the row's call has an overload."""
    if row.overload is None:
        return ""
    if takes_any_number(row.overload):
        return ", *more: Operand"
    return "".join([f", {name}: Operand = ..." for name in signature(row.overload)[0][row.count :]])


def _call(arguments: Iterable[Argument], types: dict[Argument, str], result: str) -> str:
    spelled = "".join([f", {a.spelled(types.get(a, ''))}" for a in arguments])
    return f"def __call__(self{spelled}) -> {result}: ..."


def class_of(row: Op) -> str:
    """The name of the class that types the row's call; rows with equal signatures share one."""
    more = "" if row.overload is None else "OrMore" if takes_any_number(row.overload) else f"Or{len(signature(row.overload)[0])}"
    return "Row" + "".join(part.title() for a in arguments_of(row) for part in ("", *_words(a))) + more


def _words(argument: Argument) -> list[str]:
    kind = "s" if argument.type == SEQUENCE and not argument.name.endswith("s") else ""
    default = "".join(c for c in argument.default if c.isalnum())
    return [*f"{argument.name}{kind}".split("_"), *([default] if not argument.is_operand else [])]


def methods() -> Iterator[str]:
    """The methods of a node that come from rows: Python's operators, and a method for each row of a fixed number of operands."""
    for name, row in PYTHON_OPERATORS.items():
        rest = [a for a in arguments_of(row)[1:] if a.is_operand]
        settings = "".join([f", {a.spelled('')}" for a in arguments_of(row) if not a.is_operand])
        if rest:
            yield f"def __{name}__(self, other: Operand) -> Value: ..."
            if hasattr(autograd.Value, f"__i{name}__"):
                yield f"def __i{name}__(self, other: Operand) -> Value: ..."
            yield f"def __r{name}__(self, other: Number) -> Value: ..."
        else:
            yield f"def __{name}__(self{settings}) -> Value: ..."
    for row in TABLE.values():
        if hasattr(autograd.Value, row.__name__):
            rest_of_call = "".join([f", {a.spelled('Operand')}" for a in arguments_of(row)[1:]])
            yield f"def {row.__name__}(self{rest_of_call}{more_of_method(row)}) -> Value: ..."


def activations() -> list[str]:
    """The names that a layer takes for its activation: "linear", and rows of one operand that need nothing else."""
    return ["linear", *[row.__name__ for row in TABLE.values() if not row.variadic and len(row.operands) == 1 and not row.required]]


def rows_stub() -> str:
    """The text of autograd/rows.pyi."""
    lines = [
        GENERATED.format(about="How the rows of the table are called, and the methods that they give a node."),
        "from collections.abc import Iterable",
        "from decimal import Decimal",
        "from fractions import Fraction",
        "from typing import Any, Literal, Protocol, SupportsIndex, TypeAlias, overload",
        "",
        "from autograd.ops import Op",
        "from autograd.value import Value",
        "",
        "class Scalar(Protocol):",
        '    """A scalar of numpy, or of a library like it."""',
        "",
        "    @property",
        "    def dtype(self) -> Any: ...",
        "    def __float__(self) -> float: ...",
        "",
        "Number: TypeAlias = float | SupportsIndex | Fraction | Decimal | Scalar",
        "Operand: TypeAlias = Value | Number",
        "ActivationName: TypeAlias = Literal[",
        *[f'    "{name}",' for name in activations()],
        "]",
        "",
        "class Methods:",
        *[f"    {line}" for line in methods()],
    ]
    for name, row in {class_of(row): row for row in reversed(TABLE.values())}.items():
        lines += ["", f"class {name}(Op):  # type: ignore[misc]  # a row is an Op, and a checker knows only here how it is called"]
        for call in calls_of(row):
            lines += ["    @overload", f"    {call}"]
    return "\n".join(lines) + "\n"


def package_stub() -> str:
    """The text of autograd/__init__.pyi."""
    rows = [name for name in vars(autograd.ops) if isinstance(getattr(autograd, name, None), Op)]
    rows = [name for name in rows if TABLE.get(name) is getattr(autograd, name)]
    homes = {name: module for module in ("errors", "modes", "ops", "value") for name in getattr(autograd, module).__all__}
    homes = {**homes, "divmod": "ops", **autograd.HOMES}
    lines = [
        "# ruff: noqa: I001, RUF022  # in the order of the table",
        GENERATED.format(about="The public names of the package, with the types of rows and of `grad`."),
        "from collections.abc import Callable, Sequence",
        "from typing import Any, Literal, Protocol, TypeVar, overload, type_check_only",
        "",
        *[f"from {f'autograd.{path}'.rpartition('.')[0]} import {name} as {name}" for name, path in SUBMODULES],
        *[
            f"from autograd.{module} import {name} as {name}"
            for name, module in sorted(homes.items(), key=lambda item: (item[1], item[0]))
            if name not in rows and name not in SPELLED
        ],
        *[f"from autograd.rows import {name} as _{name}" for name in sorted({class_of(TABLE[row]) for row in rows})],
        "",
        "__all__ = [",
        *[f'    "{name}",' for name in autograd.__all__],
        "]",
        "__version__: str",
        *[f"{row}: _{class_of(TABLE[row])}" for row in rows],
        TRANSFORMS,
    ]
    return "\n".join(lines)


SPELLED = ("grad", "value_and_grad")
TRANSFORMS = '''
_T = TypeVar("_T")

@type_check_only
class _Gradient(Protocol):
    """The type of `grad(f)`: a function of f's arguments whose result has the structure of the first."""

    @overload
    def __call__(self, x: float, /, *rest: Any, **named: Any) -> float: ...
    @overload
    def __call__(self, x: _T, /, *rest: Any, **named: Any) -> _T: ...

@type_check_only
class _ValueAndGradient(Protocol):
    """The type of `value_and_grad(f)`: a function of f's arguments that returns f's value and the gradient."""

    @overload
    def __call__(self, x: float, /, *rest: Any, **named: Any) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: _T, /, *rest: Any, **named: Any) -> tuple[Any, _T]: ...

@overload
def grad(f: Callable[..., Any], argnums: Literal[0] = 0, *, has_aux: Literal[False] = False) -> _Gradient: ...
@overload
def grad(f: Callable[..., Any], argnums: int, *, has_aux: Literal[False] = False) -> Callable[..., Any]: ...
@overload
def grad(f: Callable[..., Any], argnums: Sequence[int], *, has_aux: Literal[False] = False) -> Callable[..., tuple[Any, ...]]: ...
@overload
def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, has_aux: bool) -> Callable[..., tuple[Any, Any]]: ...
@overload
def value_and_grad(f: Callable[..., Any], argnums: Literal[0] = 0, *, has_aux: Literal[False] = False) -> _ValueAndGradient: ...
@overload
def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, *, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]: ...
'''

STUBS = {ROOT / "autograd" / "rows.pyi": rows_stub, ROOT / "autograd" / "__init__.pyi": package_stub}


if __name__ == "__main__":
    for path, text in STUBS.items():
        path.write_text(text(), encoding="utf-8")
