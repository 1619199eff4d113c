"""Functions derived from a user's function: they have its name, documentation and signature, and can be pickled.

    >>> import pickle
    >>> from autograd import exp, grad
    >>> pickle.loads(pickle.dumps(grad(exp)))(0.0)
    1.0

A pickle contains the call that made the function. Start reading at `returns_function`.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import MethodType
from typing import Any, ParamSpec, final

__all__ = ["Derived", "qualified_name", "returns_function"]

P = ParamSpec("P")


@final
class Derived:
    """A function made from another by a call such as `grad(f)`; a pickle contains that call."""

    def __init__(self, make: Callable[..., Any], args: tuple[Any, ...], kwargs: Any, function: Callable[..., Any]) -> None:
        functools.update_wrapper(self, function.__wrapped__, updated=())  # type: ignore[attr-defined]  # functools.wraps set it
        self._made_by, self._function = (make, args, kwargs), function

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> str | tuple[Any, ...]:
        return qualified_name(self) or (_remade, self._made_by)

    def __repr__(self) -> str:
        make, args, _ = self._made_by
        return f"<{make.__name__} of {getattr(args[0], '__qualname__', args[0]) if args else getattr(self, '__qualname__', '?')}>"


def _remade(make: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return make(*args, **kwargs)


def qualified_name(thing: Any) -> str:
    """Return the qualified name under which a module has this very object, as after `@grad def f`; else ""."""
    name = getattr(thing, "__qualname__", "")
    found: Any = sys.modules.get(getattr(thing, "__module__", ""))
    for part in name.split("."):
        found = getattr(found, part, None)
    return name if found is thing else ""


def returns_function(make: Callable[P, Callable[..., Any]]) -> Callable[P, Callable[..., Any]]:
    """Decorate `make`, which returns a wrapper of a user's function, so that its result can be pickled if its arguments can."""

    @functools.wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> Callable[..., Any]:
        return Derived(made, args, kwargs, make(*args, **kwargs))

    return made
