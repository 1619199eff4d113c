"""Tests of `nn.outputs`: plain numbers out of what a model returned."""

import pytest

from autograd import Value
from nn.outputs import data_of, flattened, plain


def test_the_number_of_a_node_or_of_a_number():
    assert (data_of(Value(2.5)), data_of(3)) == (2.5, 3.0)
    with pytest.raises(TypeError):
        data_of("three")


def test_targets_are_plain_in_the_lists_that_they_are_in():
    assert plain([Value(1.0), (2, [Value(3.0)])]) == [1.0, [2, [3.0]]]
    assert plain("word") == "word"


def test_lists_in_lists_are_flattened_and_nodes_stay_nodes():
    x = Value(1.0)
    assert [y is x for y in flattened([[x, [x]], x, ()])] == [True, True, True]
    assert flattened([]) == []
    assert flattened([["word", b"ab"]]) == ["word", b"ab"]
