"""Property tests of derivatives, for your own operations and functions: strategies for Hypothesis, and one-line tests.

    from autograd.testing import property_test
    test_cube = property_test(cube)         # `cube` is an @op, or any function of numbers: pytest finds the test by its name

draws operands inside the row's domain, kinks and extremes on purpose, and checks the derivatives against the oracles of
`autograd.checking`. Hypothesis shrinks a failure to the smallest expression that shows it, and the message has that expression as
a program and the table of its derivatives. An example in which no oracle measured a derivative proves nothing; a test fails if a
derivative was never measured, or most of them were not.

The strategies are `values` (leaves), `points` (operands of a row), `expressions` (trees) and `graphs` (with sharing). The last
two draw an `Expression`: a function of its leaves, with a point, on which you can test your own laws.

    @given(graphs())
    def test_second_backward_doubles(expression): ...

Hypothesis is an extra (`testing`), imported at its first use. `random_expression` needs a `random.Random` alone.
"""

from __future__ import annotations

import inspect
import math
import random
import struct
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, final

from autograd.checking import GradientCheck, GradientError, check_grad
from autograd.checking.judgement import CURE
from autograd.errors import AutogradError, MissingExtraError, OperandError
from autograd.operation import ATOM
from autograd.operators import PYTHON_OPERATORS
from autograd.ops import TABLE, Domain, Op, lookup, number
from autograd.show.drawing import to_dot
from autograd.value import Value, toposort

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Expression", "assert_derivative", "expressions", "graphs", "points", "property_test", "random_expression", "values"]

ORDINARY = 3.0  # leaves are between −3 and 3
LARGEST = 1e6  # the largest node of a drawn expression
ON_PURPOSE = (0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0)  # a uniform draw never returns them
EXTREMES = (5e-324, 1e-300, 1e-9, 20.0, 40.0, 700.0, 1e10, 1e300, math.nextafter(math.inf, 0.0))
TRIED = (0, 1)  # values of a parameter without a default: a condition, a place, an order
ENOUGH = 3  # examples after which a derivative that was never measured fails a test that measured others
LEAST_SEEN = 0.5  # the part of the derivatives of a test that oracles must measure


def _hypothesis() -> Any:
    try:
        import hypothesis
        import hypothesis.strategies
    except ImportError:
        raise MissingExtraError("hypothesis", "testing") from None
    return hypothesis


class Step(NamedTuple):
    """One operation of an expression; its operands are indices of earlier nodes (int), or constants (float)."""

    op: Op
    operands: tuple[int | float, ...]
    parameters: Mapping[str, Any]


@final
class Expression:
    """Leaves with numbers, and operations on earlier nodes; the last node is the result.

    It is a function: `check_grad(expression, *expression.point)`. It prints as the program that computes it. Steps and leaves
    that the result does not depend on are omitted.

    >>> from autograd.ops import TABLE
    >>> Expression((2.0,), (Step(TABLE["mul"], (0, 0), {}), Step(TABLE["sin"], (1,), {})))
    from autograd import Value, sin
    x0 = Value(2.0, 'x0')
    v1 = x0 * x0
    v2 = sin(v1)
    v2.backward()
    print(x0.grad)
    """

    def __init__(self, point: Sequence[float], steps: Sequence[Step]) -> None:
        self.point, self.steps = _pruned(point, steps)

    def __call__(self, *leaves: Any) -> Any:
        """Return the result for these leaves: floats, nodes, or numbers of any type that rows accept."""
        return self.nodes(leaves)[-1]

    def nodes(self, leaves: Sequence[Any] | None = None) -> list[Any]:
        """Return every number of the expression in order, leaves first; the default leaves are nodes labelled x0, x1, …"""
        made: list[Any] = [Value(x, f"x{i}") for i, x in enumerate(self.point)] if leaves is None else list(leaves)
        if len(made) != len(self.point):
            raise OperandError(f"the expression has {len(self.point)} leaves, not {len(made)}; give a number for each")
        for step in self.steps:
            operands = tuple([made[operand] if type(operand) is int else operand for operand in step.operands])
            made.append(step.op.apply(operands, step.parameters))
        return made

    def up_to(self, place: int) -> Expression:
        """Return the part of the expression that computes the node at this place."""
        count = len(self.point)
        if place < count:
            return Expression((self.point[place],), ())
        return Expression(self.point, self.steps[: place - count + 1])

    @property
    def source(self) -> str:
        """The expression as a program that prints the gradient."""
        names = [f"x{i}" for i in range(len(self.point))]
        lines = [f"{name} = Value({_literal(x)}, {name!r})" for name, x in zip(names, self.point, strict=True)]
        for step in self.steps:
            operands = [names[operand] if type(operand) is int else _literal(operand) for operand in step.operands]
            names.append(f"v{len(names)}")
            lines.append(f"{names[-1]} = {_call(step, operands)}")
        grads = ", ".join(f"{name}.grad" for name in names[: len(self.point)])
        return "\n".join([*_imports(self.steps), *lines, f"{names[-1]}.backward()", f"print({grads})"])

    def to_dot(self) -> str:
        """Return the picture of the expression as DOT text, with the contributions along the edges."""
        root = self.nodes()[-1]
        root.backward()
        return to_dot(root, legend=False)

    def __repr__(self) -> str:
        return self.source


def _pruned(point: Sequence[float], steps: Sequence[Step]) -> tuple[tuple[float, ...], tuple[Step, ...]]:
    needed = {len(point) + len(steps) - 1}
    for place in range(len(point) + len(steps) - 1, len(point) - 1, -1):
        if place in needed:
            needed.update(operand for operand in steps[place - len(point)].operands if type(operand) is int)
    places = {old: new for new, old in enumerate(sorted(needed))}
    kept = [
        step._replace(operands=tuple([places[operand] if type(operand) is int else operand for operand in step.operands]))
        for place, step in enumerate(steps, len(point))
        if place in needed
    ]
    return tuple([x for place, x in enumerate(point) if place in needed]), tuple(kept)


def _literal(x: Any) -> str:
    return repr(x) if not isinstance(x, float) or math.isfinite(x) else f"float({str(x)!r})"


def _call(step: Step, operands: Sequence[str]) -> str:
    """Return the step in Python, such that it calls this row: `x**2` would be `pow`, not `square`."""
    row, parameters = step.op, {name: _literal(value) for name, value in step.parameters.items()}
    if _is_spelled(row):
        operands = [f"({operand})" if operand.startswith("-") else operand for operand in operands]
        return row.spell({**dict(zip(row.operands, operands, strict=True)), **parameters})
    keywords = [f"{name}={value}" for name, value in parameters.items()]
    if row.variadic and row.arrange in (None, tuple):
        return f"{row.__name__}({', '.join(['[' + ', '.join(operands) + ']', *keywords])})"
    if row.variadic:  # the public signature rearranges the operands
        return f"{row.__name__}.apply(({', '.join(operands)},))"
    return f"{row.__name__}({', '.join([*operands, *keywords])})"


def _is_spelled(row: Op) -> bool:
    """True if a program has the row as its template writes it, with a sign if that has one."""
    return row in PYTHON_OPERATORS.values() or (row.call is not None and not row.variadic)


def _imports(steps: Sequence[Step]) -> list[str]:
    modules: dict[str, set[str]] = {"autograd": {"Value"}}
    for step in steps:
        if step.op.precedence == ATOM or not _is_spelled(step.op):
            module = getattr(step.op.value, "__module__", None) or "autograd"
            is_ours = module.split(".")[0] == "autograd" or module in ("math", "operator", "_operator", "builtins")
            modules.setdefault("autograd" if is_ours else module, set()).add(step.op.__name__)
    return [f"from {module} import {', '.join(sorted(names))}" for module, names in modules.items()]


def _as_expression(root: Value, leaves: Sequence[Value]) -> Expression:
    """Return a recorded graph as an expression; its other leaves come after the given ones."""
    order = toposort(root)
    roots = [*leaves, *(node for node in order if node.op is None and node not in set(leaves))]
    places = {node: place for place, node in enumerate(roots)}
    steps = []
    for node in order:
        if node.op is not None:
            places[node] = len(places)
            steps.append(Step(node.op, tuple([places[a] if type(a) is Value else a for a in node.arguments]), node.parameters))
    expression = Expression([leaf.data for leaf in roots], steps)
    return expression if root.op is not None else Expression([root.data], ())


def random_expression(
    rng: random.Random, ops: Collection[Op | str] | None = None, *, max_nodes: int = 12, sharing: bool = True
) -> Expression:
    """Return one expression drawn by `rng`, as `graphs` draws them, or as `expressions` does with sharing=False.

    >>> random_expression(random.Random(3), ["add", "mul"], max_nodes=3).steps[0].op.__name__
    'mul'
    """

    def leaf() -> float:
        return rng.choice(ON_PURPOSE) if rng.random() < 0.2 else rng.uniform(-ORDINARY, ORDINARY)

    return _grown(rng.choice, leaf, _rows(ops), max_nodes, sharing)


def _rows(ops: Collection[Op | str] | None) -> list[Op]:
    if ops is None:
        return list(TABLE.values())
    rows = [lookup(row) if isinstance(row, str) else row for row in ops]
    if not rows or not all(isinstance(row, Op) for row in rows):
        raise OperandError(f"ops = {ops!r:.80}; give rows of the table or their names, at least one")
    return rows


def _grown(
    choose: Callable[[Sequence[Any]], Any], leaf: Callable[[], float], rows: Sequence[Op], max_nodes: int, sharing: bool
) -> Expression:
    """Return an expression of random steps, without those whose value is not a number of moderate size."""
    if max_nodes < 1:
        raise OperandError(f"max_nodes = {max_nodes}; an expression has at least one node")
    most_leaves = 3 if sharing else max_nodes + 1
    point = [leaf() for _ in range(choose(range(1, most_leaves + 1)))]
    steps: list[Step] = []
    made = list(point)  # the numbers so far
    free = list(range(len(made)))  # indices that may be operands: all, or without sharing those not used yet
    for _ in range(choose(range(1, max_nodes + 1))):
        row = choose(rows)
        parameters = {k: choose(TRIED) if k in row.required else v for k, v in row.parameters.items()}
        operands: list[int | float] = []
        for index in range(_operand_count(row, choose)):
            places = [place for place in free if sharing or place not in operands]
            is_constant = not places or (index > 0 and choose(range(8)) == 7)
            near = places if index else places[-3:]  # the first operand is a recent node, so that most of them count
            operands.append(leaf() if is_constant else choose(near))
        numbers = tuple([made[operand] if type(operand) is int else float(operand) for operand in operands])
        try:
            y = row.evaluate(numbers, parameters)
        except (ValueError, ArithmeticError):
            continue
        if abs(y) <= LARGEST and any(type(operand) is int for operand in operands):
            free = [place for place in free if sharing or place not in operands] + [len(made)]
            made.append(y)
            steps.append(Step(row, tuple(operands), parameters))
    return Expression(point, steps)


def _operand_count(row: Op, choose: Callable[[Sequence[Any]], Any] = max) -> int:
    """Return the number of operands of the row: two or three if it is variadic; two and the others if it takes pairs."""
    if not row.variadic:
        return len(row.operands)
    if row.arrange in (None, tuple):
        return int(choose((2, 3)))
    return 2 + len(inspect.signature(row.arrange).parameters)


def _numbers() -> Any:
    st = _hypothesis().strategies
    return st.sampled_from(ON_PURPOSE) | st.floats(-ORDINARY, ORDINARY)


def values() -> SearchStrategy[Value]:
    """Return a strategy of leaves: nodes with numbers of order one, 0, −0, ±1 and ±2 on purpose."""
    strategy: SearchStrategy[Value] = _numbers().map(Value)
    return strategy


def expressions(ops: Collection[Op | str] | None = None, *, max_nodes: int = 12) -> SearchStrategy[Expression]:
    """Return a strategy of trees of at most `max_nodes` operations among `ops`, rows or their names (by default every row)."""
    return _strategy(ops, max_nodes, sharing=False)


def graphs(ops: Collection[Op | str] | None = None, *, max_nodes: int = 12) -> SearchStrategy[Expression]:
    """Return a strategy like `expressions` with sharing: any node may have several users, or one user twice."""
    return _strategy(ops, max_nodes, sharing=True)


def _strategy(ops: Collection[Op | str] | None, max_nodes: int, *, sharing: bool) -> SearchStrategy[Expression]:
    st, rows, numbers = _hypothesis().strategies, _rows(ops), _numbers()

    def draw_one(draw: Any) -> Expression:
        return _grown(lambda among: draw(st.sampled_from(among)), lambda: draw(numbers), rows, max_nodes, sharing)

    strategy: SearchStrategy[Expression] = st.composite(draw_one)()
    return strategy


def points(op: Op, parameters: Mapping[str, Any] | None = None) -> SearchStrategy[tuple[float, ...]]:
    """Return a strategy of operands at which the row is finite: ordinary ones, its kinks, the ends of its domain, extremes.

    The parameters are the row's defaults unless given; one without a default is 1.
    """
    if not isinstance(op, Op):
        raise OperandError(f"points takes a row of the table, not {op!r:.60}; for a function, give assert_derivative a strategy")
    st = _hypothesis().strategies
    complete = _parameters(op, parameters)
    count = _operand_count(op)
    kinks = [x for kink in op.kinks for point in kink.points for x in point]
    each = st.tuples(*[_inside(op.domain_of(i), kinks) for i in range(count)])
    at_kinks = [point for kink in op.kinks for point in kink.points if len(point) == count or not op.variadic]
    drawn = each | st.sampled_from(at_kinks) if at_kinks else each
    strategy: SearchStrategy[tuple[float, ...]] = drawn.filter(lambda point: _has_value(op, point, complete))
    return strategy


def _inside(domain: Domain, kinks: Sequence[float]) -> Any:
    st = _hypothesis().strategies
    low, high = max(domain.low, -EXTREMES[-1]), min(domain.high, EXTREMES[-1])
    near = [math.nextafter(kink, kink + side) for kink in kinks for side in (-1.0, 1.0)]
    chosen = [*ON_PURPOSE, *EXTREMES, *(-x for x in EXTREMES), low, high, *kinks, *near]
    chosen = list({struct.pack("d", x): x for x in chosen if low <= x <= high and x in domain}.values())
    ordinary = st.floats(max(low, -ORDINARY), min(high, ORDINARY)) if low <= ORDINARY and high >= -ORDINARY else st.nothing()
    return ordinary.filter(domain.__contains__) | st.sampled_from(chosen) | st.floats(low, high).filter(domain.__contains__)


def _parameters(op: Op, given: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**{k: TRIED[-1] if k in op.required else v for k, v in op.parameters.items()}, **(given or {})}


def _has_value(op: Op, point: tuple[float, ...], parameters: Mapping[str, Any]) -> bool:
    try:
        return math.isfinite(op.evaluate(point, parameters))
    except (ValueError, ArithmeticError):
        return False


def assert_derivative(
    target: Any, *inputs: Any, parameters: Mapping[str, Any] | None = None, order: int = 2, max_examples: int = 100
) -> None:
    """Raise a GradientError if oracles contradict a derivative of `target`, with the smallest program that shows it.

    target      a row (an @op), tested at its `points`; a function of numbers; an Expression; or a strategy of expressions
    inputs      for a function: a strategy for each argument, by default of numbers of order one and kinks
    parameters  for a row: its keyword parameters
    order       2 checks second derivatives too

    Every run draws the same examples. Points at which a function raises a ValueError or an ArithmeticError are not checked. A
    derivative that no oracle measured at any example raises too, as does a test in which oracles measured fewer than half.
    In a drawn graph at a kink, the operations are judged one by one: `backward` composes their conventions, and a composition
    of right conventions need not be a derivative (relu(x) − relu(−x) at 0).

    >>> from autograd.ops import tanh
    >>> assert_derivative(tanh, max_examples=5)
    """
    __tracebackhide__ = True
    tally = _Tally(_name_of(target))
    if isinstance(target, Expression):
        tally.add(_check(target, order, target))
    elif isinstance(target, Op):
        complete = _parameters(target, parameters)

        def check_row(point: tuple[float, ...]) -> None:
            __tracebackhide__ = True
            step = Step(target, tuple(range(len(point))), complete)
            tally.add(_check(Expression(point, [step]), order, target))

        _falsify(points(target, complete), check_row, max_examples)
    elif isinstance(target, _hypothesis().strategies.SearchStrategy):

        def check_drawn(expression: Expression) -> None:
            __tracebackhide__ = True
            tally.add(_check(expression, order, expression, composed=True), by_name=False)

        _falsify(target, check_drawn, max_examples)
    else:
        st = _hypothesis().strategies
        drawn = inputs or [_numbers()] * _argument_count(target)

        def check_function(x: tuple[Any, ...]) -> None:
            __tracebackhide__ = True
            tally.add(_check_function(target, x, order))

        _falsify(st.tuples(*drawn), check_function, max_examples)
    tally.refuse_vacuous()


def property_test(target: Any, *inputs: Any, **options: Any) -> Callable[[], None]:
    """Return a test for pytest, `test_cube = property_test(cube)`; the arguments are those of `assert_derivative`."""

    def test() -> None:
        __tracebackhide__ = True
        assert_derivative(target, *inputs, **options)

    test.__name__ = test.__qualname__ = f"test_{getattr(target, '__name__', 'expressions')}"
    test.__doc__ = f"The derivatives of {getattr(target, '__name__', 'drawn expressions')} agree with their oracles."
    return test


def _argument_count(f: Callable[..., Any]) -> int:
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return 1
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return len([p for p in parameters if p.kind in kinds and p.default is p.empty]) or 1


class _Tally:
    """Counts of the examples of each derivative in a test, and of those that an oracle measured."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.tried: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()
        self.reasons: dict[str, str] = {}

    def add(self, check: GradientCheck, *, by_name: bool = True) -> None:
        """Count the entries of one example, by name or by order."""
        for entry in check.entries:
            name = entry.name if by_name else entry.name.partition("/")[0]
            self.tried[name] += 1
            self.seen[name] += entry.verdict in ("agree", "kink")
            if entry.verdict == "unseen":
                self.reasons.setdefault(name, f"at {entry.oracles.at!r}: {entry.reason}")

    def refuse_vacuous(self) -> None:
        """Raise a GradientError if the test proved too little to pass."""
        __tracebackhide__ = True
        if not self.tried:
            raise GradientError(
                f"no derivative of {self.target} was checked: it has no value at any point drawn; give a strategy for each input"
            )
        for name, tried in self.tried.items():
            if not self.seen[name] and (tried >= ENOUGH or not self.seen.total()):
                raise GradientError(
                    f"{name} of {self.target} was seen by no oracle at any of {tried} examples ({self.reasons[name]}), so nothing "
                    f"is proved; {CURE}"
                )
        if self.seen.total() < LEAST_SEEN * self.tried.total():
            raise GradientError(
                f"of {self.tried.total()} derivatives of {self.target} that were tried, oracles saw {self.seen.total()} "
                f"({next(iter(self.reasons.values()))}), so too little is proved; {CURE}"
            )


def _falsify(strategy: Any, check: Callable[[Any], None], max_examples: int) -> None:
    """Run the check on examples, and raise the exception of the smallest failure that Hypothesis finds."""
    __tracebackhide__ = True
    hypothesis = _hypothesis()
    in_silence = hypothesis.settings(
        max_examples=max_examples, database=None, deadline=None, derandomize=True, report_multiple_bugs=False, print_blob=False,
        phases=(hypothesis.Phase.generate, hypothesis.Phase.shrink),
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip

    def examine(example: Any) -> None:
        __tracebackhide__ = True
        check(example)

    failure = ""
    try:
        in_silence(hypothesis.given(strategy)(examine))()
    except GradientError as error:
        failure = str(error)
    except hypothesis.errors.Unsatisfiable:  # no example has a value, which the tally reports
        return
    if failure:  # raised here, without the frames and notes of Hypothesis
        raise GradientError(failure)


def _check_function(f: Callable[..., Any], x: tuple[Any, ...], order: int) -> GradientCheck:
    __tracebackhide__ = True
    try:
        check = check_grad(f, *x, order=order)
    except (ValueError, ArithmeticError) as error:
        if getattr(error, "failure", None) is None or isinstance(error, OverflowError):
            _hypothesis().reject()
        raise GradientError(f"a derivative of {_name_of(f)} at {x} cannot be computed: {error}") from None
    if _is_wrong(check):
        are_numbers = all(isinstance(part, (int, float)) for part in x)
        leaves = [Value(number(part), f"x{i}") for i, part in enumerate(x)] if are_numbers else []
        root = f(*leaves) if leaves else None
        if type(root) is Value and not check.faults:
            _refuse(_as_expression(root, leaves), order, f, check)
        raise GradientError(f"a derivative of {_name_of(f)} at {x} is contradicted by its oracles:\n{check}")
    return check


def _is_wrong(check: GradientCheck) -> bool:
    return bool(check.faults) or any(entry.verdict == "wrong" for entry in check.entries)


def _check(expression: Expression, order: int, target: Any, *, composed: bool = False) -> GradientCheck:
    """Return the check of the expression at its point; raise a GradientError if it is wrong.

    With `composed`, a derivative that is wrong only at a kink counts as unseen, if every operation alone is right.
    """
    __tracebackhide__ = True
    try:
        check = check_grad(expression, *expression.point, order=order)
    except AutogradError as error:
        if error.failure is None:
            raise
        if isinstance(error, OverflowError):  # the slope is beyond the floats
            return GradientCheck([])
        _refuse_partial(expression, target)
        raise
    if not _is_wrong(check):
        return check
    at_kinks = all(entry.oracles.kinks for entry in check.entries if entry.verdict == "wrong") and not check.faults
    parts = _parts_alone(expression) if composed and at_kinks else ()
    if parts and not any(_is_wrong(check_grad(part, *part.point, order=order)) for part in parts):
        return GradientCheck([entry._replace(verdict="unseen") if entry.verdict == "wrong" else entry for entry in check.entries])
    _refuse(expression, order, target, check)
    raise AssertionError


def _refuse(expression: Expression, order: int, target: Any, check: GradientCheck) -> None:
    __tracebackhide__ = True
    smallest, found = _smallest(expression, order, check)
    raise GradientError(
        f"a derivative of {_name_of(target)} is contradicted by its oracles: {_headline(smallest, found)}. The smallest program "
        f"that shows it:\n\n{smallest.source}\n\n{found}"
    )


def _headline(expression: Expression, check: GradientCheck) -> str:
    """Return a sentence with the worst derivative: its operation, its point, its value, and that of an oracle."""
    if check.worst is None or check.faults:
        return "; ".join(check.faults)
    row = check.worst.oracles
    operations = " ∘ ".join(step.op.__name__ for step in reversed(expression.steps)) or "a leaf"
    others = {"differences": row.differences, "the complex step": row.complex_step, "forward mode": row.forward}
    for name, x in others.items():
        if x is not None and x != row.reverse:
            return f"{row.name} of {operations} at {row.at!r} is {row.reverse!r}, and by {name} {x!r}"
    return f"{row.name} of {operations} at {row.at!r} is {row.reverse!r}"


def _refuse_partial(expression: Expression, target: Any) -> None:
    """Raise a GradientError for the first operation whose partial fails at its operands."""
    __tracebackhide__ = True
    for part in _parts_alone(expression):
        try:
            part.nodes()
        except AutogradError as error:
            if error.failure is not None:
                raise GradientError(
                    f"a derivative of {_name_of(target)} cannot be computed: {error}. The smallest program that shows it:\n\n"
                    f"{part.source}"
                ) from None


def _parts_alone(expression: Expression) -> list[Expression]:
    """Return each operation of the expression alone, at its numbers in the expression."""
    numbers, parts = expression.nodes(expression.point), []
    for step in expression.steps:
        places = sorted({operand for operand in step.operands if type(operand) is int})
        operands = tuple([places.index(operand) if type(operand) is int else operand for operand in step.operands])
        parts.append(Expression([numbers[place] for place in places], [step._replace(operands=operands)]))
    return parts


def _smallest(expression: Expression, order: int, check: GradientCheck) -> tuple[Expression, GradientCheck]:
    """Return the first operation of the expression that is wrong alone, else the smallest part of it that is wrong."""
    count = len(expression.point)
    parts = [expression.up_to(place) for place in range(count, count + len(expression.steps))]
    for part in (*_parts_alone(expression), *parts):
        found = check_grad(part, *part.point, order=order)
        if _is_wrong(found):
            return part, found
    return expression, check


def _name_of(target: Any) -> str:
    return "an expression" if isinstance(target, Expression) else getattr(target, "__name__", None) or type(target).__name__
