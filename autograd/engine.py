"""Which engine runs: the node in C where it was built, else the pure one, which is its definition and does the same.

    >>> engine_info()["engine"] in ("native", "pure")
    True

AUTOGRAD_NATIVE=1 in the environment chooses the node in C, or a path does that was built elsewhere; AUTOGRAD_PURE=1 forbids it.
`autograd.value` asks once, when it is imported.
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
    asked = os.environ.get("AUTOGRAD_NATIVE", "")
    if asked in ("", "0"):
        return None, "AUTOGRAD_NATIVE is not set"
    try:
        return _loaded(asked), "AUTOGRAD_NATIVE is set, and the node in C was built"
    except ImportError as error:
        return None, f"the node in C cannot be loaded: {error}"


def _loaded(asked: str) -> Any:
    """The extension module beside the package, or the one at a path."""
    name = "autograd.native._node"
    if os.sep not in asked:
        return import_module(name)
    from importlib.machinery import ExtensionFileLoader
    from importlib.util import module_from_spec, spec_from_loader

    loader = ExtensionFileLoader(name, asked)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module
