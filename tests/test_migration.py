"""Tests of what a node refuses, and of what programs for PyTorch and micrograd write otherwise."""

import inspect
import math
import operator

import numpy as np
import pytest

import autograd
from autograd import AutogradError, OperandError, ReadOnlyError, Value, ops, zero_grad
from autograd.ops import TABLE

# --------------------------------------------------------------------------------------------------------- what it refuses

v = Value(2.0, "v")
REFUSALS = {
    "bool(v)": (bool, r"v > 0|v\.data"),
    "if v": (lambda v: 1 if v else 2, r"v > 0|v\.data"),
    "v and 1": (lambda v: v and 1, r"v > 0|v\.data"),
    "not v": (operator.not_, r"v > 0|v\.data"),
    "any([v])": (lambda v: any([v]), r"v > 0|v\.data"),
    "where(v, 1, 2)": (lambda v: autograd.where(v, 1.0, 2.0), r"v > 0|v\.data"),
    "float(v)": (float, r"v\.data"),
    "int(v)": (int, r"v\.data"),
    "complex(v)": (complex, r"v\.data"),
    "math.sin(v)": (math.sin, r"autograd\.sin"),
    "math.exp(v)": (math.exp, "autograd"),
    "math.pow(v, 2)": (lambda v: math.pow(v, 2), "autograd"),
    "math.hypot(v, 1)": (lambda v: math.hypot(v, 1), "autograd"),
    "math.fsum([v])": (lambda v: math.fsum([v]), r"autograd\.sum"),
    "math.isnan(v)": (math.isnan, r"v\.data"),
    "np.asarray(v, float)": (lambda v: np.asarray(v, float), r"v\.data"),
    "np.array([v], float)": (lambda v: np.array([v], float), r"v\.data"),
    "np.zeros(1)[0] = v": (lambda v: np.zeros(1).__setitem__(0, v), None),
    "np.float64(v)": (np.float64, r"v\.data"),
    "'%.2f' % v": (lambda v: "%.2f" % v, r"v\.data"),  # noqa: UP031  # it is this spelling that is refused
    "Value(v)": (Value, r"v\.data"),
    "backward(v)": (lambda v: Value(1.0).backward(v), r"v\.data"),
}


@pytest.mark.parametrize(("attempt", "cure"), REFUSALS.values(), ids=REFUSALS)
def test_what_would_silently_drop_a_gradient_is_a_type_error_that_names_the_right_call(attempt, cure):
    with pytest.raises(TypeError, match=cure) as refusal:
        attempt(Value(2.0, "speed"))
    if cure is not None:
        assert isinstance(refusal.value, OperandError)
        assert "speed" in str(refusal.value)


NOT_SUPPORTED = {
    "len(v)": len,
    "iter(v)": iter,
    "list(v)": list,
    "a, b = v": lambda v: (lambda a, b: a)(*v),
    "v[0]": lambda v: v[0],
    "v[0] = 1": lambda v: operator.setitem(v, 0, 1),
    "1 in v": lambda v: 1 in v,
    "v()": lambda v: v(),
    "range(v)": range,
    "[1, 2, 3][v]": lambda v: [1, 2, 3][v],
    "'ab' * v": lambda v: "ab" * v,
    "v @ v": lambda v: v @ v,
    "v & 1": lambda v: v & 1,
    "~v": operator.invert,
    "'%d' % v": lambda v: "%d" % v,  # noqa: UP031  # it is this spelling that is refused
    "autograd.sum(v)": autograd.ops.sum,
    "Value(1, 2)": lambda v: Value(1.0, 2),
    "Value()": lambda v: Value(),
    "Value(1, label=None)": lambda v: Value(1.0, label=None),
}


@pytest.mark.parametrize("attempt", NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_a_node_is_no_sequence_and_no_integer(attempt):
    with pytest.raises(TypeError):
        attempt(Value(2.0))


@pytest.mark.parametrize("name", ["daat", "gard", "backwards", "zero_grads", "__len__", "softmaxx", "sum", "where"])
def test_a_misspelt_attribute_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=name):
        getattr(Value(2.0), name)


def test_a_misspelt_attribute_cannot_be_set():
    with pytest.raises(AttributeError, match="gard"):
        Value(2.0).gard = 1.0


def test_a_subclass_is_refused_when_it_is_defined():
    with pytest.raises(TypeError, match=r"as Mine would be.*@op") as refusal:

        class Mine(Value):
            pass

    assert isinstance(refusal.value, OperandError)
    assert not hasattr(Value(1.0), "__dict__")
    assert Value.__final__


READ_ONLY = ["op", "operands", "arguments", "parameters", "partials", "edges", "reached", "is_leaf", "_prev", "_op"]


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_made_a_node_is_read_only(name):
    x = Value(1.0)
    y = x * 2
    z = y * 3
    before = getattr(y, name)
    with pytest.raises(AttributeError, match=f"the {name} of Value") as refusal:
        setattr(y, name, (z,))  # operands: a cycle
    assert isinstance(refusal.value, ReadOnlyError)
    with pytest.raises(AttributeError):
        delattr(y, name)
    assert getattr(y, name) == before
    z.backward()
    assert x.grad == 6.0


def test_everything_that_a_node_holds_is_read_only_or_checked():
    public = [name for name in dir(Value) if not name.startswith("_")]
    attributes = {name for name in public if hasattr(type(inspect.getattr_static(Value, name)), "__set__")}
    settable = attributes - {*READ_ONLY}
    assert settable == {"data", "grad", "label"}
    y = autograd.leaky_relu(Value(-1.0), negative_slope=0.5)
    with pytest.raises(TypeError):
        y.parameters["negative_slope"] = 2.0
    assert type(y.operands) is type(y.arguments) is type(y.partials) is tuple


@pytest.mark.parametrize("label", [5, None, b"x", ("x",), Value(1.0)], ids=repr)
def test_a_label_that_is_no_text_is_refused_when_it_is_assigned(label):
    x = Value(2.0, "x")
    with pytest.raises(TypeError, match="a label is a str, not") as refusal:
        x.label = label
    assert isinstance(refusal.value, OperandError)
    assert x.label == "x"


def test_a_gradient_that_is_set_is_reached_whichever_zero_it_was():
    x, other = Value(-1.0), Value(2.0)
    y = x.relu()
    assert (y.partials, y.edges) == ((None,), ((x, None, 0.0, False),))
    assert not other.reached
    x.grad = other.grad
    assert x.reached
    (y * x).backward()
    assert x.grad == 0.0


def test_nothing_flows_along_the_edges_of_a_node_that_no_backward_has_reached():
    x = Value(0.0)
    root = x.sqrt()
    (root * 1.0 - 1.0).relu().backward()
    assert (root.reached, root.edges[0][1:]) == (False, (math.inf, 0.0, True))
    root.backward()
    assert root.edges[0][1:] == (math.inf, math.inf, True)


# --------------------------------------------------------------------------------- what PyTorch and micrograd write otherwise


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        ({"create_graph": True}, r"create_graph: gradient\("),
        ({"retain_graph": True}, r"retain_graph: .*call backward\(\) again"),
        ({"gradient": 2.0}, r"gradient: .*backward\(seed\)"),
        ({"inputs": []}, r"inputs: gradient\("),
        ({"sed": 2.0}, r"sed: .*backward\(seed\)"),
    ],
    ids=lambda value: "".join(value) if isinstance(value, dict) else "",
)
def test_an_option_of_backward_that_there_is_not_is_refused_with_what_to_use_instead(options, cure):
    x = Value(3.0)
    y = x * x
    with pytest.raises(TypeError, match=cure) as refusal:
        y.backward(**options)
    assert isinstance(refusal.value, OperandError)
    assert (x.reached, y.reached) == (False, False)
    y.backward(seed=2.0)
    assert x.grad == 12.0


def hand_made_tanh(x):
    t = math.tanh(x.data)
    return Value(t, (x,), "tanh")


def hand_made_product(x, y):
    return Value(x.data * y.data, _children=(x, y), _op="fancy product")


def course_swish(x):
    out = Value(x.data / (1 + math.exp(-x.data)))

    def _backward():
        x.grad += 1.0 * out.grad

    out._backward = _backward
    return out


HAND_MADE = {
    "positional": (lambda: hand_made_tanh(Value(0.5)), "tanh", "my_tanh", 1),
    "keywords": (lambda: hand_made_product(Value(0.5), Value(2.0)), "fancy product", "fancy_product", 2),
    "a sign": (lambda: Value(1.0, (Value(1.0), Value(2.0)), "+"), "add already: a + b", "operation", 2),
    "a set": (lambda: Value(1.0, {Value(1.0)}, "probit"), "probit", "probit", 1),
    "no name": (lambda: Value(1.0, (Value(1.0),)), "", "operation", 1),
    "with a label": (lambda: Value(1.0, (Value(1.0),), "probit", "y"), "probit", "probit", 1),
    "many": (lambda: Value(1.0, [Value(1.0)] * 9, "pool"), "pool", "pool", None),
    "a closure": (lambda: course_swish(Value(0.5)), "", "course_swish", 1),
}


@pytest.mark.parametrize(("make", "said", "row", "count"), HAND_MADE.values(), ids=HAND_MADE)
def test_a_node_made_by_hand_is_refused_with_a_declaration_to_paste(make, said, row, count):
    with pytest.raises((TypeError, AttributeError), match=r"@op\(partials=") as refusal:
        make()
    message = str(refusal.value)
    assert isinstance(refusal.value, AutogradError)
    assert said in message
    declaration = message[message.index("from autograd import op") : message.rindex(f"y = {row}(")]
    names = {}
    exec(declaration, names)  # as it is: it declares, and what is still to be written is asked for when it runs
    try:
        operands = [Value(1.0)] * (count or 9)
        with pytest.raises(TypeError, match=rf"^{row}\(.*its value is Ellipsis"):
            names[row](operands) if count is None else names[row](*operands)
        completed = declaration.replace("return ...", "return 1.0").replace("y: ...", "y: 2.0").replace("(...)", "(2.0,) * len(xs)")
        exec(completed, names)
        y = names[row](operands) if count is None else names[row](*operands)
        assert y.partials == (2.0,) * len(operands)
    finally:
        del TABLE[row]


def test_zero_grad_of_what_is_no_node_is_refused_and_forgets_nothing():
    x = Value(3.0)
    (x * x).backward()
    for nodes in ([x, 5], [x, None], {"x": x}, 5, None, "x", [[x]]):
        with pytest.raises(TypeError, match=r"zero_grad forgets the gradients of nodes, and .* is none"):
            zero_grad(nodes)
        assert x.grad == 6.0
    zero_grad(x)
    assert not x.reached


def test_a_wrong_number_of_operands_is_a_type_error_that_says_how_many():
    for attempt in (lambda: autograd.exp(), lambda: autograd.exp(v, v), lambda: ops.max(v), lambda: v.hypot()):
        with pytest.raises(TypeError, match=r"takes \d operands?"):
            attempt()
    for attempt in (lambda: autograd.mean([]), lambda: autograd.logsumexp([])):
        with pytest.raises(TypeError, match="at least one operand"):
            attempt()
    for attempt in (lambda: autograd.dot([v], [v, v]), lambda: autograd.dot([], []), lambda: autograd.affine([v], [], v)):
        with pytest.raises(TypeError, match="same length"):
            attempt()


def test_an_unknown_or_a_missing_parameter_is_a_type_error_that_names_it():
    with pytest.raises(TypeError, match="slope"):
        autograd.leaky_relu(v, slope=0.1)
    with pytest.raises(TypeError, match="needs the parameter n"):
        autograd.polygamma(v)
