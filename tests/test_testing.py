"""The tools for property tests: what they draw, what they accept, and the message of a failure."""

from __future__ import annotations

import contextlib
import io
import math
import random
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from autograd import MissingExtraError, Value, ops, toposort
from autograd.checking import GradientError
from autograd.ops import TABLE, Domain, Kink, Op, op
from autograd.testing import (
    Expression,
    Step,
    assert_derivative,
    expressions,
    graphs,
    points,
    property_test,
    random_expression,
    values,
)

ROOT = Path(__file__).parent.parent
ROWS = [pytest.param(row, id=name) for name, row in TABLE.items()]
cube = op(lambda a: a * a * a, name="cube", doc="The cube.", partials=(lambda a, y: 3 * ops.square(a),))
del TABLE["cube"]

test_cube = property_test(cube)
test_expressions_of_arithmetic = property_test(expressions(["add", "sub", "mul", "div", "neg"], max_nodes=6), max_examples=25)
test_graphs_of_smooth_rows = property_test(graphs(["mul", "sin", "exp", "tanh", "sigmoid", "dot"]), max_examples=25)
test_a_function = property_test(lambda x, y: ops.sin(x * y) + ops.relu(y), max_examples=50)


@pytest.fixture(autouse=True)
def _leave_the_table_as_it_was() -> Iterator[None]:
    before = dict(TABLE)
    yield
    for name in set(TABLE) - set(before):
        del TABLE[name]


def wrong_cube(factor: float = 1 + 1e-6) -> Op:
    row: Op = op(lambda a: a * a * a, name="wrong_cube", doc="The cube, with another slope.",
                 partials=(lambda a, y: 3 * factor * ops.square(a),))  # fmt: skip
    return row


# -------------------------------------------------------------------------------------------------- the table itself


@pytest.mark.thorough
@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_table_passes_the_test_we_give_to_users(row: Op) -> None:
    assert_derivative(row, max_examples=12)


def test_drawn_graphs_of_every_row_pass() -> None:
    assert_derivative(graphs(), max_examples=40)
    assert_derivative(expressions(max_nodes=8), max_examples=30)


# ---------------------------------------------------------------------------------------------------------- strategies


@pytest.mark.parametrize("row", ROWS)
def test_points_lie_inside_the_domain_and_have_a_finite_value(row: Op) -> None:
    @settings(max_examples=15, database=None)
    @given(points(row))
    def check(point: tuple[float, ...]) -> None:
        assert all(type(x) is float and x in row.domain_of(i) for i, x in enumerate(point))
        parameters = {name: 1 if name in row.required else default for name, default in row.parameters.items()}
        assert math.isfinite(row.apply(point, parameters))

    check()


def drawn(strategy: Any, many: int = 200) -> list[Any]:
    seen: list[Any] = []

    @settings(max_examples=many, database=None, derandomize=True)
    @given(strategy)
    def collect(example: Any) -> None:
        seen.append(example)

    collect()
    return seen


@pytest.mark.thorough
@pytest.mark.parametrize("row", [row for row in ROWS if row.values[0].kinks and len(row.values[0].operands) == 1])
def test_points_go_to_kinks_on_purpose(row: Op) -> None:
    kinks = {point for kink in row.kinks for point in kink.points if all(map(math.isfinite, point)) and len(point) == 1}
    assert kinks <= set(drawn(points(row), 120))


@pytest.mark.parametrize("name", ["atan2", "hypot", "max", "clamp", "pow", "xlogy"])
def test_points_go_to_kinks_that_lie_where_several_operands_meet(name: str) -> None:
    row = TABLE[name]
    assert {point for kink in row.kinks for point in kink.points} <= set(drawn(points(row), 150))


def test_points_go_to_the_ends_of_the_domain_and_to_extremes() -> None:
    seen = {point[0] for point in drawn(points(ops.sqrt), 300)}
    assert {0.0, 5e-324, 1e300, sys.float_info.max} <= seen
    half_open = op(lambda a: a, name="half_open", doc="a.", partials=(1.0,), domain=Domain("(2, 3]"))
    seen = {point[0] for point in drawn(points(half_open), 200)}
    assert {math.nextafter(2.0, 3.0), 3.0} <= seen
    assert any(2.1 < x < 2.9 for x in seen)


def test_points_take_the_parameters_that_are_given() -> None:
    positive = op(
        lambda a, *, sign: math.sqrt(sign * a), name="signed", doc="√±a.", partials=(lambda a, y, *, sign: sign / (2 * y),)
    )
    assert all(x <= 0.0 for (x,) in drawn(points(positive, {"sign": -1.0}), 50))
    with pytest.raises(TypeError, match="a row of the table"):
        points(math.sin)  # type: ignore[arg-type]  # refused


def test_values_are_leaves_some_of_them_on_purpose() -> None:
    seen = drawn(values(), 200)
    assert all(type(leaf) is Value and not leaf.operands and abs(leaf.data) <= 3.0 for leaf in seen)
    assert {0.0, 1.0, -1.0, 2.0} <= {leaf.data for leaf in seen}
    assert any(leaf.data == 0.0 and math.copysign(1.0, leaf.data) < 0.0 for leaf in seen)


def uses(expression: Expression) -> list[int]:
    return [operand for step in expression.steps for operand in step.operands if type(operand) is int]


def test_expressions_are_trees_and_graphs_share() -> None:
    assert all(len(set(uses(tree))) == len(uses(tree)) for tree in drawn(expressions(), 100))
    twice_by_one = find(graphs(), lambda graph: any(len(set(step.operands)) < len(step.operands) for step in graph.steps))
    assert len(twice_by_one.steps) == 1
    by_two = find(graphs(["neg", "add"]), lambda graph: len({i for i, s in enumerate(graph.steps) if 0 in s.operands}) > 1)
    assert len(by_two.steps) <= 3


def test_only_the_operations_asked_for_are_drawn_and_no_more_nodes_than_asked_for() -> None:
    for expression in drawn(graphs(["sin", ops.mul], max_nodes=4), 100):
        assert {step.op.__name__ for step in expression.steps} <= {"sin", "mul"}
        assert len(expression.steps) <= 4
    with pytest.raises(TypeError, match="at least one"):
        graphs([])
    with pytest.raises(TypeError, match="at least one"):
        graphs([math.sin])  # type: ignore[list-item]  # refused
    with pytest.raises(TypeError, match="no operation is called 'sine'"):
        graphs(["sine"])
    with pytest.raises(TypeError, match="max_nodes = 0"):
        random_expression(random.Random(0), max_nodes=0)


def test_every_row_is_drawn_and_large_graphs_too() -> None:
    expression = [random_expression(random.Random(seed)) for seed in range(1000)]
    assert {step.op.__name__ for each in expression for step in each.steps} == set(TABLE)
    assert max(len(each.steps) for each in expression) >= 10
    with pytest.raises(NoSuchExample):
        find(graphs(), lambda graph: len(graph.steps) > 12, settings=settings(max_examples=200, database=None))


def test_the_same_seed_draws_the_same_expression() -> None:
    one, two = (random_expression(random.Random(7), sharing=False) for _ in range(2))
    assert (one.point, one.source) == (two.point, two.source)
    assert repr(random_expression(random.Random(8))) != repr(one)


# --------------------------------------------------------------------------------------------------------- expressions


def run(source: str) -> str:
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        exec(source, {})
    return written.getvalue().strip()


@pytest.mark.parametrize("seed", range(120))
def test_a_printed_expression_is_a_program_that_prints_its_gradient(seed: int) -> None:
    expression = random_expression(random.Random(seed), sharing=seed % 2 == 0)
    nodes = expression.nodes()
    nodes[-1].backward()
    assert run(repr(expression)) == " ".join(repr(leaf.grad) for leaf in nodes[: len(expression.point)])


def test_constants_that_python_cannot_write_are_written_as_float() -> None:
    expression = Expression((math.inf, -2.0), (Step(ops.max, (0, 1), {}), Step(ops.pow, (2, math.nan), {})))
    assert "Value(float('inf'), 'x0')" in expression.source
    assert "v2 ** float('nan')" in expression.source
    assert run(expression.source) == "nan 0.0"
    negative = Expression((2.0,), (Step(ops.pow, (-2.0, 0), {}),))
    assert "(-2.0) ** x0" in negative.source
    assert run(negative.source) == "nan"


def test_a_program_imports_what_it_calls_and_no_signs() -> None:
    steps = [Step(ops.exp_sub, (0, 1.0), {}), Step(ops.sub, (1, 0.5), {}), Step(ops.abs, (2,), {})]
    assert Expression((2.0,), steps).source.startswith("from autograd import Value, abs, exp_sub\n")


def test_what_the_result_does_not_depend_on_is_left_out() -> None:
    steps = [Step(ops.sin, (0,), {}), Step(ops.neg, (1,), {}), Step(ops.mul, (3, 3), {})]
    expression = Expression((1.0, 2.0), steps)
    assert expression.point == (2.0,)
    assert [step.op.__name__ for step in expression.steps] == ["neg", "mul"]
    assert expression.steps[1].operands == (1, 1)
    assert expression(3.0) == 9.0


def test_an_expression_is_a_function_of_its_leaves_and_gives_its_nodes() -> None:
    expression = Expression((2.0, 3.0), (Step(ops.mul, (0, 1), {}), Step(ops.add, (2, 0.5), {})))
    assert expression(2.0, 4.0) == 8.5
    nodes = expression.nodes()
    assert [node.label for node in nodes[:2]] == ["x0", "x1"]
    assert nodes[-1].data == 6.5
    assert toposort(nodes[-1])[-1] is nodes[-1]
    assert expression.up_to(2)(5.0, 6.0) == 30.0
    assert expression.up_to(1).point == (3.0,)
    assert expression.to_dot().startswith("digraph")
    with pytest.raises(TypeError, match="has 2 leaves, not 1"):
        expression(1.0)


# ------------------------------------------------------------------------------------------------------------ failures


def failure_of(target: Any, *inputs: Any) -> str:
    with pytest.raises(GradientError) as caught:
        assert_derivative(target, *inputs)
    return str(caught.value)


def program_in(message: str) -> str:
    return message[message.index("from autograd import") :].partition("\n\n")[0]


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-6, -1.0, 0.0])
def test_a_users_wrong_operation_fails_its_one_line_test_at_the_simplest_point(factor: float) -> None:
    test_wrong_cube = property_test(wrong_cube(factor))
    with pytest.raises(GradientError, match="of wrong_cube is contradicted") as caught:
        test_wrong_cube()
    assert "x0 = Value(1.0, 'x0')\nv1 = wrong_cube(x0)" in str(caught.value)


@pytest.mark.parametrize("kind", ["graph", "tree", "function"])
def test_a_failure_shrinks_to_the_one_operation_that_is_wrong(kind: str) -> None:
    wrong_cube()
    if kind == "function":
        row = TABLE["wrong_cube"]
        message = failure_of(lambda x, y: ops.exp(y) * row(ops.sin(x) + y) - x)
    else:
        message = failure_of((graphs if kind == "graph" else expressions)(["wrong_cube", "sin", "add", "mul"]))
    program = program_in(message)
    assert program.count("\nv") == 2  # one operation, and its backward
    assert "wrong_cube(x0)" in program
    assert "digraph" not in message
    assert "verdict" in message
    assert "of wrong_cube at" in message  # the operation, and the number


def test_the_program_of_a_failure_runs_and_shows_the_wrong_gradient() -> None:
    row = wrong_cube(2.0)
    sys.modules[__name__].wrong_cube_row = row  # type: ignore[attr-defined]  # where the program imports it from
    program = program_in(failure_of(row)).replace("import wrong_cube", "import wrong_cube_row as wrong_cube")
    assert run(program) == "6.0"


def test_a_fault_of_two_operations_together_is_shown_by_the_smallest_part() -> None:
    """A row whose partial misreads its operand above 4 only: alone it is right at the leaves, and wrong after a square."""
    late = op(lambda a: a, name="late", doc="a.", partials=(lambda a, y: ops.where(a > 4.0, 1.1, 1.0),))
    message = failure_of(lambda x: late(x * x) + 1.0, st.floats(2.5, 3.0))
    assert "late(x0)" in message
    assert "v2" not in program_in(message)


def remainder(**options: Any) -> Op:
    kinks = (Kink("a/b whole", "1, −⌊a/b⌋", ((4.0, 2.0),), lambda a, b: math.remainder(a, b), **options),)
    row: Op = op(lambda a, b: a % b, name="remainder_", doc="a % b.", kinks=kinks, restriction="b must not be 0",
                 partials=(1.0, lambda a, b, y: -ops.floor(a / b)))  # fmt: skip
    return row


def rounded(**options: Any) -> Op:
    kinks = (Kink("a half-way", "0", ((0.5,), (1.5,), (1e300,)), lambda a: a - math.floor(a) - 0.5, **options),)
    row: Op = op(lambda a: float(round(a)), name="rounded_", doc="Rounded.", partials=(0.0,), kinks=kinks)
    return row


@pytest.mark.thorough
@pytest.mark.parametrize("declare", [remainder, rounded])
def test_a_right_operation_that_jumps_passes_once_its_jumps_are_declared(declare: Any) -> None:
    assert_derivative(declare(jumps=True))
    with pytest.raises(GradientError, match="jumps"):
        assert_derivative(declare())


def test_a_test_in_which_nothing_is_seen_fails() -> None:
    """A correct row, at points where no difference can be taken: the derivative is unseen at all of them."""
    with pytest.raises(GradientError, match=r"seen by no oracle"):
        assert_derivative(lambda x: rounded(jumps=True)(x), st.sampled_from([1e300, -1e300, 1e250]), order=1, max_examples=10)
    with pytest.raises(GradientError, match="no value at any point"):
        assert_derivative(lambda x: ops.log(x - 100.0), max_examples=10)
    with pytest.raises(GradientError, match=r"∂f/∂x of <lambda> was seen by no oracle"):
        assert_derivative(lambda x, y: 1.0 + 1e-20 * ops.lgamma(x) + 0.0 * y, st.floats(2.0, 3.0), st.floats(0.0, 1.0), order=1)


def test_a_partial_that_fails_at_a_point_is_shown_by_the_smallest_program() -> None:
    root = op(math.sqrt, name="root_", doc="The square root.", domain=Domain("[0, inf]"), partials=(lambda a, y: 1 / (2 * y),))
    message = failure_of(root)
    assert "root_(0.0)" in message
    assert "ZeroDivisionError" in message
    assert "x0 = Value(0.0, 'x0')\nv1 = root_(x0)" in message
    assert "root_(x0)" in failure_of(graphs(["root_", "mul", "add"]))
    assert "root_(0.0)" in failure_of(lambda x: ops.exp(root(x) + 1.0))


def test_a_failure_has_no_frames_of_ours_and_no_notes_of_hypothesis() -> None:
    test_wrong_cube = property_test(wrong_cube())
    with pytest.raises(GradientError) as caught:
        test_wrong_cube()
    assert not getattr(caught.value, "__notes__", [])
    assert caught.value.__cause__ is None
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert "hypothesis" not in {Path(frame.filename).parent.name for frame in frames}
    step = caught.value.__traceback__
    while step is not None:
        assert step.tb_frame.f_code.co_filename == __file__ or step.tb_frame.f_locals.get("__tracebackhide__"), step.tb_frame
        step = step.tb_next


def test_what_conventions_compose_to_in_a_drawn_graph_is_no_fault_of_an_operation() -> None:
    """relu(x) − relu(−x) at 0 is 0, where the function is x; a user's own function of this kind is wrong there."""
    assert_derivative(graphs(["relu", "neg", "sub"], max_nodes=4), order=1, max_examples=60)
    with pytest.raises(GradientError, match="does not lie between"):
        assert_derivative(lambda x: ops.relu(x) - ops.relu(-x), order=1)
    wrong = op(lambda a: a if a > 0 else 0.0, name="wrong_relu", doc="relu.", kinks=(Kink("a = 0", "2", ((0.0,),), lambda a: a),),
               partials=(lambda a, y: ops.where(a > 0, 1.0, lambda: ops.where(a < 0, 0.0, 2.0)),))  # fmt: skip
    assert "wrong_relu" in failure_of(graphs([wrong, "neg", "sub"], max_nodes=4))


def test_an_expression_is_checked_at_its_own_point() -> None:
    row = wrong_cube()
    assert_derivative(Expression((2.0,), (Step(ops.sin, (0,), {}),)))
    with pytest.raises(GradientError, match=r"of an expression is contradicted"):
        assert_derivative(Expression((2.0,), (Step(row, (0,), {}), Step(ops.neg, (1,), {}))))


def test_where_a_function_has_no_value_there_is_nothing_to_check() -> None:
    assert_derivative(lambda x: ops.log(x) * ops.sqrt(x + 1.0), max_examples=30)
    assert_derivative(lambda v: ops.dot(v, v), st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=3), max_examples=15)
    row = wrong_cube()
    with pytest.raises(GradientError, match="contradicted"):
        assert_derivative(lambda v: row(v[0]), st.lists(st.floats(1.0, 2.0), min_size=1, max_size=1))


def test_an_error_in_the_function_itself_comes_through() -> None:
    with pytest.raises(KeyError, match="missing"):
        assert_derivative(lambda x: {}["missing"])
    with pytest.raises(TypeError, match="one number as its value"):
        assert_derivative(lambda x: [x])


def test_first_order_alone_may_be_asked_for() -> None:
    sine = op(math.sin, name="sine", doc="The sine.", partials=(lambda a, y: math.cos(a),))
    assert_derivative(sine, order=1, max_examples=20)
    with pytest.raises(GradientError, match="OperandError"):
        assert_derivative(sine, max_examples=20)


def test_parameters_of_a_row_are_those_given_or_its_defaults() -> None:
    bent = op(lambda a, *, bend=1.0: a * a * bend, name="bent", doc="a²·bend.",
              partials=(lambda a, y, *, bend: 2 * a * (bend if bend < 3.0 else 3.0),))  # fmt: skip
    assert_derivative(bent, max_examples=20)
    with pytest.raises(GradientError, match=r"bent\(x0, bend=4.0\)"):
        assert_derivative(bent, parameters={"bend": 4.0}, max_examples=20)


def test_a_property_test_bears_the_name_of_what_it_tests() -> None:
    assert test_cube.__name__ == "test_cube"
    assert "cube" in (test_cube.__doc__ or "")
    assert test_graphs_of_smooth_rows.__name__ == "test_expressions"


# ----------------------------------------------------------------------------------------------------- an extra


def test_hypothesis_is_imported_when_it_is_needed_and_not_before() -> None:
    script = "import sys, autograd.testing; print('hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_without_hypothesis_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    for ask in (values, graphs, expressions, lambda: points(ops.sin), lambda: assert_derivative(ops.sin)):
        with pytest.raises(MissingExtraError, match=r"\[testing\]"):
            ask()
    assert random_expression(random.Random(0)).steps
