"""Which engine runs: the node in C where it was built, else the pure one, which is its definition and does the same.

    >>> engine_info()["engine"] in ("native", "pure")
    True

AUTOGRAD_NATIVE=1 in the environment chooses the node in C, AUTOGRAD_PURE=1 forbids it. `autograd.value` asks once, when it is
imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

__all__ = ["engine_info"]

_info = {"engine": "pure", "reason": "autograd.value was not imported yet"}


def engine_info() -> dict[str, str]:
    """Which engine runs, "native" or "pure", and the reason."""
    return dict(_info)


def chosen(pure: Mapping[str, Any], rows: Iterable[Any]) -> dict[str, Any]:
    """What takes the place of these names of `autograd.value`: nothing where the pure engine runs."""
    node, _info["reason"] = _node()
    if node is None:
        return {}
    _info["engine"] = "native"
    found: dict[str, Any] = import_module("autograd.native").class_and_functions(node, pure, rows)
    return found


def _node() -> tuple[Any, str]:
    """The extension module, if it is to be used, and why or why not."""
    if os.environ.get("AUTOGRAD_PURE", "") not in ("", "0"):
        return None, "AUTOGRAD_PURE is set"
    if os.environ.get("AUTOGRAD_NATIVE", "") in ("", "0"):
        return None, "AUTOGRAD_NATIVE is not set"
    try:
        return import_module("autograd.native._node"), "AUTOGRAD_NATIVE is set, and the node in C was built"
    except ImportError as error:
        return None, f"the node in C cannot be loaded: {error}"
