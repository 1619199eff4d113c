"""The examiner by its short name; `autograd.mistakes.examiner` is the package."""

from autograd.mistakes.examiner import *  # noqa: F403
from autograd.mistakes.examiner import __all__ as __all__
