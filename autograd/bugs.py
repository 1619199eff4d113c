"""The bug laboratory by its short name; `autograd.mistakes.laboratory` is the module."""

from autograd.mistakes.laboratory import LABORATORY, Bug, Demonstration, LaboratoryError, __getattr__, active  # noqa: F401

__all__ = ["LABORATORY", "Bug", "Demonstration", "LaboratoryError", "active"]
