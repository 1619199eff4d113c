"""Which engine runs: the node in C where it was built, else the pure one, which defines what both do.

    >>> engine_info()["engine"] in ("native", "pure")
    True

AUTOGRAD_PURE=1 in the environment forces the pure engine; AUTOGRAD_NATIVE=/a/path chooses a node in C that was built elsewhere.
`autograd.value` asks once, when it is imported.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from typing import Any

__all__ = ["engine_info"]

NAME = "autograd.native._node"
REASON = "unbuilt.txt"  # beside it; the build writes why it failed
SOURCES = (
    "apply.h",
    "calls.h",
    "dicts.h",
    "kernels.h",
    "layers.h",
    "leaves.h",
    "node.c",
    "node.h",
    "programs.h",
    "slabs.h",
    "walks.h",
    "../rowcode/intrinsics.h",
)

_info = {"engine": "pure", "reason": "autograd.value was not imported yet"}
_running: list[Any] = []  # the extension module, if it runs


def engine_info() -> dict[str, str]:
    """Which engine runs, "native" or "pure", and the reason."""
    return dict(_info)


def chosen(pure: Mapping[str, Any]) -> dict[str, Any]:
    """What takes the place of these names of `autograd.value`: nothing where the pure engine runs."""
    node, _info["reason"] = _node()
    if node is None:
        return {}
    try:
        found: dict[str, Any] = import_module("autograd.native").class_and_functions(node, pure)
    except RuntimeError as error:  # the package is imported again: C makes its class once in a process
        _info.update(engine="pure", reason=str(error))
        return {}
    _info["engine"] = "native"
    _running.append(node)
    return found


def in_c(name: str) -> Any:
    """A function of the node in C, for another module than `autograd.value`; None where the pure engine runs."""
    return getattr(_running[0], name) if _running else None


def _node() -> tuple[Any, str]:
    """The extension module, if it is to be used, and why or why not."""
    if os.environ.get("AUTOGRAD_PURE", "") not in ("", "0"):
        return None, "AUTOGRAD_PURE is set"
    elsewhere = os.environ.get("AUTOGRAD_NATIVE", "")
    is_path = os.sep in elsewhere
    if not is_path and not any(os.path.exists(_beside(f"_node{suffix}")) for suffix in EXTENSION_SUFFIXES):
        return None, f"the node in C was not built{_reason()}"
    try:
        node = _at(elsewhere) if is_path else import_module(NAME)
    except ImportError as error:
        return None, f"the node in C cannot be loaded: {error}"
    if not is_path and digest() not in (None, getattr(node, "DIGEST", None)):
        return None, "the node in C was built from other sources than these; build it again"
    return node, "the node in C was built"


def _at(path: str) -> Any:
    """The extension module at a path."""
    from importlib.util import module_from_spec, spec_from_loader

    loader = ExtensionFileLoader(NAME, path)
    spec = spec_from_loader(NAME, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def _reason() -> str:
    try:
        with open(_beside(REASON), encoding="utf-8") as file:
            return ": " + file.read()
    except OSError:
        return ""


def _beside(name: str) -> str:
    return os.path.join(os.path.dirname(__file__), "native", name)


def digest() -> int | None:
    """A number that tells one state of the C sources from another; None where they are not installed."""
    found = 0
    for name in SOURCES:
        try:
            with open(_beside(name), "rb") as file:
                found = zlib.crc32(file.read(), found)
        except OSError:
            return None
    return found
