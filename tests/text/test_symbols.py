"""Symbols: every row prints an expression that evaluates to the row's value."""

from __future__ import annotations

import math
import random

import pytest
from oracles import slopes_of

from autograd import ops
from autograd.ops import TABLE, Op
from autograd.text.formula import to_text
from autograd.text.symbols import Condition, Symbol, partials_of, symbolic

PARAMETERS = {"condition": True, "k": 1, "target": 0, "n": 2}
NAMES = {**TABLE, "inf": math.inf, "nan": math.nan}


def parameters_of(row: Op) -> dict[str, object]:
    return {name: PARAMETERS.get(name, default) for name, default in row.parameters.items()}


def written_like_python(row: Op) -> bool:
    """n-ary rows are written with their operands in a line, and `where` with its condition: not as Python calls them."""
    return not row.variadic and row.call is None


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_every_row_and_its_partials_are_expressions_over_symbols(row: Op) -> None:
    names = row.operands if not row.variadic else [f"x{i}" for i in range(5)]
    symbols = tuple(map(Symbol, names))
    assert type(row.apply(symbols, parameters_of(row))) is Symbol
    for slope in partials_of(row, symbols, parameters=parameters_of(row)):
        assert "Value" not in repr(slope)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items() if written_like_python(row)])
def test_a_written_partial_evaluates_to_the_partial_to_the_bit(row: Op) -> None:
    rng = random.Random(row.__name__)
    written = [repr(slope) for slope in partials_of(row, parameters=parameters_of(row))]
    if any("softmax" in text or "sum(" in text for text in written):
        return  # n-ary rows inside
    found = 0
    while found < 20:
        point = tuple([rng.uniform(-3.0, 3.0) for _ in row.operands])
        try:
            y = row.evaluate(point, parameters_of(row))
        except (ValueError, ZeroDivisionError):
            continue
        found += 1
        scope = {**NAMES, **dict(zip(row.operands, point, strict=True)), "where": lambda c, a, b: a if c else b, "y": y}
        if len(row.operands) == 2 and "y" in row.operands:
            scope["y"] = point[row.operands.index("y")]
        for text, partial in zip(written, slopes_of(row, point, y, parameters_of(row)), strict=True):
            try:
                assert eval(text, {}, scope) == partial, (text, point)
            except (ValueError, ZeroDivisionError, OverflowError):
                assert "where" in text  # a branch not taken, which Python's arguments evaluate all the same


def test_brackets_stand_where_they_are_needed_and_nowhere_else() -> None:
    a, b, c = map(Symbol, "abc")
    assert to_text(a - (b - c)) == "a - (b - c)"
    assert to_text(a - b - c) == "a - b - c"
    assert to_text(a / (b * c)) == "a / (b * c)"
    assert to_text((a + b) * c) == "(a + b) * c"
    assert to_text(-(a + b)) == "-(a + b)"
    assert to_text((-a) ** 2) == "(-a) ** 2"
    assert to_text(ops.exp(a + b)) == "exp(a + b)"
    assert to_text(a.sin() * 2) == "sin(a) * 2"
    assert to_text(ops.identity(ops.identity(a + b)) * c) == "(a + b) * c"


def test_a_symbol_shows_the_calls_of_rows() -> None:
    a, b = map(Symbol, "ab")
    assert repr(a - (b - 1)) == "sub(a, sub(b, 1.0))"
    assert repr(ops.softmax([a, b], k=1)) == "softmax(a, b, k=1)"


def test_a_comparison_is_kept_and_has_no_truth() -> None:
    a = Symbol("a")
    chosen = ops.where(a > 0, lambda: a, lambda: -a)
    assert repr(chosen) == "where(a > 0.0, a, neg(a))"
    assert isinstance(chosen.parameters["condition"], Condition)
    for thing in (a, a < 1):
        with pytest.raises(TypeError, match="neither true nor false"):
            bool(thing)


def test_the_textbook_form_is_the_one_that_books_write() -> None:
    (slope,) = partials_of(ops.sigmoid, textbook=True)
    assert to_text(slope) == "y * (1 - y)"
    (slope,) = partials_of(ops.sigmoid, [Symbol("z")], Symbol("h"), textbook=True)
    assert to_text(slope) == "h * (1 - h)"


def test_what_is_no_number_is_no_symbol() -> None:
    with pytest.raises(TypeError, match="number is needed"):
        symbolic("a")
