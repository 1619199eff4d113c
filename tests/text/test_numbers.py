"""Numbers and tables as text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value, ops, record
from autograd.show.explanation import explain
from autograd.text.language import in_circle
from autograd.text.numbers import MINUS, exact, scientific, short
from autograd.text.tables import aligned, columns


@given(st.floats())
def test_an_exact_number_reads_back_as_itself(x: float) -> None:
    read = float(exact(x))
    assert (math.isnan(x) and math.isnan(read)) or (read == x and math.copysign(1.0, read) == math.copysign(1.0, x))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 17))
def test_a_short_number_is_within_half_a_unit_of_its_last_digit(x: float, digits: int) -> None:
    assert float(short(x, digits).replace(MINUS, "-")) == (x if abs(x) < 1e6 and x == int(x) else float(f"{x:.{digits}g}"))


@given(st.floats(), st.integers(1, 17), st.sampled_from([short, scientific]))
def test_exponents_have_neither_a_plus_sign_nor_leading_zeros(x: float, digits: int, write) -> None:
    for text in (write(x, digits), exact(x)):
        _, e, exponent = text.partition("e")
        assert not e or exponent.replace(MINUS, "-") == str(int(exponent.replace(MINUS, "-")))


def test_sentence_and_formula_write_one_number_alike() -> None:
    x = Value(3.0, "x")
    y = x * 1e-9
    texts = [record(y)[3].words(), str(explain(y, x)), in_circle(ops.mul, (x, 1e-9)), str(record(y).table()), record(y).tree()]
    assert all("1e−9" in text and "1e−09" not in text for text in texts)


WIDE = ["価格", "b", "é", "e\u0301", "한국어", "🙂"]


@given(
    st.lists(st.tuples(*[st.text(st.sampled_from("ab価格é한 \u0301")) for _ in range(3)]), min_size=1), st.sets(st.integers(0, 2))
)
def test_every_cell_of_a_column_begins_or_ends_at_one_place(rows: list[tuple[str, ...]], right: set[int]) -> None:
    lines = aligned([(*row, "|") for row in rows], "|", right=right)
    assert len({columns(line) for line in lines}) == 1
    assert [[cell.strip() for cell in line.split("|")[:3]] for line in lines] == [[cell.strip() for cell in row] for row in rows]
    for cells in zip(*[line.split("|")[:3] for line in lines], strict=True):
        assert len({columns(cell) for cell in cells}) == 1


def test_a_shorter_row_may_be_longer_than_the_columns() -> None:
    assert aligned([("a", "1"), ("a long remark",), ("bb", "2")], " ") == ["a  1", "a long remark", "bb 2"]


@pytest.mark.parametrize("label", WIDE)
def test_every_table_aligns_wide_letters(label: str) -> None:
    from autograd import check_grad, draw, quiz
    from autograd.__main__ import report

    a, b = Value(2.0, label), Value(-3.0, "x")
    c = a * b
    c.backward()
    tables = {
        "picture": (draw(c).text.splitlines(), "data"),
        "tape": (str(record(c).table()).splitlines(), " | "),
        "tree": ([line for line in record(c).tree().splitlines() if "∂" in line], "∂"),
        "quiz": ([line.rpartition(" ")[0] + "|" for line in str(quiz(c, seed=0)).splitlines()[:4]], "|"),
        "report": ([line for line in report(c, {label: a, "x": b}, brief=True, heading=str) if "∂" in line], "∂"),
        "check": (check_grad(lambda p: p[label] * p[label], {label: 1.5}).table().splitlines()[:2], " | "),
    }
    for name, (lines, mark) in tables.items():
        assert len(lines) > 1
        assert len({columns(line.partition(mark)[0]) for line in lines}) == 1, name


@pytest.mark.parametrize(("text", "width"), [("", 0), ("b", 1), ("é", 1), ("e\u0301", 1), ("価格", 4), ("한국어", 6), ("🙂", 2)])
def test_a_wide_letter_takes_two_columns_and_a_combining_one_none(text: str, width: int) -> None:
    assert columns(text) == width
