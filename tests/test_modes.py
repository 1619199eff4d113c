"""Tests of the modes: no_grad, detect_anomaly and what its messages name, and that threads do not see each other's."""

import gc
import math
import re
import sys
import threading
import weakref

import pytest
from examples import same

import autograd
from autograd import AnomalyError, AutogradError, DomainError, Value, detect_anomaly, no_grad, ops, toposort
from autograd.ops import TABLE
from nn import Neuron


def next_line():
    """This file and the line after the caller's, as messages write them."""
    return f"{__file__}:{sys._getframe(1).f_lineno + 1}"


# --------------------------------------------------------------------------------------------------------------- no_grad


def test_under_no_grad_operations_give_leaves_with_the_same_data():
    x, y = Value(3.0), Value(2.0)
    makers = [
        lambda: x * y,
        lambda: x + 1,
        lambda: 1 / x,
        lambda: x**2,
        lambda: -x,
        x.exp,
        lambda: ops.max(x, y),
        lambda: ops.dot([x], [y]),
    ]
    for make in makers:
        recorded = make()
        with no_grad():
            bare = make()
        assert (bare.data, bare.operands, bare.op, bare.partials) == (recorded.data, (), None, ())
        assert recorded.operands


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.variadic])
def test_under_no_grad_every_row_gives_a_leaf(name):
    row = TABLE[name]
    operands = [Value(1.0 if name == "acosh" else 0.5) for _ in row.operands]
    parameters = {"polygamma": {"n": 1}, "where": {"condition": True}}.get(name, {})
    with no_grad():
        y = row.apply(tuple(operands), parameters)
    assert (type(y), y.op, y.operands) == (Value, None, ())
    assert y.data == row.apply(tuple(operands), parameters).data


def test_nothing_flows_through_what_was_computed_under_no_grad():
    x = Value(3.0)
    with no_grad():
        target = x * 2
    (x * target).backward()
    assert (x.grad, target.grad) == (6.0, 3.0)


def test_no_grad_is_a_decorator_too():
    @no_grad()
    def predict(x):
        return x * 2

    assert predict(Value(3.0)).operands == predict(Value(3.0)).operands == ()
    assert (Value(3.0) * 2).operands


def test_recording_resumes_after_no_grad_even_after_an_exception_and_when_nested():
    x = Value(3.0)
    with no_grad():
        with no_grad():
            assert (x * 2).operands == ()
        assert (x * 2).operands == ()
    assert same((x * 2).operands, x)
    with pytest.raises(DomainError), no_grad():
        (x - 4).log()
    assert same((x * 2).operands, x)


def test_data_may_be_set_and_backward_may_run_under_no_grad():
    x = Value(3.0)
    y = x * x
    with no_grad():
        y.backward()
        x.data -= 0.5 * x.grad
    assert (x.data, x.grad) == (0.0, 6.0)


def test_domain_errors_are_raised_under_no_grad_too():
    with no_grad(), pytest.raises(DomainError, match=r"log\(-1\.0\): x = -1\.0"):
        Value(-1.0, "x").log()


# -------------------------------------------------------------------------------------------------------- detect_anomaly

FORWARD = {
    "mul": (lambda x: x * 10.0, 1e308, "mul(speed = 1e+308, 10.0) = inf"),
    "add": (lambda x: x + x, 1e308, "add(speed = 1e+308, speed = 1e+308) = inf"),
    "rsub": (lambda x: -1e308 - x, 1e308, "sub(-1e+308, speed = 1e+308) = -inf"),
    "square": (lambda x: autograd.square(x), 1e200, "square(speed = 1e+200) = inf"),
    "div": (lambda x: x / 1e-300, 1e300, "div(speed = 1e+300, 1e-300) = inf"),
    "dot": (lambda x: autograd.dot([x], [10.0]), 1e308, "dot(speed = 1e+308, 10.0) = inf"),
    "nan": (lambda x: x * 0.0, math.inf, "mul(speed = inf, 0.0) = nan"),
    "relu": (lambda x: x.relu(), math.nan, "relu(speed = nan) = nan"),
    "logsumexp": (lambda x: autograd.logsumexp([x, x]), -math.inf, "logsumexp(speed = -inf, speed = -inf) = -inf"),
}


@pytest.mark.parametrize(("function", "point", "said"), FORWARD.values(), ids=FORWARD)
def test_the_first_value_that_is_not_finite_raises_and_names_node_operands_file_and_line(function, point, said):
    x = Value(point, "speed")
    assert not math.isfinite(function(x).data)  # without the mode, as Python floats do
    with detect_anomaly():
        with pytest.raises(AnomalyError) as anomaly:
            function(x)
        assert said in str(anomaly.value)
        assert f"made at {__file__}:{function.__code__.co_firstlineno}" in str(anomaly.value)
        assert isinstance(anomaly.value, FloatingPointError)
        assert isinstance(anomaly.value, AutogradError)
    assert not math.isfinite(function(x).data)


def test_the_line_is_that_of_the_users_code_also_through_a_network():
    neuron = Neuron(1, nonlin=False, seed=1)
    neuron.w[0].data = 100.0
    with detect_anomaly():
        place = next_line()
        attempt = lambda: neuron([Value(1e308)])  # noqa: E731  # the line is what matters
        with pytest.raises(AnomalyError, match=rf"made at {re.escape(place)}\b"):
            attempt()


def test_forward_stops_at_the_first_value_that_is_not_finite():
    with detect_anomaly(), pytest.raises(AnomalyError, match=r"^forward: mul\(1e\+200, 1e\+200\) = inf"):
        ((Value(1e200) * 1e200) * 0.0).exp()


BACKWARD = {
    "sqrt(x)**2": (lambda x: autograd.sqrt(x) ** 2, 0.0, "sqrt(weight = 0.0) = 0.0"),
    "sqrt": (lambda x: autograd.sqrt(x), 0.0, "sqrt(weight = 0.0) = 0.0"),
    "asin": (lambda x: autograd.asin(x) * 1.0, 1.0, "asin(weight = 1.0)"),
    "atan2": (lambda x: autograd.atan2(x, x), 0.0, "atan2(weight = 0.0, weight = 0.0) = 0.0"),
    "overflow": (lambda x: (x * 1e300) * 1e300, 1e-320, "mul(weight = "),
    "pow": (lambda x: x**0.5, 0.0, "pow(weight = 0.0, 0.5) = 0.0"),
}


@pytest.mark.parametrize(("function", "point", "said"), BACKWARD.values(), ids=BACKWARD)
def test_an_adjoint_that_is_not_finite_raises_and_names_the_node_its_operands_and_where_it_was_made(function, point, said):
    x = Value(point, "weight")
    with detect_anomaly():
        y = function(x)
        with pytest.raises(AnomalyError) as anomaly:
            y.backward()
    message = str(anomaly.value)
    assert message.startswith("backward: ")
    assert said in message
    assert f"made at {__file__}:{function.__code__.co_firstlineno}" in message


@pytest.mark.parametrize(("function", "point", "said"), BACKWARD.values(), ids=BACKWARD)
def test_an_anomaly_in_backward_leaves_the_gradients_of_the_leaves_as_they_were(function, point, said):
    x, other, unreached = Value(point), Value(2.0), Value(3.0)
    (x * 5 + other * 7).backward()
    with detect_anomaly():
        y = function(x) + other * unreached
        with pytest.raises(AnomalyError):
            y.backward()
    assert (x.grad, other.grad) == (5.0, 7.0)
    assert (unreached.grad, unreached.reached) == (0.0, False)


def test_the_anomaly_is_named_where_it_arises_and_not_further_down():
    x = Value(0.0, "x")
    with detect_anomaly():
        root = autograd.sqrt(x * 1.0)
        root.label = "root"
        y = root**2
        with pytest.raises(
            AnomalyError, match=r"^backward: root = sqrt\(0\.0\) = 0\.0, made at .*: adjoint 0\.0 × local derivative inf = nan"
        ):
            y.backward()


def test_a_seed_that_is_not_finite_is_an_anomaly():
    with detect_anomaly():
        x = Value(1.0)
        y = x * 2.0
        for seed in (math.inf, math.nan):
            with pytest.raises(AnomalyError):
                y.backward(seed)
        assert x.grad == 0.0


@pytest.mark.parametrize("seed", [math.inf, math.nan])
def test_a_seed_that_is_not_finite_is_an_anomaly_on_a_leaf_too(seed):
    x = Value(1.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match="adjoint"):
        x.backward(seed)
    assert not x.reached


def test_a_leaf_whose_adjoint_overflows_is_an_anomaly_though_every_contribution_is_finite():
    x = Value(0.25, "x")
    with detect_anomaly():
        y = x * 1e308 + x * 1e308
        with pytest.raises(AnomalyError, match=r"^backward: x = leaf = 0\.25.*: the adjoint inf is not finite"):
            y.backward()
    assert (x.grad, x.reached) == (0.0, False)


def test_closed_gates_are_no_anomaly():
    x = Value(0.0)
    with detect_anomaly():
        autograd.relu(autograd.sqrt(x) - 1).backward()
        autograd.sqrt(autograd.relu(Value(4.0))).backward()
    assert x.grad == 0.0


def test_without_an_anomaly_the_mode_changes_no_bit():
    def program():
        x, y = Value(0.3), Value(-1.7)
        root = (x / y).tanh() * autograd.logsumexp([x, y]) - ops.max(x, y) ** 3
        root.backward()
        return [(node.data.hex(), node.grad.hex(), node.partials) for node in toposort(root)]

    outside = program()
    with detect_anomaly():
        inside = program()
    assert inside == outside


def test_a_domain_error_names_where_the_operand_was_made_under_detect_anomaly():
    with detect_anomaly():
        place = next_line()
        shifted = Value(0.5) - 2.0
        named = Value(0.5) - 2.0
        named.label = "named"
        with pytest.raises(DomainError, match=rf"^log\(-1\.5\): .*made at {re.escape(place)}\b.* = -1\.5 is outside"):
            autograd.log(shifted)
        with pytest.raises(DomainError, match=rf"^sqrt\(-1\.5\): named \(made at {re.escape(__file__)}:\d+\) = -1\.5"):
            named.sqrt()
        with pytest.raises(ZeroDivisionError, match=rf"made at {re.escape(__file__)}:"):
            1 / (shifted - shifted)
    with pytest.raises(DomainError) as refusal:
        autograd.log(shifted)
    assert "made at" not in str(refusal.value)


def test_modes_end_with_their_block_even_after_an_anomaly():
    with pytest.raises(AnomalyError), detect_anomaly():
        Value(1e308) * 10.0
    assert (Value(1e308) * 10.0).data == math.inf
    autograd.sqrt(Value(0.0)).backward()


def test_detect_anomaly_and_no_grad_nest():
    with detect_anomaly():
        with no_grad():
            assert (Value(2.0) * 3.0).operands == ()
        with pytest.raises(AnomalyError):
            Value(1e308) * 10.0
    with no_grad():
        with detect_anomaly():
            assert (Value(2.0) * 3.0).operands == ()
        assert (Value(2.0) * 3.0).operands == ()


def test_detect_anomaly_keeps_no_graph_alive():
    gc.disable()
    try:
        with detect_anomaly():
            y = Value(1.0) * 2.0
            watched = weakref.ref(y)
            del y
            assert watched() is None
    finally:
        gc.enable()


# --------------------------------------------------------------------------------------------------------------- threads


def in_a_thread(function):
    """What the function returns in a thread of its own."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


def test_a_thread_does_not_see_the_no_grad_of_another():
    x = Value(3.0)
    with no_grad():
        assert in_a_thread(lambda: (x * 2).operands) == (x,)
        assert in_a_thread(lambda: x.exp().operands) == (x,)
        assert in_a_thread(lambda: autograd.dot([x], [2.0]).operands) == (x,)
        assert (x * 2).operands == ()


def test_a_thread_does_not_see_the_anomaly_detection_of_another():
    with detect_anomaly():
        assert in_a_thread(lambda: (Value(1e308) * 10.0).data) == math.inf
        with pytest.raises(AnomalyError):
            Value(1e308) * 10.0


def test_a_mode_of_a_thread_that_ended_is_gone():
    def enter_and_leave_open():
        mode = no_grad()
        mode.__enter__()
        answer = (Value(2.0) * 3.0).operands
        mode.__exit__(None, None, None)
        return answer

    assert in_a_thread(enter_and_leave_open) == ()
    x = Value(2.0)
    assert same((x * 3.0).operands, x)


def test_modes_of_threads_that_overlap_in_time_do_not_mix():
    turns = [threading.Event() for _ in range(3)]
    found = {}

    def watched():
        with no_grad():
            turns[0].set()
            turns[1].wait(10)
            found["inside"] = (Value(2.0) * 3.0).operands
        found["after"] = len((Value(2.0) * 3.0).operands)
        turns[2].set()

    thread = threading.Thread(target=watched)
    thread.start()
    turns[0].wait(10)
    with detect_anomaly():
        found["other thread"] = len((Value(2.0) * 3.0).operands)
        turns[1].set()
        turns[2].wait(10)
        with pytest.raises(AnomalyError):
            Value(1e308) * 10.0
    thread.join()
    assert found == {"inside": (), "after": 1, "other thread": 1}
    assert (Value(1e308) * 10.0).data == math.inf


def test_many_threads_differentiate_their_own_graphs_at_once():
    def work(seed):
        gradients = []
        for i in range(50):
            x = Value(seed + i / 100)
            y = x
            for _ in range(20):
                y = (y * x).tanh()
            if i % 3 == 0:
                with no_grad():
                    y * y
            y.backward()
            gradients.append(x.grad)
        return gradients

    expected = [work(seed) for seed in range(4)]
    answers = {}
    threads = [threading.Thread(target=lambda seed=seed: answers.__setitem__(seed, work(seed))) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answers[seed] for seed in range(4)] == expected
