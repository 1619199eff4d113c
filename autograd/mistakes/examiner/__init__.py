"""The examiner: it runs small programs on an autodiff engine and names the mistakes it finds.

    >>> class Value:
    ...     def __init__(self, data, rules=()):
    ...         self.data, self.grad, self.rules = data, 0.0, rules
    ...     def __add__(self, other):
    ...         other = other if isinstance(other, Value) else Value(other)
    ...         return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    ...     __radd__ = __add__
    ...     def backward(self, adjoint=1.0):
    ...         self.grad = adjoint
    ...         for operand, partial in self.rules:
    ...             operand.backward(adjoint * partial)
    >>> examination = examine(Value, limit=0.1)
    >>> print(examination.findings[0])
    gradients overwritten instead of added
        x = Value(2.0)
        y = (x + 2.0) + (x + 5.0)
        y.backward()
        x.grad: expected 2.0, got 1.0
        A node's gradient is the sum over all of its users (the chain rule of several variables). Write += where the rule has
        =, and let gradients start at 0.

An engine needs micrograd's interface: `make_value(number)` returns a node with `data`, `grad`, `backward()` and Python's
operators. Optional methods and functions, such as `tanh` or `zero_grad`, are examined if the engine has them.
This folder imports the standard library alone: a copy of it anywhere is a package that runs by itself, `python -m examiner`.

`examine` runs in this process, for code that you trust. `examine_module` and the command line are for homework: the engine runs
in a separate process that has no right answer.

    catalogue     the mistakes, read from catalogue.toml, and the lesson of each finding
    checks        the table: programs, questions, right answers, and the wrong ones that show a mistake
    judging       compares answers, and draws new numbers, whose right answers `reference` computes
    running       the script of the engine's process: it runs programs and sends plain numbers
    examination   runs the checks; a failed check is not judged if an earlier one that it builds on failed too
    results       findings and marks          reports       for Gradescope, and as JUnit XML
    command       the command line
"""

from __future__ import annotations

from .catalogue import CRASH, MISSING, MISTAKES, WHY, Mistake
from .checks import CHECKS
from .command import main
from .examination import examine, examine_module
from .reports import to_gradescope, to_junit
from .results import EngineImportError, Examination, Finding, Outcome

__all__ = ["CHECKS", "CRASH", "MISSING", "MISTAKES", "WHY", "EngineImportError", "Examination", "Finding", "Mistake", "Outcome"]
__all__ += ["examine", "examine_module", "main", "to_gradescope", "to_junit"]
