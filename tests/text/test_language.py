"""Formulas as books write them: one notation for pictures, pages, tapes, explanations and quizzes."""

from __future__ import annotations

import pytest

from autograd import Value, draw, explain, ops, quiz, record, to_html
from autograd.operation import op
from autograd.show.notation import in_book
from autograd.text.formula import to_text
from autograd.text.language import in_circle

x, y, w, b = Value(3.0, "x"), Value(-2.0, "y"), Value(0.5, "w"), Value(1.0, "b")

WRITTEN = [
    (x * y, "x·y", "·"),
    (x - y, "x − y", "−"),
    (x / y, "x/y", "/"),
    (8.5 - x, "8.5 − x", "8.5 − □"),
    (x - 2.0, "x − 2", "□ − 2"),
    (0.5 * x, "½·x", "½·□"),
    (x * -2.0, "x·(−2)", "□·(−2)"),
    (x - -2.0, "x − (−2)", "□ − (−2)"),
    (x / 3.0, "x/3", "□/3"),
    (-x, "−x", "−□"),
    (x**2, "x²", "□²"),
    (x.square(), "x²", "□²"),
    (x**-1, "x⁻¹", "□⁻¹"),
    (x**12, "x¹²", "□¹²"),
    (x**0.5, "x^½", "□^½"),
    (x**1.5, "x^1.5", "□^1.5"),
    (x**w, "x^w", "□^□"),
    (2.0**x, "2^x", "2^□"),
    (x.reciprocal(), "1/x", "1/□"),
    (x % y, "x mod y", "mod"),
    (ops.max(x, 0.0), "max(x, 0)", "max(□, 0)"),
    (ops.affine([w], [x], b), "b + w·x", "w·x + b"),
    (ops.dot([w, b], [x, y]), "w·x + b·y", "w·x"),
    (x.tanh(), "tanh(x)", "tanh"),
    (x * 0.123456, "x·0.123456", "□·0.1235"),
]


@pytest.mark.parametrize(("node", "text", "circle"), WRITTEN, ids=[text for _, text, _ in WRITTEN])
def test_an_operation_is_written_as_in_books(node: Value, text: str, circle: str) -> None:
    assert in_book(node) == text
    assert node.op is not None
    assert in_circle(node.op, node.arguments, dict(node.parameters)) == circle


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ((x + y) ** 2, "(x + y)²"),
        ((x**2) ** 3, "(x²)³"),
        ((0.5 * x) ** 2, "(½·x)²"),
        ((-x) ** 2, "(−x)²"),
        (x ** (y + 1), "x^(y + 1)"),
        (x - (y - b), "x − (y − b)"),
        (x / (y * b), "x/(y·b)"),
        ((x + y) * (x - y), "(x + y)·(x − y)"),
        (x * (y / b), "x·(y/b)"),
        (Value(2.0, "a - b") * x, "(a - b)·x"),
    ],
)
def test_brackets_are_where_the_value_would_change_without_them(node: Value, text: str) -> None:
    assert in_book(node) == text


def test_a_program_stays_one() -> None:
    assert to_text(0.5 * (8.5 - x) ** 2) == "0.5 * (8.5 - x) ** 2"
    assert (x * -2.0)._op == "*-2"  # as micrograd has it


def test_every_view_has_the_same_notation_and_no_sign_of_a_program() -> None:
    root = 0.5 * (8.5 - x * y) ** 2
    root.label = "E"
    root.backward()
    questions = quiz(root)
    hints = [hint for number in range(1, len(questions.questions) + 1) for hint in questions.hints(number)]
    tape = record(root)
    texts = [
        draw(root).text,
        str(tape),
        tape.tree(),
        *map(str, tape),
        str(explain(root, x)),
        questions.text(),
        *hints,
        to_html(root).title,
    ]
    for text in texts:
        for sign in (" * ", "**", "-6", "-2", "8.5-", "8.5 -", "0.5*"):
            assert sign not in text, (sign, text)
    circles = draw(root).source
    assert all(f'label="{text}"' in circles for text in ("·", "8.5 − □", "□²", "½·□"))


def test_a_negative_factor_is_in_brackets_in_every_view() -> None:
    root = x * y
    assert "3·(−2)" in record(root)[2].formula()
    assert "1 · (−2)" in str(explain(root, x))


def test_a_noun_belongs_to_its_row() -> None:
    def doubled(a: float) -> float:
        """Twice the operand."""
        return 2 * a

    row = op(doubled, partials=(2.0,), name="own_doubling", noun="doubling")
    z = row(x)
    assert (
        record(z)[3]
        .words()
        .startswith("From v1 to x: the adjoint 1 times the local derivative 2 adds 2 to ∂v1/∂x, which was 0. Doubling")
    )
    assert "doubling scales" in str(explain(z, x))


def test_the_derivative_of_one_operation_is_not_explained_by_itself() -> None:
    root = x * y
    root.label = "z"
    (line,) = [line for line in str(explain(root, x)).splitlines() if line.startswith("  z = ")]
    assert "∂z/∂z · y = 1 · y" in line
    assert "∂z/∂x" not in line
    assert "∂z/∂z · y = 1 · y" in record(root)[4].formula()
