"""Real JAX: the programs of graphs."""

from __future__ import annotations

import math

import pytest
from migrated import graphs, run

from autograd import to_jax, toposort

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore")]


def test_programs_agree_on_published_functions_and_every_row() -> None:
    for name, root in graphs():
        root.backward()
        scope = run(to_jax(root))
        assert math.isclose(float(scope["value"]), root.data, rel_tol=1e-9, abs_tol=1e-12), name
        for leaf, grad in zip([node for node in toposort(root) if node.op is None], scope["gradients"], strict=True):
            assert math.isclose(float(grad), leaf.grad, rel_tol=1e-9, abs_tol=1e-12), (name, leaf.label)
