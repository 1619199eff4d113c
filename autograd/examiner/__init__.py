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

Any engine will do that has micrograd's manners: `make_value(number)` gives a node with `data`, `grad`, `backward()` and
Python's operators. What else it offers, such as `tanh` or `zero_grad`, is examined too; what it does not is no fault. Nothing
of this project is used: only the standard library, so that the folder can be taken along and put before any engine.

`examine` runs in this process, for code that one trusts. `examine_module` and the command line are for homework: the engine is
in a process of its own that knows no right answer.

    checks        the table: programs, questions, right answers, and the wrong ones that give a mistake away
    judging       what an answer is compared with; numbers drawn afresh, whose right answers `reference` computes
    running       the script of the engine's process: it runs programs and sends plain numbers
    examination   puts the one to the other; a check that fails while one that it builds on fails too is not judged
    lessons       what each finding teaches          results   findings and marks          command   the command line
"""

from __future__ import annotations

from autograd.examiner.checks import CHECKS
from autograd.examiner.command import main
from autograd.examiner.examination import examine, examine_module
from autograd.examiner.lessons import CRASH, MISSING, WHY
from autograd.examiner.results import EngineImportError, Examination, Finding, Outcome

__all__ = [
    "CHECKS",
    "CRASH",
    "MISSING",
    "WHY",
    "EngineImportError",
    "Examination",
    "Finding",
    "Outcome",
    "examine",
    "examine_module",
    "main",
]
