"""The exceptions of `nn`, as those of `autograd.errors`: each subclasses a built-in one, and its message ends with the cure."""

from __future__ import annotations

from autograd.errors import AutogradError, OperandError

__all__ = ["ForwardError", "SettingError", "ShapeError", "StateError"]


class ShapeError(OperandError, ValueError):
    """A sequence of the wrong length: inputs that do not fit a layer, outputs without their targets."""


class SettingError(AutogradError, ValueError):
    """A setting that makes no sense: a negative learning rate, a layer without neurons, an unknown activation."""


class ForwardError(AutogradError, NotImplementedError):
    """A module that was called and has no `forward`."""


class StateError(AutogradError, ValueError):
    """A saved state that is not one of this module; the module keeps the numbers it had."""
