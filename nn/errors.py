"""The exceptions of `nn`. As in `autograd.errors`, each is also a built-in exception, and its message ends with the cure."""

from __future__ import annotations

from autograd.errors import AutogradError, OperandError

__all__ = ["ForwardError", "SettingError", "ShapeError", "StateError"]


class ShapeError(OperandError, ValueError):
    """A sequence has the wrong length: inputs that do not fit a layer, outputs without targets."""


class SettingError(AutogradError, ValueError):
    """A setting is out of range or unknown: a negative learning rate, a layer without neurons, an unknown activation."""


class ForwardError(AutogradError, NotImplementedError):
    """A module without a `forward` was called."""


class StateError(AutogradError, ValueError):
    """A saved state does not fit this module, which keeps its numbers."""
