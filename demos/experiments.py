"""Experiments: what a lesson invites to change, and a lesson's file run again with other constants.

A constant of a lesson is a name in capitals at the top of its file that is written in literals, as RATE = 1 / 35 is. An
experiment gives some of them other values:

    TRY = Try(
        "Take the last two weeks away. What becomes of the bowl?",
        {"WEEKS": [(3, 1)]},
        pictures=("bowl",),
    )

The function `answer(page, usual, changed)` of the lesson says what happens: it gets what `main` found with the lecture's
constants and with the others, one more argument for each further change. `python -m demos 6 --set WEEKS="[(3, 1)]"` makes the
same change without an editor.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Collection, Mapping, Sequence, Sized
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin

__all__ = ["GALLERY", "ConstantError", "Try", "as_many", "changed", "constants", "known", "literal", "pairs", "ranges", "some"]

Change = Mapping[str, Any]


class ConstantError(ValueError):
    """A constant that a lesson does not have, or a value that does not fit it."""


class Try:
    """An experiment for the reader: a question, what to change, and the pictures of the changed run that show the answer.

    Each change is a dictionary from names of constants to their values.
    """

    def __init__(self, question: str, *changes: Change, pictures: Collection[str] = ()) -> None:
        self.question, self.changes, self.pictures = question, changes, pictures


# ------------------------------------------------------------------------------------------------------ reading the constants


def _assignments(tree: ast.Module) -> dict[str, ast.Assign | ast.AnnAssign]:
    """The statements that give a value to a name in capitals, or to several, by each name."""
    found: dict[str, ast.Assign | ast.AnnAssign] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            names = [name for target in statement.targets for name in (target.elts if isinstance(target, ast.Tuple) else [target])]
        elif isinstance(statement, ast.AnnAssign) and statement.value:
            names = [statement.target]
        else:
            continue
        found |= {name.id: statement for name in names if isinstance(name, ast.Name) and name.id.isupper()}
    return found


def constants(module: ModuleType) -> dict[str, Any]:
    """The constants of a lesson and their values, in the order of its file.

    A value that is computed from other names is none: it follows from them.
    """
    found = _assignments(_tree(module))
    written = [name for name, statement in found.items() if not any(isinstance(n, ast.Name) for n in ast.walk(_value(statement)))]
    return {name: getattr(module, name) for name in written}


def _value(statement: ast.Assign | ast.AnnAssign) -> ast.expr:
    assert statement.value is not None
    return statement.value


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))


# ----------------------------------------------------------------------------------------------------- changing the constants


def literal(text: str) -> tuple[str, Any]:
    """The name and the value of NAME=VALUE; the value is a literal of Python, which is read and never run."""
    name, equals, value = text.partition("=")
    if not equals:
        raise ConstantError(f"{text!r} has no value; write a name, = and a literal of Python, such as RATE=0.5")
    try:
        return name.strip(), ast.literal_eval(value.strip())
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        raise ConstantError(
            f"{value.strip()!r} is no literal of Python; {name.strip()} takes a number, a text in quotes, or a list of these, "
            "such as 0.5, 'tanh' or [(3, 1)]"
        ) from None


def changed(module: ModuleType, values: Change) -> ModuleType:
    """The module's file run again with other values of these constants; the module itself stays as it is."""
    usual, tree = constants(module), _tree(module)
    for name in values:
        if name not in usual:
            raise ConstantError(f"the lesson has no constant {name!r}; it has {', '.join(usual)}")
    fitted = {
        name: fitting(name, value, usual[name], _allowed(module, name), free=name in getattr(module, "__annotations__", {}))
        for name, value in values.items()
    }
    for name, statement in {name: _assignments(tree)[name] for name in values}.items():
        place = tree.body.index(statement)
        target = ast.Name(name, ast.Store())
        after = ast.Assign([target], ast.parse(repr(fitted[name]), mode="eval").body)
        tree.body.insert(place + 1, ast.fix_missing_locations(ast.copy_location(after, statement)))
    twin = ModuleType(module.__name__, module.__doc__)
    twin.__file__ = module.__file__
    exec(compile(tree, str(module.__file__), "exec", dont_inherit=True), vars(twin))
    return twin


def _allowed(module: ModuleType, name: str) -> Sequence[type]:
    """The types that the annotation of a constant allows, such as int and None; a list if it may be empty."""
    annotation = getattr(module, "__annotations__", {}).get(name)
    return [list] if get_origin(annotation) is list else [kind for kind in get_args(annotation) if isinstance(kind, type)]


def fitting(name: str, value: Any, usual: Any, allowed: Sequence[type] = (), *, free: bool = False) -> Any:
    """The value in the types of the usual one, if it fits that; else an error that shows the usual one.

    A whole number fits a number; a list fits a tuple; each item of a list is like one of the usual items. What is positive
    stays positive, since it is a rate, a number of steps or a size, and a list keeps an item, but for a constant whose type is
    annotated: it is `free`.
    """
    if type(value) in allowed and not isinstance(value, int | float):
        return value
    if value == [] and free and list in allowed:
        return value
    samples = [usual] if usual is not None else [1 if kind is int else 1.0 for kind in allowed if kind in (int, float)]
    for sample in samples:
        found = _like(value, sample)
        if found is None:
            continue
        if not free and isinstance(sample, int | float) and not isinstance(sample, bool) and sample > 0 >= found:
            raise ConstantError(f"{name} = {value!r}: a number above 0 is needed, such as {sample!r}")
        return found
    raise ConstantError(f"{name} = {value!r} is of another kind than the lesson's value; give one like {usual!r}")


def _like(value: Any, usual: Any) -> Any:
    """The value in the usual value's types, or None if it is of another kind, empty or not finite."""
    if isinstance(usual, bool) or isinstance(value, bool):
        return value if isinstance(usual, bool) and isinstance(value, bool) else None
    if isinstance(usual, float):
        try:
            return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
        except OverflowError:
            return None
    if isinstance(usual, int | str):
        return value if type(value) is type(usual) and value != "" else None
    if isinstance(usual, dict) and isinstance(value, dict):
        return _alike(list(value.items()), list(usual.items()), dict)
    if isinstance(usual, list | tuple) and isinstance(value, list | tuple):
        return _record(value, usual) if _is_record(usual) else _alike(value, usual, type(usual))
    return None


def _alike(items: Sequence[Any], usual: Sequence[Any], kind: type) -> Any:
    """The items, each like one of the usual ones, as a value of this kind; None if one is not, or there are none."""
    found = [next((x for sample in _widest(usual) if (x := _like(item, sample)) is not None), None) for item in items]
    return None if None in found or not found else kind(found)


def _is_record(items: Sequence[Any]) -> bool:
    """True if the places have different kinds: (3, [4, 2]), and not (3, 4.5)."""
    return len({float if isinstance(item, int) else type(item) for item in items}) > 1


def _record(items: Sequence[Any], usual: Sequence[Any]) -> Any:
    """The items, each like the usual one at its place; None if one is not."""
    if len(items) != len(usual):
        return None
    found = [_like(item, sample) for item, sample in zip(items, usual, strict=True)]
    return None if None in found else tuple(found) if isinstance(usual, tuple) else found


def _widest(items: Sequence[Any]) -> Sequence[Any]:
    """The items; among numbers with a fraction, whole ones allow a fraction too."""
    return [float(item) if type(item) is int and any(isinstance(x, float) for x in items) else item for item in items]


# ------------------------------------------------------------------------------------------- what the constants of a lesson need


def as_many(**values: Sized) -> None:
    """Check that these constants have as many entries each; the message calls a list of portions a week."""
    (first, size), *others = [(name, len(value)) for name, value in values.items()]
    for name, n in others:
        if n != size:
            raise ConstantError(f"{first} has {size} entries and {name} has {n}; give each as many")


def pairs(**values: Sized) -> None:
    """Check that each of these has two entries, since a picture has two axes."""
    for name, value in values.items():
        if len(value) != 2:
            raise ConstantError(f"{name} = {value!r} has {len(value)} entries; two are needed, one for each axis of the pictures")


def ranges(**values: Any) -> None:
    """Check that each of these is the limits of a picture: for both axes a lower and a higher number."""
    for name, value in values.items():
        if len(value) != 2 or any(len(limits) != 2 or limits[0] >= limits[1] for limits in value):
            raise ConstantError(
                f"{name} = {value!r}: a lower and a higher number for each axis are needed, as ((-1.0, 2.0), (0.0, 3.0))"
            )


def some(**values: Any) -> None:
    """Check that each of these has a number other than 0 in it."""
    for name, value in values.items():
        if not any(any(item) if isinstance(item, list | tuple) else item for item in value):
            raise ConstantError(f"{name} = {value!r} is nothing but zeros; give at least one other number")


def known(name: str, values: Collection[str], choices: Collection[str]) -> None:
    """Check that each of the values is one of the choices."""
    for value in values:
        if value not in choices:
            raise ConstantError(f"{name} has {value!r}, which is not known here; choose from {', '.join(choices)}")


def shell(name: str, value: Any) -> str:
    """The option that gives this constant this value, as one types it."""
    text = repr(value)
    return f'--set {name}="{text}"' if set(text) & set(" ()[]{}'") else f"--set {name}={text}"


def started() -> str:
    """How lessons are run here: by run.py in a checkout, as a module of Python where they are installed."""
    return "python3 run.py demo" if in_checkout() else f"{Path(sys.executable).stem} -m demos"


def in_checkout() -> bool:
    """True if this is the project's folder, and not an installed package."""
    return (Path(__file__).parent.parent / "run.py").is_file()


GALLERY = Path(__file__).parent / "out" if in_checkout() else Path("lessons")
"""The folder where the gallery goes: the user's, never an installed package."""
