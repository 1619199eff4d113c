"""Sentences and formulas of a page: templates with holes, in text and in MathML, and what the page makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd import ops, quiz, quiz_page
from autograd.page.formulas import Formulas, html_of
from autograd.show.notation import Adjoint, Bare, Notation, Operation, Sentence, Sign, Slope
from autograd.show.tape import Tape, record
from autograd.text.mathml import MATHML
from autograd.value import Value

Browse = Callable[..., Any]


def product() -> Tape:
    root = Value(2.0, "a") * Value(-3.0, "b")
    root.label = "L"
    return record(root)


def test_a_side_is_a_template_with_the_places_of_names_and_numbers() -> None:
    tape = product()
    formulas, (a, _, root) = Formulas(tape), tape.nodes
    assert formulas.side([a]) == 0
    assert formulas.side([tape.quantity("data", 1)]) == ["data", 1]
    assert formulas.side([Operation(root)]) == [0, 0, 1]
    assert formulas.side([Adjoint(a)]) == [1, 2, 0]
    assert list(formulas.templates) == [
        ("{0}·{1}", "{0}<mo>⋅</mo>{1}"),
        ("∂{0}/∂{1}", "<mfrac><mrow><mo>∂</mo>{0}</mrow><mrow><mo>∂</mo>{1}</mrow></mfrac>"),
    ]


def test_a_template_says_where_a_negative_number_needs_brackets() -> None:
    x = Value(-1.5, "x")
    tape = record(ops.pow(x, 2.0) * x)
    formulas = Formulas(tape)
    data, partial = tape.quantity("data", 0), tape.quantity("partial", 2, 1)
    formulas.side([Operation(tape.nodes[1], {x: data})])
    formulas.side([data, Sign.TIMES, partial])
    assert list(formulas.templates) == [("{0!}²", "<msup>{0!}<mn>2</mn></msup>"), ("{0} · {1!}", "{0}<mo>⋅</mo>{1!}")]


def test_the_first_number_of_a_product_after_a_sign_gets_the_brackets() -> None:
    tape = record(ops.dot(*[[Value(float(k), f"{name}{k}") for k in range(2)] for name in "wx"]))
    formulas, root = Formulas(tape), tape.root
    formulas.side([Operation(root, {node: tape.quantity("data", tape.place[node]) for node in root.operands})])
    assert list(formulas.templates) == [
        ("{0}·{2!} + {1!}·{3!}", "{0}<mo>⋅</mo>{2!}<mo>+</mo>{1!}<mo>⋅</mo>{3!}"),
    ]


def test_numbers_of_the_steps_own_edge_have_no_place() -> None:
    tape = product()
    formulas = Formulas(tape)
    numbers = [tape.quantity(kind, *place) for kind, place in {"adjoint": (2,), "partial": (2, 1), "data": (2,)}.items()]
    assert [formulas.side([x], (2, 1)) for x in numbers] == [["adjoint"], ["partial"], ["data", 2]]
    assert [formulas.side([x], (2, 0)) for x in numbers] == [["adjoint"], ["partial", 2, 1], ["data", 2]]


def test_a_name_that_is_a_formula_is_in_brackets_but_where_it_is_bare() -> None:
    s = Value(1.0, "a + b")
    formulas = Formulas(record(s * s))
    assert formulas.side([Bare(s)]) == 0
    formulas.side([Operation(s * s)])
    formulas.side([Slope(s * s, 0)])
    brackets = "<mrow><mo>(</mo>{0}<mo>)</mo></mrow>"
    assert list(formulas.templates) == [("({0})·({0})", f"{brackets}<mo>⋅</mo>{brackets}"), ("({0})", brackets)]


def test_sentences_have_numbered_fields_and_lists() -> None:
    tape = product()
    formulas, (a, b, root) = Formulas(tape), tape.nodes
    sentence = Sentence("{count} times {name}, by {users}", {"name": root, "count": "2", "users": [a, b]})
    assert formulas.sentence(sentence) == [0, "2", 2, {"of": [0, 1], "sign": ", "}]
    assert list(formulas.templates) == [("{0} times {1}, by {2}",)]
    assert Notation(tape.names, root).sentence(sentence) == "2 times L, by a, b"


def test_an_equation_in_html_may_be_broken_before_its_signs() -> None:
    tape = product()
    notation = Notation(tape.names, tape.root, MATHML)
    assert html_of(notation.parts(tape.edge(tape.root, 1).sides())).count("<math>") == 5
    assert html_of([notation.name(tape.root), notation.operation(tape.root)]) == (
        "<math><mrow><mi>L</mi></mrow></math><math><mrow><mo>=</mo><mi>a</mi><mo>⋅</mo><mi>b</mi></mrow></math>"
    )


def test_a_step_and_a_hint_are_set_as_mathematics(opened: Browse, browse: Browse, tmp_path: Any) -> None:
    def root() -> Value:
        return ops.exp(Value(2.0, "alpha")) / Value(4.0, "x1")

    page = opened(root())
    page.evaluate("autograd.goto(3)")
    assert page.locator("#formula math").all_text_contents() == ["v2", "=v1x1", "=7.3894", "=1.847"]
    assert page.locator("#formula mfrac").count() == 2
    page.evaluate("autograd.goto(1)")
    assert page.locator("#formula mi").all_text_contents() == ["α", "x"]
    quiz_page(quiz(root(), "partials"), tmp_path / "quiz.html")
    page = browse(tmp_path / "quiz.html")
    page.evaluate("quiz.hint(1); quiz.hint(1)")
    assert page.locator(".hints math").all_text_contents() == ["∂v2∂v1\xa0(local)", "=1x1"]
    assert page.locator(".hints mfrac").count() == 2


@pytest.mark.parametrize("users", [3, 9])
def test_a_sum_over_users_may_be_broken_before_its_plus_signs(users: int, opened: Browse) -> None:
    x = Value(-1.0, "x")
    page = opened(ops.sum([x * float(k) for k in range(2, 2 + users)]))
    page.evaluate("pin(nodes[0]); say()")
    parts = page.locator("#formula math").all_text_contents()
    terms = [part for part in parts if part.startswith("+")]
    assert len(terms) == 2 * (min(users, 6) - 1 + (users > 6))
    assert page.evaluate("filled(sumOverUsers(nodes[0]))").endswith(f" = {sum(range(2, 2 + users))}")
