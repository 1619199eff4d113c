"""Modes: `no_grad`, `enable_grad`, `detect_anomaly`, `replaced`, each on for a block or a function, in one context.

A context is a thread or an asyncio task. How a mode ends is the delicate part: Ctrl-C may come anywhere, two generators of
one thread may leave their blocks in any order, and a mode that stays on by mistake drops gradients silently. So nothing is
saved and restored here. Each block has a lock of its own, and

    a mode is on while its lock is locked.

`with` asks for the way out, `__exit__`, before it goes in, and is given the method of the lock that unlocks it: a function
written in C, which no interrupt can divide or come before. The context knows the lock by a weak reference alone, so a mode
ends with its block, however that ends. Where several are on, the one that was entered last decides.

    >>> with no_grad():
    ...     is_recording()
    False
    >>> is_recording()
    True
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar, overload

from autograd.errors import OperandError
from autograd.weak import WeakByIdentity

__all__ = ["detect_anomaly", "enable_grad", "no_grad"]

F = TypeVar("F", bound=Callable[..., Any])
Lock = Any  # `threading.Lock` is a function before Python 3.13
Entries = tuple[tuple["weakref.ref[Any]", Any], ...]  # the locks of the blocks a context is in, each with its setting

live: set[weakref.ref[Lock]] = set()
"""The locks of all blocks of the engine's modes in all contexts. While it is empty no such mode is on anywhere, and making a node
asks no further."""

_recording: ContextVar[Entries] = ContextVar("recording", default=())
_origins: ContextVar[Entries] = ContextVar("origins", default=())
_replaced: ContextVar[Entries] = ContextVar("replaced", default=())
VARIABLES = {variable.name: variable for variable in (_recording, _origins, _replaced)}


class _HandedOut(threading.local):
    """The locks whose way out a `with` of this thread has asked for, before it goes in; by the id of the mode."""

    locks: tuple[tuple[int, weakref.ref[Lock]], ...] = ()


_handed_out = _HandedOut()


class _WayOut:
    """`mode.__exit__`: the unlocking method of a new lock, for `with` to lock; or what ends a block entered without `with`."""

    def __get__(self, mode: Mode | None, owner: type[Mode]) -> Callable[..., Any]:
        if mode is None:
            return self  # contextlib.ExitStack asks the class
        if mode.is_on_by_hand():
            return mode.leave_by_hand
        lock = threading.Lock()
        alive = [entry for entry in _handed_out.locks if entry[1]() is not None]
        _handed_out.locks = (*alive, (id(mode), weakref.ref(lock)))
        way_out: Callable[..., Any] = lock.__exit__
        return way_out

    def __call__(self, mode: Mode, *error: Any) -> None:
        mode.__exit__(*error)


class Mode:
    """A mode to be entered by `with`, as often as wanted and inside itself too, or to decorate a function.

    A decorated function, coroutine, generator or asynchronous generator runs in the mode while its body runs, and not while
    it is suspended. A task that is made inside the block is in the mode as long as the block lasts.
    """

    def __init__(self, name: str, variable: ContextVar[Entries], setting: Any) -> None:
        self._name, self._variable, self._setting = name, variable, setting
        self._by_hand: list[Lock] = []  # of `mode.__enter__()` without `with`, as contextlib.ExitStack calls it

    def __enter__(self) -> None:
        reference = self._locked_by_with()
        if reference is None:
            lock = threading.Lock()
            reference = weakref.ref(lock)
            self._by_hand.append(lock)
            del lock
        on = tuple([entry for entry in self._variable.get() if _is_locked(entry[0]())])
        self._variable.set((*on, (reference, self._setting)))
        if self._variable in VARIABLES.values():
            live.update(map(weakref.ref, (reference(),), (live.discard,)))  # it leaves when the lock goes; in C, both or neither
        # From here on the mode is on. No variable of this frame has the lock, since the trace of an interrupt keeps the frame.
        reference().acquire()  # type: ignore[union-attr]  # it lives: `with`, or `_by_hand`, has it

    if TYPE_CHECKING:

        def __exit__(self, *error: object) -> None: ...

    else:
        __exit__ = _WayOut()

    def _locked_by_with(self) -> weakref.ref[Lock] | None:
        """The lock that `with` will unlock, if it is `with` that goes in."""
        for place in reversed(range(len(_handed_out.locks))):
            owner, reference = _handed_out.locks[place]
            if owner == id(self) and reference() is not None:
                _handed_out.locks = _handed_out.locks[:place] + _handed_out.locks[place + 1 :]
                return reference
        return None

    def is_on_by_hand(self) -> bool:
        """Whether a block was entered without `with`, and not left."""
        return any(map(_is_locked, self._by_hand))

    def leave_by_hand(self, *error: Any) -> None:
        """End the last block that was entered without `with`; in this context, if there is one in it."""
        in_context = [reference() for reference, _ in self._variable.get()]
        locked = [lock for lock in self._by_hand if lock.locked()]
        for lock in ([lock for lock in locked if lock in in_context] or locked)[-1:]:
            lock.release()
            self._by_hand.remove(lock)

    def __call__(self, function: F) -> F:
        """The function, whose body runs in the mode."""
        import inspect  # slow to import, and who decorates nothing does without

        if not callable(function) or inspect.isclass(function):
            raise OperandError(f"{self!r} decorates a function or a method, not {function!r:.60}")
        kinds: list[tuple[Callable[[Any], bool], Callable[[Any], Any]]] = [
            (inspect.isasyncgenfunction, self._of_asynchronous_generator),
            (inspect.iscoroutinefunction, self._of_coroutine),
            (inspect.isgeneratorfunction, self._of_generator),
        ]
        wrap = next((wrap for is_kind, wrap in kinds if is_kind(function)), self._of_function)
        wrapped: Any = functools.wraps(function)(wrap(function))
        return wrapped  # type: ignore[no-any-return]  # called as the function is

    def _of_function(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def in_mode(*arguments: Any, **options: Any) -> Any:
            with self:
                return function(*arguments, **options)

        return in_mode

    def _of_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def in_mode(*arguments: Any, **options: Any) -> Any:
            return (yield from self._steps(function(*arguments, **options)))

        return in_mode

    def _of_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def in_mode(*arguments: Any, **options: Any) -> Any:
            return await self._awaited(function(*arguments, **options))

        return in_mode

    def _of_asynchronous_generator(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def in_mode(*arguments: Any, **options: Any) -> Any:
            body = function(*arguments, **options)
            go_on, sent = body.asend, None
            while True:
                try:
                    item = await self._awaited(go_on(sent))
                except StopAsyncIteration:
                    return
                try:
                    go_on, sent = body.asend, (yield item)
                except GeneratorExit:
                    await self._awaited(body.aclose())
                    raise
                except BaseException as error:
                    go_on, sent = body.athrow, error

        return in_mode

    async def _awaited(self, body: Any) -> Any:
        """The result of a coroutine in the mode: a task has a context of its own; what is driven by hand is stepped."""
        if _is_in_task():
            with self:
                return await body
        return await _Steps(self, body)

    def _steps(self, body: Generator[Any, Any, Any] | Coroutine[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Go on with the body in the mode, a step at a time; what it yields is yielded outside the mode."""
        go_on: Callable[[Any], Any] = body.send
        sent: Any = None
        while True:
            try:
                with self:
                    item = go_on(sent)
            except StopIteration as stop:
                return stop.value
            try:
                go_on, sent = body.send, (yield item)
            except GeneratorExit:
                with self:
                    body.close()
                raise
            except BaseException as error:
                go_on, sent = body.throw, error

    def __repr__(self) -> str:
        return f"{self._name}()"


class _Steps:
    """A coroutine to be awaited, which runs in the mode while it runs and not while it waits."""

    def __init__(self, mode: Mode, body: Any) -> None:
        self.mode, self.body = mode, body

    def __await__(self) -> Generator[Any, Any, Any]:
        return self.mode._steps(self.body)


def _is_locked(lock: Lock | None) -> bool:
    return lock is not None and lock.locked()


def _is_in_task() -> bool:
    asyncio = sys.modules.get("asyncio")
    try:
        return asyncio is not None and asyncio.current_task() is not None
    except RuntimeError:  # no loop runs in this thread
        return False


def entered(variable: ContextVar[Entries]) -> list[Any]:
    """Return the settings of the blocks that this context is in, the innermost first."""
    entries = variable.get()
    return [setting for reference, setting in reversed(entries) if _is_locked(reference())] if entries else []


def _setting(variable: ContextVar[Entries], otherwise: Any) -> Any:
    """Return the setting of the innermost block of this context."""
    for reference, setting in reversed(variable.get()):
        if _is_locked(reference()):
            return setting
    return otherwise


# --------------------------------------------------------------------------------------------------------------- the modes


@overload
def no_grad() -> Mode: ...
@overload
def no_grad(function: F) -> F: ...
def no_grad(function: Any = None) -> Any:
    """A context, or a decorator, in which operations give leaves: values without a graph, at no cost in memory.

    >>> from autograd.value import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.operands
    (9.0, ())
    """
    mode = Mode("no_grad", _recording, False)
    return mode if function is None else mode(function)


@overload
def enable_grad() -> Mode: ...
@overload
def enable_grad(function: F) -> F: ...
def enable_grad(function: Any = None) -> Any:
    """A context, or a decorator, in which operations make nodes again, inside `no_grad` too."""
    mode = Mode("enable_grad", _recording, True)
    return mode if function is None else mode(function)


@overload
def detect_anomaly() -> Mode: ...
@overload
def detect_anomaly(function: F) -> F: ...
def detect_anomaly(function: Any = None) -> Any:
    """A context, or a decorator, in which the first value or adjoint that is not finite raises an AnomalyError.

    The message names the node, its operands, and the file and line that made it. Backward too must run inside; when it
    raises, all gradients are as they were. Slower: use it to find the fault.
    """
    mode = Mode("detect_anomaly", _origins, WeakByIdentity())
    return mode if function is None else mode(function)


def is_recording() -> bool:
    """Whether operations make nodes here: not under no_grad."""
    recording: bool = _setting(_recording, True)
    return recording


def origins() -> WeakByIdentity[Any, str] | None:
    """Where each node was made, a file and a line; None unless anomalies are detected here."""
    known: WeakByIdentity[Any, str] | None = _setting(_origins, None)
    return known


def is_watched() -> bool:
    """Whether a node that is made here may have to be checked: cheaper to ask than what the check asks."""
    return bool(_origins.get() or _replaced.get())


def is_altered() -> bool:
    """Whether anomalies are detected here, or parts of the engine are replaced."""
    return bool(entered(_origins) or entered(_replaced))


def replaced(parts: Mapping[Any, Any]) -> Mode:
    """A context in which the engine uses other parts, so that a wrong engine can be shown or tested; nothing else changes.

    `parts` maps a part to its replacement. A part is a row of the table, with a row as its replacement (see `ops.variant`), or a
    function that is marked as replaceable, such as `Value.backward` or `zero_grad`, with a function of the same arguments.
    Raises an OperandError for any other part. Blocks can be nested; the innermost one that replaces a part decides.

    >>> from autograd.value import Value
    >>> with replaced({Value.backward: lambda root, seed=1.0: print("no gradients today")}):
    ...     Value(3.0).backward()
    no gradients today
    """
    for part in parts:
        if part not in REPLACEABLE:
            raise OperandError(f"{part!r:.80} cannot be replaced; give a row of the table, or a function marked `replaceable`")
    return Mode("replaced", _replaced, dict(parts))


REPLACEABLE: set[Any] = set()
"""The parts of the engine that `replaced` accepts: each asks for its replacement while a mode is on."""


def replacement(part: Any) -> Any:
    """What takes the place of this part in this context: the part itself, unless a `replaced` block says otherwise."""
    for parts in entered(_replaced):
        if part in parts:
            return parts[part]
    return part


def replaceable(function: F) -> F:
    """Mark a function of the engine, so that `replaced` can put another one in its place."""

    @functools.wraps(function)
    def either(*arguments: Any, **options: Any) -> Any:
        if live:
            other = replacement(either)
            if other is not either:
                return other(*arguments, **options)
        return function(*arguments, **options)

    REPLACEABLE.add(either)
    return either  # type: ignore[return-value]  # called as the function is


_PACKAGES = tuple(
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), name, "") for name in ("autograd", "nn")
)


def here() -> str:
    """The file and line of the user's code that is running."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGES):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
