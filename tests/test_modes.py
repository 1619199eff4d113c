"""Tests of the modes: no_grad, detect_anomaly and what its messages name, Ctrl-C anywhere, replaced parts of the engine."""

import asyncio
import contextlib
import gc
import math
import re
import sys
import threading
import weakref

import pytest
from contexts import in_a_loop, next_line
from examples import found, same, within

import autograd
from autograd import (
    AnomalyError,
    AutogradError,
    DeclarationError,
    DomainError,
    OperandError,
    Value,
    anomalies,
    detect_anomaly,
    modes,
    no_grad,
    ops,
    toposort,
)
from autograd.ops import TABLE
from nn import Neuron

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


@pytest.mark.parametrize("name", TABLE)
def test_under_no_grad_every_row_gives_a_leaf(name):
    row = TABLE[name]
    operands = [Value(within(row, 0.5, i)) for i in range(5 if row.variadic else len(row.operands))]
    parameters = {"polygamma": {"n": 1}, "where": {"condition": True}}.get(name, {})
    parameters |= {parameter: 1 for parameter in row.required if parameter not in parameters}
    with no_grad():
        y = row.apply(tuple(operands), parameters)
    assert (type(y), y.op, y.operands) == (Value, None, ())
    assert y.data == row.apply(tuple(operands), parameters).data


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if row.variadic])
def test_under_no_grad_a_row_takes_nodes_and_numbers_mixed(name):
    row, numbers = TABLE[name], (2.0, 0.5, 3.0)
    given = dict.fromkeys(row.required, 1)
    with no_grad():
        y = row.apply((Value(2.0), 0.5, Value(3.0)), given)
    assert y.data.hex() == row.apply(numbers, given).hex()


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


# ------------------------------------------------------------------------------------------------------------- interrupts


class Blocks:
    """Ways of entering and leaving a mode, on an object that stays about."""

    def __init__(self, make):
        self.mode = make()
        self.decorated = self.mode(lambda: None)
        self.generator = self.mode(lambda: (yield))

    def with_one(self):
        with self.mode:
            pass

    def with_two(self):
        with self.mode, self.mode:
            pass

    def function(self):
        self.decorated()

    def on_a_stack(self):
        with contextlib.ExitStack() as stack:
            stack.enter_context(type(self.mode)(self.mode._name, self.mode._variable, self.mode._setting))


BLOCKS = ["with_one", "with_two", "function", "on_a_stack"]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("make", [no_grad, detect_anomaly], ids=lambda make: make.__name__)
def test_a_keyboard_interrupt_before_any_line_or_return_leaves_no_mode_on(make, block):
    blocks = Blocks(make)

    def cut_off(place):
        """Whether the block ran to its end; each line, call and return of the module counts as a place."""
        places = 0

        def trace(frame, event, argument):
            nonlocal places
            if frame.f_code.co_filename == modes.__file__:
                places += 1
                if places == place:
                    raise KeyboardInterrupt
            return trace

        sys.settrace(trace)
        try:
            getattr(blocks, block)()
        except KeyboardInterrupt:
            if block != "on_a_stack":  # the trace keeps what the stack held, until it goes
                sys.settrace(None)
                assert found() == (True, False), f"place {place}, while the interrupt is handled"
            return False
        finally:
            sys.settrace(None)
        return True

    place = 1
    gc.freeze()  # what was there before need not be looked through again and again
    while not cut_off(place):
        gc.collect() if block == "on_a_stack" else None
        assert found() == (True, False), f"place {place}"
        assert not modes.live
        place += 1
    gc.unfreeze()
    assert place > 8


@pytest.mark.parametrize("block", BLOCKS[:3])
@pytest.mark.parametrize("make", [no_grad, detect_anomaly], ids=lambda make: make.__name__)
def test_real_signals_around_entering_and_leaving_leave_no_mode_on(make, block, alarm, monkeypatch):
    ignored = []
    monkeypatch.setattr(sys, "unraisablehook", ignored.append)
    enter = getattr(Blocks(make), block)

    def enter_until_the_alarm():  # a function, since in 3.13 a handler does not cover the end of a loop in its own try statement
        while not ignored:
            enter()

    for k in range(1500):
        try:
            alarm(2e-5 + k % 97 * 2e-6)
            enter_until_the_alarm()
        except KeyboardInterrupt:
            alarm.armed = False
            assert found() == (True, False)
        assert not ignored
        assert not modes.live


# ------------------------------------------------------------------------------------------------ other parts of the engine

TWICE = {ops.mul: ops.variant(ops.mul, value=lambda a, b: 2 * a * b, partials=(None, lambda a, b, y: 7.0))}


def slopes_of_a_product():
    x, y = Value(3.0), Value(5.0)
    z = x * y
    z.backward()
    return z.data, x.grad, y.grad


def test_a_replaced_row_is_used_by_operators_functions_floats_forward_mode_and_second_derivatives():
    with modes.replaced(TWICE):
        assert slopes_of_a_product() == (30.0, 5.0, 7.0)
        assert ops.mul(3.0, 5.0) == 30.0
        assert ops.mul(Value(3.0), 5.0).data == (Value(3.0) * 5.0).data == (3.0 * Value(5.0)).data == 30.0
        assert autograd.jvp(lambda a, b: a * b, (3.0, 5.0), (0.0, 1.0)) == (30.0, 7.0)
        assert (Value(3.0) * Value(5.0)).op is ops.mul
        a, b = Value(3.0), Value(5.0)
        assert autograd.gradient(a * b, [b])[0].data == 7.0
    assert slopes_of_a_product() == (15.0, 5.0, 3.0)


def test_a_variant_keeps_what_it_is_not_given_and_is_in_no_table():
    row = ops.variant(ops.affine, value=lambda xs: 1.0)
    assert row is not ops.affine
    assert (row.partials, row.text, row.listed) == (ops.affine.partials, ops.affine.text, False)
    assert TABLE["affine"] is ops.affine
    with modes.replaced({ops.tanh: ops.variant(ops.tanh, partials=(lambda a, y: 1 - y * y,))}):
        x = Value(20.0)
        x.tanh().backward()
        assert (x.grad, x.tanh().data) == (0.0, 1.0)
    with modes.replaced({ops.sum: ops.variant(ops.sum, partials=lambda xs, y: tuple(xs))}):
        assert ops.sum([Value(2.0), 3.0, Value(4.0)]).partials == (2.0, 4.0)
    counting = lambda a, b, y, *, active: float(sum(active))  # noqa: E731
    with modes.replaced({ops.mul: ops.variant(ops.mul, partials=(counting, counting))}):
        assert ((Value(3.0) * 5.0).partials, (Value(3.0) * Value(5.0)).partials) == ((1.0,), (2.0, 2.0))
    with pytest.raises(DeclarationError, match=r"a variant of mul: 2 operands \(a, b\) need 2 partials, not 1"):
        ops.variant(ops.mul, partials=(None,))


def test_functions_of_the_node_are_replaced_one_by_one():
    x = Value(3.0)
    wrong = {Value.__rsub__: lambda self, other: self - other, Value.__repr__: lambda self: "here"}
    with modes.replaced(wrong):
        assert ((5.0 - x).data, (x - 5.0).data, repr(x)) == (-2.0, -2.0, "here")
        with modes.replaced({Value.__repr__: lambda self: "inside"}):  # the blocks add up, the inner one decides
            assert ((5.0 - x).data, repr(x)) == (-2.0, "inside")
        assert repr(x) == "here"
    assert ((5.0 - x).data, repr(x)) == (2.0, "Value(data=3.0, grad=0.0)")
    for name, op in {"__iadd__": "add", "__add__": "add", "__radd__": "add", "__mul__": "mul"}.items():
        with modes.replaced({getattr(Value, name): lambda self, other: (self, other)}):
            assert getattr(x, name)(4.0) == (x, 4.0)
            assert ops.TABLE[op](x, 4.0).op is TABLE[op]


def test_every_node_made_in_a_block_is_seen():
    made = []
    with modes.replaced({anomalies.check_made: made.append}):
        x = Value(3.0)
        nodes = [x + 1.0, 1.0 - x, x.exp(), -x, ops.sum([x, x]), ops.leaky_relu(x)]
    x + 1.0
    assert list(map(id, made)) == list(map(id, nodes))


def test_what_cannot_be_replaced_is_refused_and_nothing_is_on():
    for part in (Value, "backward", Value.item, math.sin):
        with pytest.raises(OperandError, match="cannot be replaced"):
            modes.replaced({ops.mul: ops.mul, part: None})
    assert not modes.live


def test_other_contexts_keep_the_right_engine():
    answers = []

    async def other_task(began, over):
        began.set()
        await over.wait()
        answers.append(slopes_of_a_product())

    async def both():
        began, over = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(other_task(began, over))
        await began.wait()
        with modes.replaced(TWICE):
            thread = threading.Thread(target=lambda: answers.append(slopes_of_a_product()))
            thread.start()
            thread.join()
            over.set()
            await task
            return slopes_of_a_product()

    assert in_a_loop(both()) == (30.0, 5.0, 7.0)
    assert answers == [(15.0, 5.0, 3.0)] * 2


def test_an_error_in_the_block_ends_it():
    with pytest.raises(ZeroDivisionError), modes.replaced(TWICE):
        raise ZeroDivisionError
    assert slopes_of_a_product() == (15.0, 5.0, 3.0)
    assert not modes.live


def test_a_forgotten_operation_cannot_be_replaced():
    @ops.op(partials=(3.0,))
    def thrice(a):
        "Three times a."
        return 3 * a

    modes.replaced({thrice: ops.variant(thrice, value=lambda a: a)})
    ops.forget(thrice)
    with pytest.raises(OperandError, match="cannot be replaced"):
        modes.replaced({thrice: thrice})
