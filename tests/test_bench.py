"""The benchmarks: every engine computes the same, by the same workload."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent.parent / "bench"))
engines, workloads, beside = map(importlib.import_module, ("_engines", "_workloads", "_beside"))


def made(engine):
    return engines.ENGINES[engine][0]()


@pytest.mark.parametrize("recipe", [workloads.random_recipe, workloads.sum_recipe])
@pytest.mark.parametrize("engine", ["microgpt's node", "micrograd"])
def test_expressions_have_one_result(recipe, engine):
    """The other engines are in separate environments."""
    expected = workloads.expressions(made("ours"), recipe)()
    assert workloads.expressions(made(engine), recipe)() == pytest.approx(expected, rel=1e-12)


def test_a_step_on_the_moons_is_the_same_by_layers_and_by_nodes():
    by_layers, by_nodes = workloads.moons_step_of_ours(), workloads.moons_step(made("ours"))
    for _ in range(2):
        assert by_layers() == pytest.approx(by_nodes(), rel=1e-12)


def test_engines_that_disagree_are_refused():
    case = beside.Case("a case", ("ours", "micrograd"), made)
    beside.refuse_difference(case, {"ours": [1.0, 2.0], "micrograd": [1.0, 2.0 + 1e-12]})
    with pytest.raises(SystemExit, match=r"a case: ours gives \[1.0, 2.0\], micrograd \[1.0, 2.1\]"):
        beside.refuse_difference(case, {"ours": [1.0, 2.0], "micrograd": [1.0, 2.1]})


def test_a_table_has_the_ratios_of_neighbours_in_time():
    text = beside.table([(beside.Case("a case", (), made), {"ours": [0.001, 0.002, 0.003], "other": [0.002, 0.006, 0.003]})])
    assert text.splitlines()[2:] == ["| a case | ours | 2 | 1 |  |", "| a case | other | 3 | 2 | 1 to 3 |"]
