"""What a row is: declarations that are refused, users' values and partials held to their promise, calls that do not fit."""

from __future__ import annotations

import cmath
import math
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd import (
    AutogradError,
    DeclarationError,
    DivisionError,
    DomainError,
    MissingExtraError,
    OperandError,
    Value,
    grad,
    jvp,
    no_grad,
    ops,
)
from autograd.declaration import is_expression
from autograd.ops import TABLE, Domain, Op, op


def test_a_users_operation_is_a_first_class_one() -> None:
    @op(partials=(lambda a, y, *, times: times * ops.cos(a),), latex=r"<times> \sin <a>")
    def times_sine(a: float, *, times: float = 2.0) -> float:
        """A multiple of the sine."""
        return times * math.sin(a)

    x = Value(0.5, "x")
    y = times_sine(x, times=3.0) + x.times_sine()
    y.backward()
    assert y.data == 3 * math.sin(0.5) + 2 * math.sin(0.5)
    assert x.grad == pytest.approx(5 * math.cos(0.5), rel=1e-15)
    assert times_sine(0.5) == 2 * math.sin(0.5)
    assert times_sine.spell({"a": "x", "times": "2"}, latex=True) == r"2 \sin x"
    del TABLE["times_sine"]


def test_a_row_may_be_declared_again_where_it_was_declared_but_not_elsewhere() -> None:
    for _ in range(2):
        op(lambda a: a, name="again", doc="The same.", partials=(1.0,))
    del TABLE["again"]
    with pytest.raises(DeclarationError, match="taken"):
        op(lambda a: a, name="exp", doc="Not the exponential.", partials=(1.0,))
    assert ops.exp(1.0) == math.e


def test_a_users_parameter_is_checked_where_its_default_or_annotation_says_what_it_is() -> None:
    @op(partials=(lambda a, y, *, times, mode, place: times,))
    def scaled(a: float, *, times: float = 2.0, mode: str = "plain", place: int) -> float:
        """A multiple."""
        return times * a

    try:
        assert scaled.kinds == {"times": "float", "place": "int"}
        assert scaled(3.0, mode=None, place=1) == 6.0
        with pytest.raises(OperandError, match="times = 'x' is no number"):
            scaled(3.0, times="x", place=1)
        with pytest.raises(OperandError, match=r"place = 1\.5 is no whole number"):
            scaled(3.0, place=1.5)
    finally:
        del TABLE["scaled"]


class Text(str):
    pass


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (None, None),
        (True, True),
        (Text("a"), "a"),
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (Fraction(1, 4), 0.25),
        ((1, ("b",)), (1, ("b",))),
    ],
    ids=lambda x: type(x).__name__,
)
def test_a_users_parameter_is_kept_as_plain_data(given: Any, kept: Any) -> None:
    row = op(lambda a, *, mode=None: a, name="with_mode", doc="The same.", partials=(lambda a, y, *, mode: 1.0,))
    y = row(Value(1.0), mode=given)
    assert (y.parameters, type(y.parameters["mode"])) == ({"mode": kept}, type(kept))


@pytest.mark.parametrize(
    "given", [[1.0], {}, object(), (1.0, [2.0]), (Value(1.0),), np.array([1.0, 2.0])], ids=lambda given: type(given).__name__
)
def test_a_parameter_that_could_refer_back_to_its_node_is_refused(given: Any) -> None:
    row = op(lambda a, *, mode=None: a, name="with_mode", doc="The same.", partials=(lambda a, y, *, mode: 1.0,))
    for x in (Value(1.0), 1.0):
        with pytest.raises(
            OperandError, match=r"^with_mode: mode = .* is kept in the graph, so it must be None, a truth value, a number,"
        ):
            row(x, mode=given)
    with pytest.raises(
        DeclarationError, match=r"^@op with_mode: mode = .* is kept in the graph, so it must be None, a truth value, a"
    ):
        op(lambda a, *, mode=given: a, name="with_mode", doc="The same.", partials=(lambda a, y, *, mode: 1.0,))


def sound(**changes: Any) -> dict[str, Any]:
    return {"name": "sound", "doc": "Sound.", "partials": (lambda a, y: 2 * a,), **changes}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"doc": ""}, "sentence", id="no documentation"),
        pytest.param({"name": ""}, "identifier", id="no name"),
        pytest.param({"partials": ()}, "need 1 partials|need 2 partials", id="too few partials"),
        pytest.param({"partials": (1.0, 2.0, 3.0)}, "partials", id="too many partials"),
        pytest.param({"partials": (lambda a: 1.0,)}, "must take", id="partial without y"),
        pytest.param({"partials": ("2*a",)}, "give a float", id="partial that is text"),
        pytest.param({"domain": (Domain("[0, 1]"), Domain("[0, 1]"))}, "one Domain", id="two domains for one operand"),
        pytest.param({"domain": "positive"}, "Domain", id="domain that is text"),
        pytest.param({"text": "f(<b>)"}, "operands and parameters are", id="unknown name in the text"),
        pytest.param({"latex": "f(<b>)"}, "operands and parameters are", id="unknown name in the LaTeX"),
        pytest.param({"textbook": (1.0, 2.0)}, "textbook", id="too many textbook partials"),
        pytest.param({"torch": "torch.f(<b>)"}, "operands and parameters are", id="unknown name for PyTorch"),
        pytest.param({"jax": "jnp.square(<a>"}, "is no expression", id="a spelling for JAX that is no expression"),
        pytest.param({"numpy": "np.square"}, "without np", id="a name in numpy that is no name"),
        pytest.param({"numpy": ("own", "arctan")}, "another operation already", id="numpy's name of another row"),
        pytest.param({"analytic": 1j}, "not a function", id="a complex value that is no function"),
        pytest.param({"analytic": lambda a, b: a}, r"must take \(a\), not \(a, b\)", id="a complex value of two operands"),
        pytest.param({"gain": -1.0}, "above 0", id="a gain below 0"),
        pytest.param({"gain": lambda a: a}, "function of the parameters", id="a gain that takes an operand"),
    ],
)
def test_a_row_that_is_incomplete_or_wrong_in_form_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint):
        op(lambda a: a * a, **sound(**changes))
    assert "sound" not in TABLE


def test_the_sound_row_of_that_test_is_accepted() -> None:
    assert op(lambda a: a * a, **sound())(3.0) == 9.0
    del TABLE["sound"]


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_what_a_row_of_the_table_says_for_other_libraries_is_an_expression(row: Op) -> None:
    """`refuse_malformed` compiles those of a user's rows alone: the table is loaded faster without."""
    assert all(is_expression(spelling) for spelling in (row.torch, row.jax, row.sympy) if spelling)


def test_a_users_value_that_is_no_float_never_enters_a_graph() -> None:
    complex_root = op(lambda a: cmath.sqrt(a), name="complex_root", doc="Wrong.", partials=(1.0,))
    with pytest.raises(TypeError, match="complex"):
        complex_root(Value(-1.0))
    del TABLE["complex_root"]


@pytest.fixture
def declare() -> Iterator[Callable[..., Op]]:
    """Declares a row for one test."""
    known = set(TABLE)
    yield lambda value, partials, **rest: op(value, partials=partials, **{"name": "declared", "doc": "Of a test.", **rest})
    for name in set(TABLE) - known:
        del TABLE[name]


def recorded_state(*nodes: Value) -> list[tuple[float, float, bool]]:
    return [(node.data, node.grad, node.reached) for node in nodes]


NO_SLOPES = [None, "x", "1.0", 1j, [1.0], (1.0,), Value(2.0), ..., np.array([1.0, 2.0]), math.sin, 10**400]


@pytest.mark.parametrize("wrong", NO_SLOPES, ids=lambda wrong: f"{type(wrong).__name__} {wrong!r:.12}")
@pytest.mark.parametrize("form", ["one operand", "second of two", "one of many", "one of many beside a constant"])
def test_a_partial_that_is_no_number_is_refused_when_the_operation_runs(declare: Callable[..., Op], wrong: Any, form: str) -> None:
    many = declare(lambda xs: math.fsum(xs), lambda xs, y: [1.0] * (len(xs) - 1) + [wrong], name="many")
    two = declare(lambda a, b: a + b, (1.0, lambda a, b, y: wrong), name="two")
    one = declare(lambda a: a, (lambda a, y: wrong,), name="one")
    x, z = Value(1.0, "x"), Value(2.0, "z")
    (x * 5 + z * 7).backward()
    before = recorded_state(x, z)
    call, operand, name = {
        "one operand": (lambda: one(z), "a", "one"),
        "second of two": (lambda: two(x, z), "b", "two"),
        "one of many": (lambda: many([x, z]), "partial 2 of 2", "many"),
        "one of many beside a constant": (lambda: many([x, 3.0, z]), "partial 3 of 3", "many"),
    }[form]
    with pytest.raises(TypeError, match=rf"^{name}\(.*z = 2\.0.*{operand}.* is .*; return a float") as refusal:
        call()
    assert isinstance(refusal.value, AutogradError)
    assert recorded_state(x, z) == before
    with no_grad():
        assert call().operands == ()  # the value alone needs no partial


@pytest.mark.parametrize("count", [0, 1, 3], ids=lambda count: f"{count} for 2")
@pytest.mark.parametrize("form", [tuple, list, np.array, iter], ids=lambda form: form.__name__)
def test_as_many_partials_as_operands_are_needed_when_the_operation_runs(
    declare: Callable[..., Op], count: int, form: Callable[..., Any]
) -> None:
    few = declare(lambda xs: math.fsum(xs), lambda xs, y: form([1.0] * count))
    for operands in ([Value(1.0), Value(2.0, "b")], [5.0, Value(2.0, "b")]):
        with pytest.raises(DeclarationError, match=rf"b = 2\.0: its partials are {count} and its operands 2; give a tuple"):
            few(operands)
    with pytest.raises(DeclarationError, match="its operands 2"):
        grad(lambda a, b: few([a, b]))(1.0, 2.0)
    right = declare(lambda xs: math.fsum(xs), lambda xs, y: form([1.0] * len(xs)), name="right")
    assert grad(lambda a, b: right([a, 3.0, b]), argnums=(0, 1))(1.0, 2.0) == (1.0, 1.0)


@pytest.mark.parametrize("wrong", [5.0, {1.0: 2.0, 3.0: 4.0}, {1.0, 2.0}, None, "ab"], ids=repr)
def test_partials_that_are_in_no_order_are_refused(declare: Callable[..., Op], wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"^declared\(1\.0, 2\.0\): a partial raised TypeError"):
        declare(lambda xs: math.fsum(xs), lambda xs, y: wrong)([Value(1.0), Value(2.0)])


class Unusual(ArithmeticError):
    pass


RAISED = [
    ZeroDivisionError("z"), ValueError("v"), OverflowError("o"), TypeError("t"), KeyError("k"), NameError("n"), RecursionError("r"),
    AssertionError(), UnicodeDecodeError("ascii", b"", 0, 1, "u"), FileNotFoundError(2, "f"), Unusual("u"), DomainError("d"),
    MissingExtraError("library", "extra"),
]  # fmt: skip


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_error_inside_a_partial_is_of_ours_and_of_its_builtin_class_and_names_the_operation(
    declare: Callable[..., Op], error: Exception
) -> None:
    def fails(a: Any, y: Any) -> float:
        raise error

    row = declare(lambda a: 2 * a, (fails,))
    builtin = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins" and "Unicode" not in kind.__name__)
    x = Value(3.0, "x")
    for call, label in ((lambda: row(x), "x = 3.0: "), (lambda: grad(row)(3.0), ""), (lambda: jvp(row, (3.0,), (1.0,)), "")):
        with pytest.raises(builtin) as refusal:
            call()
        assert isinstance(refusal.value, AutogradError)
        assert str(refusal.value).startswith(f"declared(3.0): {label}the partial with respect to a raised {type(error).__name__}")
        assert refusal.value.__cause__ is error  # its traceback shows the line of the partial
        assert type(pickle.loads(pickle.dumps(refusal.value))) is type(refusal.value)
    with no_grad():
        assert row(x).data == row(3.0) == 6.0
    error.__traceback__ = None  # which would keep the nodes: the error is made once


def test_a_removable_singularity_in_a_partial_is_refused_with_the_cure(declare: Callable[..., Op]) -> None:
    row = declare(math.sqrt, (lambda a, y: 1 / (2 * y),))
    with pytest.raises(ZeroDivisionError, match=r"^declared\(0\.0\): z = 0\.0: .*respect to a .*where\(.*no_grad\(\)"):
        row(Value(0.0, "z"))
    cured = declare(math.sqrt, (lambda a, y: ops.where(y <= 0, math.inf, lambda: 1 / (2 * y)),), name="cured")
    assert cured(Value(0.0)).partials == (math.inf,)
    assert grad(grad(cured))(4.0) == -1 / 32


def test_an_error_in_a_partial_on_nodes_names_the_users_operation(declare: Callable[..., Op]) -> None:
    row = declare(lambda a: a * a, (lambda a, y: 2 * math.fabs(a),))
    with pytest.raises(TypeError, match=r"^declared\(Value.*the partial with respect to a raised OperandError"):
        grad(grad(row))(3.0)


@pytest.mark.parametrize("wrong", [None, "x", 1j, [1.0], Value(2.0)], ids=repr)
def test_a_users_value_that_is_no_number_names_the_operation(declare: Callable[..., Op], wrong: Any) -> None:
    row, many = declare(lambda a: wrong, (1.0,)), declare(lambda xs: wrong, lambda xs, y: (1.0,), name="many")
    for call in (lambda: row(Value(1.0)), lambda: row(1.0), lambda: many([Value(1.0)]), lambda: many([1.0])):
        with pytest.raises(TypeError, match=r"^(declared|many)\(1\.0\): its value is .*; return one number"):
            call()


def test_what_a_users_value_raises_names_the_operation(declare: Callable[..., Op]) -> None:
    row = declare(lambda a: a.size, (1.0,))
    with pytest.raises(AttributeError, match=r"^declared\(1\.0\): its value raised AttributeError: .*'size'") as refusal:
        row(Value(1.0))
    assert isinstance(refusal.value, AutogradError)


def test_a_library_function_declared_by_a_user_is_held_to_its_promise_too(declare: Callable[..., Op]) -> None:
    assert declare(math.floor, (0.0,))(Value(2.5)).data.hex() == (2.0).hex()  # it gives an int
    with pytest.raises(TypeError, match="its value is"):
        declare(math.modf, (1.0,))(Value(2.5))


def test_a_closed_gate_and_any_number_pass_a_users_partial(declare: Callable[..., Op]) -> None:
    for slope, saved in ((True, 1.0), (3, 3.0), (np.float64(2.5), 2.5), (Fraction(1, 4), 0.25), (math.inf, math.inf)):
        (partial,) = declare(lambda a: a, (_giving(slope),))(Value(1.0)).partials
        assert (type(partial), partial) == (float, saved)
    gate = declare(lambda a: a, (_giving(ops.CLOSED),))(Value(1.0))
    assert gate.edges[0][3] is False


def _giving(slope: Any) -> Callable[..., Any]:
    return lambda a, y: slope


CALLS = {
    "sum(5)": (lambda: ops.sum(5), r"^sum is called sum\(xs\) with a list .*'int'.*\[a, b\]"),
    "mean(None)": (lambda: ops.mean(None), r"^mean is called mean\(xs\) with a list .*'NoneType'"),
    "sum(bytes)": (lambda: ops.sum(b"ab"), r"^sum is called sum\(xs\) with a list .*bytes"),
    "sum(dict)": (lambda: ops.sum({1.0: 2.0}), r"^sum is called sum\(xs\) with a list .*mappings"),
    "dot(x, bytes)": (lambda: ops.dot([Value(1.0)], b"a"), r"^dot is called dot\(ws, xs\) with a list .*bytes"),
    "dot(x, x)": (lambda: ops.dot(Value(1.0), Value(1.0)), r"^dot is called dot\(ws, xs\) with a list .*'Value'"),
    "logsumexp(x)": (lambda: ops.logsumexp(Value(1.0)), r"^logsumexp is called logsumexp\(xs\) with a list .*'Value'"),
    "softmax(5)": (lambda: ops.softmax(5), r"^softmax is called softmax\(xs, k\) with a list .*'int'"),
    "softmax(bytes)": (lambda: ops.softmax(b"ab"), r"^softmax is called .*bytes"),
    "sum(a, b)": (lambda: ops.sum(1.0, 2.0), r"^sum is called sum\(xs\): not with 2 arguments"),
    "dot(x)": (lambda: ops.dot([1.0]), r"^dot is called dot\(ws, xs\): missing .*'xs'"),
    "where()": (lambda: ops.where(), r"^where is called where\(condition, a, b\): missing"),
    "where(1, 2, 3, 4)": (lambda: ops.where(True, 1.0, 2.0, 3.0), "^where is called .*: not with 4 arguments"),
}


@pytest.mark.parametrize(("call", "said"), CALLS.values(), ids=CALLS)
def test_a_call_that_does_not_fit_shows_how_the_operation_is_called(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(TypeError, match=said) as refusal:
        call()
    assert isinstance(refusal.value, AutogradError)


def test_an_error_inside_a_generator_of_operands_is_the_cause_of_the_refusal() -> None:
    with pytest.raises(TypeError, match="has no len") as refusal:
        ops.sum(len(x) for x in [1.0])  # type: ignore[arg-type]  # that is the mistake
    assert type(refusal.value.__cause__) is TypeError


def test_a_type_error_inside_a_lazy_branch_stays_the_users_own() -> None:
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        ops.where(True, lambda: len(5), 1.0)  # type: ignore[arg-type]  # that is the mistake


def test_a_message_lists_a_few_of_many_operands() -> None:
    with pytest.raises(DivisionError) as refusal:
        Value(1.0) / 0.0
    assert str(refusal.value).startswith("div(1.0, 0.0)")
    with pytest.raises(ValueError, match=r"^logsumexp\(0\.0, 1\.0, ") as long:
        raise ops.logsumexp.refusal(ValueError("too many"), tuple(map(float, range(10_000))), [f"x{i}" for i in range(10_000)])
    assert len(str(long.value)) < 400
    assert "9999.0" in str(long.value)


@pytest.mark.parametrize("text", ["0, 1", "(0,1)", "[a, b]", ""])
def test_a_domain_that_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises((DeclarationError, ValueError)):
        Domain(text)


def test_parameters_that_do_not_fit_are_named() -> None:
    with pytest.raises(TypeError, match="no parameter slope; it has negative_slope"):
        ops.leaky_relu(1.0, slope=0.2)
    with pytest.raises(TypeError, match="1 operand "):
        ops.relu(1.0, 2.0)
    with pytest.raises(TypeError, match="needs the parameter n"):
        ops.polygamma(1.0)
    with pytest.raises(TypeError, match="same length are needed, not 1 and 2"):
        ops.dot([1.0], [1.0, 2.0])
    with pytest.raises(TypeError, match="'b'"):
        ops.affine([1.0, 2.0], [1.0, 2.0])
    with pytest.raises(TypeError, match="empty"):
        ops.mean([])
    with pytest.raises(ValueError, match="no component 3"):
        ops.softmax([1.0, 2.0], 3)


def test_a_declared_operation_is_forgotten_by_itself_or_by_its_name_and_the_tables_own_stay():
    @op(partials=(2.0,))
    def twice_here(a):
        "Twice a."
        return 2 * a

    x = Value(3.0)
    y = twice_here(x)
    ops.forget(twice_here)
    assert "twice_here" not in TABLE
    with pytest.raises(AttributeError):
        x.twice_here()
    y.backward()
    assert (y.data, x.grad) == (6.0, 2.0)
    for gone in (twice_here, "twice_here", "nothing", None, 3):
        with pytest.raises(DeclarationError):
            ops.forget(gone)
    again = op(lambda a: 2 * a, partials=(2.0,), name="twice_here", doc="Twice a.")
    with pytest.raises(DeclarationError, match="no operation of the table"):
        ops.forget(twice_here)  # another of its name is there now
    ops.forget("twice_here")
    assert again not in TABLE.values()
    for own in ("tanh", TABLE["add"]):
        with pytest.raises(DeclarationError, match="stays"):
            ops.forget(own)
    assert TABLE["tanh"](0.5) == math.tanh(0.5)


def test_an_operation_left_in_the_table_by_a_test_is_taken_out_after_it(tmp_path):
    """The next test that walks the table would call it, in either order of the two."""
    root = Path(ops.__file__).parent.parent
    (tmp_path / "conftest.py").write_text((root / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_left.py").write_text(
        "from autograd import TABLE, op\n\n"
        "def test_first():\n"
        "    op(lambda a: missing, partials=(1.0,), name='left_behind', doc='It calls what is not there.')\n"
        "    del TABLE['tanh']\n\n"
        "def test_second():\n"
        "    assert 'left_behind' not in TABLE\n"
        "    assert 'tanh' in TABLE\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, check=False
    )
    assert run.returncode == 0, run.stdout


def test_each_number_type_is_asked_once_whether_it_takes_an_operation() -> None:
    """A type sees all operands, so that a row of n weights that leaves it to another type costs n steps, not n²."""
    asked: list[tuple[object, ...]] = []

    class Leaves:
        @staticmethod
        def __autograd_op__(op: Op, operands: tuple[object, ...], parameters: object) -> object:
            asked.append(operands)
            return NotImplemented

    class Takes:
        @staticmethod
        def __autograd_op__(op: Op, operands: tuple[object, ...], parameters: object) -> str:
            return f"{op.__name__} of {len(operands)}"

    operands = (Leaves(), 1.0, Leaves(), Leaves(), Takes())
    assert ops.sum.apply(operands) == "sum of 5"
    assert asked == [operands]
