"""The examiner: it runs small programs on somebody's engine, and names the mistakes it finds.

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

An engine needs micrograd's interface: `make_value(number)` gives a node with `data`, `grad`, `backward()` and Python's
operators. Other things that it offers, such as `tanh` or `zero_grad`, are examined too; what it does not offer is no fault.
This folder imports the standard library alone: copied anywhere, it is a package that runs by itself, `python -m examiner`.

`examine` runs in this process, for code that you trust. `examine_module` and the command line are for homework: the engine runs
in a separate process that knows no right answer.

    catalogue     the mistakes, read from catalogue.toml, and what each finding teaches
    checks        the table: programs, questions, right answers, and the wrong ones that give a mistake away
    judging       what an answer is compared with; numbers drawn afresh, whose right answers `reference` computes
    running       the script of the engine's process: it runs programs and sends plain numbers
    examination   asks the engine the checks; a check that fails is not judged if one that it builds on fails too
    results       findings and marks          command       the command line
"""

from __future__ import annotations

from .catalogue import CRASH, MISSING, MISTAKES, WHY, Mistake
from .checks import CHECKS
from .command import main
from .examination import examine, examine_module
from .results import EngineImportError, Examination, Finding, Outcome

__all__ = [
    "CHECKS",
    "CRASH",
    "MISSING",
    "MISTAKES",
    "WHY",
    "EngineImportError",
    "Examination",
    "Finding",
    "Mistake",
    "Outcome",
    "examine",
    "examine_module",
    "main",
]
