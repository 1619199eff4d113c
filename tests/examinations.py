"""Examinations that several files of tests look at."""

from __future__ import annotations

from typing import Any

import micrograd.engine

from autograd.examiner import examine

MICROGRAD = examine(micrograd.engine.Value)
MICROGRADS_FAULTS = {
    "second backward compounds",  # backward sets the root's grad and resets none of those between
    "recursion at 1,000 nodes",  # build_topo calls itself
    "memory in reference cycles",  # out._backward is a closure that reads out.grad
    "data set after the forward pass changes the gradient",  # the closures read other.data when they run
    "x ** 0 has no derivative at 0",  # other * self.data**(other-1) is 0 * 0.0**-1
    "returns complex",  # self.data**other
    "x / y is not Python's x / y",  # self * other**-1
    "relu hides NaN",  # 0 if self.data < 0, and out.data > 0
}

# A file with an engine; what neg does is filled in.
STUDENT = """
import math, os
from math import exp

print("loaded")

class Value:
    def __init__(self, data, edges=()):
        self.data, self.grad, self.edges = data, 0.0, edges
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    __radd__ = __add__
    def __neg__(self):
        {neg}
    def backward(self):
        self.grad = 1.0
        self.down()
    def down(self):
        for operand, slope in self.edges:
            operand.grad += slope
            operand.down()

def tanh(x):
    return Value(math.tanh(x.data), [(x, 1 - math.tanh(x.data) ** 2)])
"""


def names(examination: Any) -> list[str]:
    """Return the names of what was found wrong."""
    return [finding.name for finding in examination.findings]
