"""Real JAX: the programs of graphs."""

from __future__ import annotations

import math

import pytest
from migrated import graphs, run

from autograd import Value, to_jax, toposort

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]


@pytest.mark.parametrize("root", [pytest.param(root, id=name) for name, root in graphs()])
def test_the_program_of_a_published_function_or_a_row_agrees(root: Value) -> None:
    root.backward()
    scope = run(to_jax(root))
    assert math.isclose(float(scope["value"]), root.data, rel_tol=1e-9, abs_tol=1e-12)
    for leaf, grad in zip([node for node in toposort(root) if node.op is None], scope["gradients"], strict=True):
        assert math.isclose(float(grad), leaf.grad, rel_tol=1e-9, abs_tol=1e-12), leaf.label
