"""Values kept beside objects: a dictionary whose keys are held weakly and compared with `is`.

`weakref.WeakKeyDictionary` asks its keys with `==`, which on nodes compares data, so that a node of data NaN would never be
found again.
"""

from __future__ import annotations

import weakref
from typing import Generic, TypeVar, overload

__all__ = ["WeakByIdentity"]

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class WeakByIdentity(Generic[K, V]):
    """A dictionary whose entries live as long as their keys."""

    __slots__ = ("__weakref__", "_kept")

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[K], V]] = {}

    def __setitem__(self, key: K, value: V) -> None:
        kept, place = self._kept, id(key)
        self._kept[place] = (weakref.ref(key, lambda _: kept.pop(place, None)), value)

    @overload
    def get(self, key: K) -> V | None: ...
    @overload
    def get(self, key: K, default: D) -> V | D: ...
    def get(self, key: K, default: D | None = None) -> V | D | None:
        found = self._kept.get(id(key))
        return default if found is None else found[1]

    def pop(self, key: K) -> None:
        self._kept.pop(id(key), None)

    def __bool__(self) -> bool:
        return bool(self._kept)

    def __len__(self) -> int:
        return len(self._kept)
