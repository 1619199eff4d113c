"""The reader of long chains gives Python's own syntax tree, and goes through chains that Python's parser does not."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd import chains

atoms = st.sampled_from(["x", "y2", "é", "ｘ", "2", "1e-3", "0.5", "True", "f()", "(x)", "((y))", "[]", "()", "(x,)"])


def larger(inner):
    binary = st.sampled_from([*chains.BINARY, *chains.RELATIONS])
    return st.one_of(
        st.lists(inner, min_size=2, max_size=4).flatmap(
            lambda parts: st.lists(binary, min_size=len(parts) - 1, max_size=len(parts) - 1).map(
                lambda signs: parts[0] + "".join(f" {sign} {part}" for sign, part in zip(signs, parts[1:], strict=True))
            )
        ),
        st.tuples(st.sampled_from(["-", "+", "- +"]), inner).map("".join),
        inner.map("({})".format),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({', '.join(parts)})"),
        st.tuples(inner, inner).map(lambda parts: f"f({parts[0]}, k={parts[1]})"),
    )


sources = st.lists(st.recursive(atoms, larger, max_leaves=12), min_size=1, max_size=2).map(
    lambda parts: "; ".join([*(f"d{i} = {part}" for i, part in enumerate(parts[1:])), parts[0]])
)


def described(statements):
    """The tree, with the column of every node in it."""
    tree = ast.Module(body=statements, type_ignores=[])
    return ast.dump(tree), [getattr(node, "col_offset", None) for node in ast.walk(tree) if isinstance(node, ast.expr | ast.stmt)]


@settings(deadline=None, max_examples=500)
@given(source=sources)
def test_the_tree_is_that_of_python(source):
    expected = ast.parse(source).body
    if any(isinstance(node, ast.Compare) and len(node.ops) > 1 for statement in expected for node in ast.walk(statement)):
        return  # a < b < c is refused by the command line, whoever reads it
    assert described(chains.statements(source)) == described(expected)


WRONG = [
    "a + * b",
    "a +",
    "(a",
    "a)",
    "f(a b)",
    "f(k=1, a)",
    "a b",
    "[a",
    "= a",
    "f(1=2)",
    "a ; ; b",
    "'text'",
    "a % 2",
    "a.b",
    "{a}",
]


@pytest.mark.parametrize("source", WRONG)
def test_what_is_no_such_expression_is_a_syntax_error(source):
    with pytest.raises(SyntaxError):
        chains.statements(source)


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_a_chain_as_long_as_the_command_line_takes_is_read(sign):
    (statement,) = chains.statements("x" + f"{sign}x" * 4999)
    length, node = 0, statement.value
    while isinstance(node, ast.BinOp):
        length, node = length + 1, node.left
    assert length == 4999
