"""The quiz: every blank has its answer in the graph, can be found from what is shown, and known mistakes are named."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from examples import lecture

from autograd import ops
from autograd.errors import AutogradError, StaleGraphError
from autograd.page.quizzes import quiz_page
from autograd.show.answers import RIGHT, ROUGH, SIGN, UNREADABLE, WRONG, judged
from autograd.show.quizzes import KINDS, Quiz, quiz
from autograd.testing import random_expression
from autograd.value import Value, toposort


def shared() -> Value:
    """x is used twice."""
    x, y = Value(3.0, "x"), Value(5.0, "y")
    root = x * y + ops.square(x)
    root.label = "L"
    return root


def gated() -> Value:
    x, w = Value(-2.0, "x"), Value(3.0, "w")
    root = ops.relu(w * x) * x + ops.tanh(x)
    root.label = "L"
    return root


GRAPHS = [lecture, shared, gated]
EVERY = [*KINDS, ("data", "grads"), tuple(KINDS)]


def random_root(seed: int) -> Value:
    expression = random_expression(random.Random(seed))
    root = expression(*[Value(x) for x in expression.point])
    return root if type(root) is Value else Value(1.0)


# ----------------------------------------------------------------------------------------------------------------- the sheet


def test_the_worksheet() -> None:
    assert str(quiz(lecture(), seed=1)) == (
        "node   made by   data   ∂L/∂node\n"
        "a      leaf      2      6\n"
        "b      leaf      −3     [3]\n"
        "v1     a·b       −6     −2\n"
        "c      leaf      10     −2\n"
        "d      v1 + c    4      [2]\n"
        "f      leaf      −2     [1]\n"
        "L      d·f       −8     1\n"
        "\n"
        "edge, backward   local derivative   contribution\n"
        "L → d            −2                 ?\n"
        "L → f            4                  ?\n"
        "d → v1           1                  ?\n"
        "d → c            1                  ?\n"
        "v1 → a           −3                 6\n"
        "v1 → b           2                  ?\n"
        "\n"
        "[1] ∂L/∂f = ?\n"
        "[2] ∂L/∂d = ?\n"
        "[3] ∂L/∂b = ?"
    )


def test_the_answer_key() -> None:
    assert quiz(lecture()).key() == (
        "[1] ∂L/∂f = 4\n[2] ∂L/∂d = −2\n[3] ∂L/∂c = −2\n[4] ∂L/∂v1 = −2\n[5] ∂L/∂b = −4\n[6] ∂L/∂a = 6"
    )


def test_a_worksheet_in_markdown_has_room_for_the_answers_and_none_of_them() -> None:
    text = quiz(shared(), "data").to_markdown()
    assert text == (
        "# Quiz: L\n"
        "\n"
        "```text\n"
        "node   made by   data\n"
        "x      leaf      3\n"
        "y      leaf      5\n"
        "v1     x·y       [1]\n"
        "v2     x²        [2]\n"
        "L      v1 + v2   [3]\n"
        "```\n"
        "\n"
        "1. `v1` = ________\n"
        "2. `v2` = ________\n"
        "3. `L` = ________\n"
    )


@pytest.mark.parametrize("hide", EVERY, ids=str)
@pytest.mark.parametrize("graph", GRAPHS)
def test_every_answer_is_the_graphs_own_number(graph: Callable[[], Value], hide: Any) -> None:
    root = graph()
    root.backward()
    for question in quiz(root, hide).questions:
        node = question.node
        if question.slot is None:
            assert question.answer == (node.data if question.kind == "data" else node.grad)
        else:
            operand, partial, contribution, _ = node.edges[question.slot]
            assert operand is question.operand
            assert question.answer == ((partial or 0.0) if question.kind == "partial" else contribution)  # a closed gate asks for 0


def test_all_of_a_kind_are_asked_for_unless_a_seed_or_a_count_says_otherwise() -> None:
    root = lecture()
    assert [len(quiz(root, hide)) for hide in KINDS] == [3, 6, 6, 6]
    assert len(quiz(root, seed=1)) == 3
    assert len(quiz(root, seed=1, count=100)) == 6
    assert len(quiz(root, ["data", "partials"], count=4)) == 4


def test_questions_are_about_the_nodes_that_are_named() -> None:
    a, b = Value(2.0, "a"), Value(3.0, "b")
    y = a * b + a * 4
    y.label = "y"
    assert quiz(y, of=[a]).key() == "[1] ∂y/∂a = 7"
    assert quiz(y, ["data", "grads"], of=[y, b]).key() == "[1] y = 14\n[2] ∂y/∂b = 2"
    assert [question.answer for question in quiz(y, "contributions", of=[a]).questions] == [4.0, 3.0]
    assert len(quiz(y, of=[a, b], count=1).questions) == 1


def test_questions_about_what_is_no_node_of_the_graph_are_refused() -> None:
    y = shared()
    with pytest.raises(AutogradError, match=r"of has Value\(data=3\.0.*no node of this graph"):
        quiz(y, of=[Value(3.0)])
    for wrong in (y, [3.0], "x"):
        with pytest.raises(AutogradError, match="give a list of nodes of the graph"):
            quiz(y, of=wrong)


def test_the_same_seed_gives_the_same_quiz_and_leaves_the_global_generator_alone() -> None:
    random.seed(5)
    state = random.getstate()
    first = quiz(lecture(), "partials", seed=7)
    assert str(first) == str(quiz(lecture(), "partials", seed=7))
    assert first.drawing().source == quiz(lecture(), "partials", seed=7).drawing().source
    assert len({str(quiz(lecture(), "partials", seed=seed)) for seed in range(8)}) > 4
    assert random.getstate() == state


def test_a_quiz_changes_nothing_and_keeps_its_numbers() -> None:
    root = lecture()
    leaf = toposort(root)[0]
    q = quiz(root, ["grads", "data"])
    q.drawing()
    assert not any(node.reached for node in toposort(root))
    assert [node.label for node in toposort(root)] == ["a", "b", "", "c", "d", "f", "L"]
    text = str(q), q.key()
    leaf.data = 100.0
    root.backward(7.0)
    assert (str(q), q.key()) == text


def test_a_graph_of_two_computations_has_no_quiz() -> None:
    root = lecture()
    toposort(root)[0].data = 7.0
    with pytest.raises(StaleGraphError):
        quiz(root)


def test_names_come_from_the_caller_where_labels_are_missing() -> None:
    x = Value(2.0)
    y = x * x
    assert [question.asked for question in quiz(y, "partials", names={"x": x, "y": y}).questions] == [
        "∂y/∂x (operand 1) (local)",
        "∂y/∂x (operand 2) (local)",
    ]


def known(q: Quiz, solved: set[Any]) -> set[Any]:
    """All that follows from what is shown and from the blanks that are solved."""
    nodes = q.nodes
    index = {node: i for i, node in enumerate(nodes)}
    edges = [(i, slot) for i, node in enumerate(nodes) for slot in range(len(node.operands))]
    every = {(kind, i, 0) for i in range(len(nodes)) for kind in ("data", "adjoint")}
    every |= {(kind, *edge) for edge in edges for kind in ("partial", "contribution")}
    found = every - q.hidden | solved
    before = -1
    while len(found) != before:
        before = len(found)
        for i, node in enumerate(nodes):
            operands = [("data", index[operand], 0) for operand in node.operands]
            if node.operands and found.issuperset(operands):
                found.add(("data", i, 0))
            if found.issuperset([*operands, ("data", i, 0)]):
                found |= {("partial", i, slot) for slot in range(len(operands))}
            if found.issuperset({("contribution", *edge) for edge in edges if index[nodes[edge[0]].operands[edge[1]]] == i}):
                found.add(("adjoint", i, 0))  # of the result too, whose adjoint is 1
            for slot in range(len(operands)):
                if found.issuperset([("adjoint", i, 0), ("partial", i, slot)]):
                    found.add(("contribution", i, slot))
    return found


@pytest.mark.parametrize("hide", EVERY, ids=str)
def test_each_question_can_be_answered_from_what_is_shown_and_the_answers_before_it(hide: Any) -> None:
    for root in [graph() for graph in GRAPHS] + [random_root(seed) for seed in range(20)]:
        if root.op is None:
            continue
        for seed in (None, 1, 2):
            q = quiz(root, hide, seed=seed)
            for place, question in zip(q.places, q.questions, strict=True):
                earlier = set(q.places[: question.number - 1])
                assert place in known(q, earlier), (str(q), question)


def test_a_blank_is_hidden_with_all_that_would_give_it_away() -> None:
    q = quiz(lecture(), "grads")
    assert "= ?" in q.drawing().source
    assert "contribution" not in str(q)  # nothing of that column is left
    assert str(quiz(lecture(), "grads", seed=1)).count("?") == 3 + 5  # the questions, and the contributions from and to them
    assert str(quiz(lecture(), "data")).count("edge") == 0  # the sweep has not been yet
    scene = quiz(lecture(), "contributions", seed=1, count=1).drawing().source
    assert scene.count("= [1]") == 1
    assert scene.count("penwidth=0.8") >= 1  # the width of an edge would tell the size, its colour the sign
    assert "style=dashed" in quiz(gated(), "grads").drawing().source
    assert "style=dashed" not in quiz(gated(), "partials").drawing().source  # a closed gate, whose local derivative is 0


def test_the_picture_has_numbered_blanks_and_not_one_of_their_numbers() -> None:
    x = Value(0.123, "x")
    root = ops.tanh(x) * 7.0
    q = quiz(root, ["data", "grads", "partials", "contributions"])
    root.backward()
    source = q.drawing().source
    assert all(f"[{question.number}]" in source for question in q.questions)
    for question in q.questions[:2]:
        assert repr(question.answer)[:5] not in source


def test_a_notebook_gets_the_picture_and_the_worksheet() -> None:
    bundle = quiz(lecture(), seed=1)._repr_mimebundle_()
    assert bundle["text/plain"] == str(quiz(lecture(), seed=1))
    assert repr(quiz(lecture(), seed=1)) == "<Quiz on L, 3 questions; print it, or .drawing()>"


@pytest.mark.parametrize(
    ("ask", "problem"),
    [
        (lambda: quiz(lecture(), "numbers"), r"hide='numbers': give one or more of 'data', 'grads', 'partials', 'contributions'"),
        (lambda: quiz(lecture(), []), "give one or more of"),
        (lambda: quiz(lecture(), 3), "hide=3: give one or more of"),  # type: ignore[arg-type]
        (lambda: quiz(lecture(), ["grads", []]), "give one or more of"),  # type: ignore[list-item]
        (lambda: quiz(lecture(), count=0), "count=0: give a whole number, 1 or more"),
        (lambda: quiz(lecture(), count=2.5), "count=2.5: give a whole number, 1 or more"),  # type: ignore[arg-type]
        (lambda: quiz(lecture(), seed=[1]), r"seed=\[1\]: give a whole number or a text"),  # type: ignore[arg-type]
        (lambda: quiz(2.0), "quiz takes the node that a computation ended in, or a list of such nodes, not 2.0"),  # type: ignore[arg-type]
        (lambda: quiz(Value(1.0)), "none of grads to ask for"),
        (lambda: quiz(ops.sum([Value(1.0) for _ in range(500)])), r"more than 500 nodes; quiz\(node\) asks"),
        (lambda: quiz(lecture()).check(7, 1), "no question 7; they are counted from 1 to 6"),
        (lambda: quiz(lecture()).check([1, 2]), "2 answers to 6 questions"),
        (lambda: quiz(lecture()).check(3), "give a question's number and its answer"),
        (lambda: quiz(lecture()).hint(1, 0), "hints are counted from 1"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_cure(ask: Callable[[], Any], problem: str) -> None:
    with pytest.raises(AutogradError, match=problem):
        ask()


# ----------------------------------------------------------------------------------------------------------------- the answers

JUDGED = [
    (-2.0, "-2", RIGHT), (-2.0, " −2.0 ", RIGHT), (-2.0, -2, RIGHT), (-2.0, "2", SIGN), (-2.0, "-3", WRONG), (-2.0, "-2/1", RIGHT),
    (1 / 3, "1/3", RIGHT), (1 / 3, Fraction(1, 3), RIGHT), (1 / 3, "0.33", RIGHT), (1 / 3, ".3333", RIGHT), (1 / 3, "0,33", RIGHT),
    (1 / 3, "0.3", ROUGH), (1 / 3, "0.34", WRONG), (1 / 3, "-1/3", SIGN), (1 / 3, "1/0", UNREADABLE), (1 / 3, 1 / 3, RIGHT),
    (2 / 3, "0.67", RIGHT), (2 / 3, "0.66", RIGHT), (2 / 3, "0.65", WRONG), (2 / 3, "1", ROUGH), (0.2, "0", WRONG),
    (0.0, "0", RIGHT),
    (12.4, "12", RIGHT), (12.4, "13", WRONG), (1234.5, "1.2e3", RIGHT), (1e-9, "1e-9", RIGHT), (1e-9, "0", WRONG),
    (6.2, "6", ROUGH),
    (0.070651, "0.07065", RIGHT), (0.070651, "0.0707", RIGHT), (0.070651, "-0.071", SIGN), (-0.0, "0", RIGHT), (6.0, "6.00", RIGHT),
    (math.nan, "NaN", RIGHT), (math.inf, "inf", RIGHT), (math.inf, "-∞", SIGN), (math.inf, "1e300", WRONG), (1.0, "nan", WRONG),
    (1.0, "", UNREADABLE), (1.0, "one", UNREADABLE), (1.0, "1 + 1", UNREADABLE), (1.0, "1e9999", UNREADABLE),
    (3.0, "2.9999", RIGHT), (1.0, "1e999", WRONG), (1.0, "1e-999", WRONG),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "given", "words"), JUDGED, ids=str)
def test_an_answer_is_judged_to_the_digits_given(answer: float, given: Any, words: str) -> None:
    assert judged(given, answer, []) == words


def test_answers_are_checked_one_by_one_or_all_at_once() -> None:
    q = quiz(lecture())
    given = [question.answer for question in q.questions]
    assert all(feedback.is_right for feedback in q.check(given))
    assert [feedback.is_right for feedback in q.check({1: given[0], 2: "77"})] == [True, False]
    assert str(q.check(2, "77")) == "[2] 77: not yet"
    assert q.check(1, given[0]) == (1, str(given[0]), True, "right")


def words_for(q: Quiz, asked: str, given: Any) -> str:
    number = next(question.number for question in q.questions if question.asked == asked)
    return str(q.check(number, given).words)


def test_a_forgotten_factor_is_named() -> None:
    x = Value(0.5, "x")
    u = x * 4.0
    u.label = "u"
    root = u * 3.0
    root.label = "L"
    q = quiz(root, list(KINDS))
    assert words_for(q, "∂L/∂x", "12") == RIGHT
    assert words_for(q, "∂L/∂x", "-12") == SIGN
    assert words_for(q, "∂L/∂x", "4") == "that is the local derivative ∂u/∂x alone; times ∂L/∂u, what arrives there"
    assert words_for(q, "∂L/∂x", "3") == "that is ∂L/∂u alone; times the local derivative ∂u/∂x"
    assert words_for(q, "∂L/∂u · ∂u/∂x", "4") == "that is the local derivative ∂u/∂x alone; times ∂L/∂u, what arrives there"
    assert words_for(q, "∂u/∂x", "12").startswith("that is what flows along this edge, already times ∂L/∂u")


def test_a_sum_over_users_that_was_not_taken_is_named() -> None:
    q = quiz(shared())  # ∂L/∂x = 5 + 6
    assert words_for(q, "∂L/∂x", "11") == RIGHT
    for alone in ("5", "6"):
        assert words_for(q, "∂L/∂x", alone) == "that is what one edge brings; x is used twice, so 2 contributions are added"
    assert words_for(q, "∂L/∂x", "30") == "that is a product; x is used twice, and contributions are added"
    assert words_for(q, "∂L/∂x", "2") == "that is what arrives at the users alone; each is multiplied by its local derivative first"


def test_the_operands_of_a_product_swapped_are_named() -> None:
    q = quiz(shared(), "partials")
    assert words_for(q, "∂v1/∂x", "3") == "that is ∂v1/∂y, along the other edge"


def test_no_mistake_is_what_the_answer_is() -> None:
    for seed in range(30):
        root = random_root(seed)
        if root.op is None:
            continue
        for question in quiz(root, list(KINDS)).questions:
            assert judged(question.answer, question.answer, question.mistakes) == RIGHT
            assert not any(math.isclose(x, question.answer, rel_tol=1e-3) for x, _ in question.mistakes)


# ------------------------------------------------------------------------------------------------------------------- the hints


def test_hints_go_from_the_rule_to_the_answer() -> None:
    q = quiz(shared())
    assert q.hints(4) == (
        "x is used twice, by v2, v1: what comes back along each edge is added",
        "v2 → x: The square scales: the adjoint times its slope at the operand",
        "∂L/∂x += ∂L/∂v2 · ∂v2/∂x = [1] · (2·x) = [1] · 6 = ?",
        "v1 → x: Multiplication swaps: each operand gets the adjoint times the other",
        "∂L/∂x += ∂L/∂v1 · ∂v1/∂x = [2] · y = [2] · 5 = ?",
        "∂L/∂x = 11",
    )
    assert quiz(shared(), "partials").hints(5) == (
        "v1 → y: Multiplication swaps: each operand gets the adjoint times the other",
        "∂v1/∂y = x",
        "∂v1/∂y = 3",
    )
    assert quiz(shared(), "data").hints(1) == ("v1 = x·y: the product of two.", "v1 = x·y = 3·5 = [1]", "v1 = 15")
    closed = quiz(gated()).hints(6)
    assert quiz(gated(), "partials").hints(8)[0] == "v1 → x: Multiplication swaps: each operand gets the adjoint times the other"
    assert closed[1] == "v1 → w: nothing has reached v1, so nothing flows on"


@pytest.mark.parametrize("hide", ["data", "grads", "contributions"])  # of a local derivative, the rule may be the answer
def test_no_hint_but_the_last_holds_the_answer(hide: str) -> None:
    x = Value(0.123, "x")
    root = ops.tanh(x * 7.0) / 3.0 * 1.7
    q = quiz(root, hide)
    for question in q.questions:
        *early, last = q.hints(question.number)
        assert early
        assert last == q.key().splitlines()[question.number - 1].partition("] ")[2]
        assert q.hint(question.number, 99) == last
        if f"{question.answer:.4g}" not in str(q):  # else it is to be seen anyway
            assert not any(f"{question.answer:.4g}" in line for line in early), early


# -------------------------------------------------------------------------------------------------------------------- the page


def test_the_page_is_the_same_for_the_same_quiz_and_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    page = quiz_page(quiz(lecture(), seed=1), tmp_path / "deep" / "quiz.html")
    assert (tmp_path / "deep" / "quiz.html").read_text(encoding="utf-8") == page.html == quiz_page(quiz(lecture(), seed=1)).html
    assert page.title == "Quiz: L"
    assert str(page) == str(quiz(lecture(), seed=1))
    with pytest.raises(ValueError, match="rankdir='XY'"):
        quiz_page(quiz(lecture()), rankdir="XY")


def test_the_page_judges_answers_as_python_does(browse: Callable[..., Any], tmp_path: Path) -> None:
    quiz_page(quiz(lecture()), tmp_path / "quiz.html")
    page = browse(tmp_path / "quiz.html")
    cases = [(answer, given, words) for answer, given, words in JUDGED if type(given) is str and math.isfinite(answer)]
    mistakes = [[9.0, "nine"], [0.25, "a quarter"]]
    cases += [
        (2.0, given, judged(given, 2.0, [(9.0, "nine"), (0.25, "a quarter")])) for given in ("9", "9.00", "1/4", "0.3", "-2", "8")
    ]
    said = page.evaluate(
        "([cases, mistakes]) => cases.map(([answer, given]) => judged(given, {answer, mistakes}))", [cases, mistakes]
    )
    expected = [judged(given, answer, [(9.0, "nine"), (0.25, "a quarter")]) for answer, given, _ in cases]
    assert said == expected
    odd = "[judged('nan', {answer: NaN, mistakes: []}), judged('-inf', {answer: Infinity, mistakes: []})]"
    assert page.evaluate(odd) == [RIGHT, SIGN]


def numbers_in(page: Any) -> list[str]:
    return [text for text in page.locator("#picture text").all_text_contents() if text]


def test_answers_are_typed_into_the_page(browse: Callable[..., Any], tmp_path: Path) -> None:
    q = quiz(lecture())
    quiz_page(q, tmp_path / "quiz.html")
    page = browse(tmp_path / "quiz.html")
    assert {f"[{number}]" for number in range(1, 7)} <= set(numbers_in(page))
    assert numbers_in(page).count("= ?") == 6

    page.fill("#answer1", "−4")
    page.press("#answer1", "Enter")
    feedback = page.locator(".feedback")
    assert feedback.nth(0).text_content() == f"✗ {SIGN}"
    page.fill("#answer1", "−2")
    page.press("#answer1", "Enter")
    assert feedback.nth(0).text_content() == f"✗ {WRONG}"
    page.fill("#answer1", "4.0")
    page.locator(".check").nth(0).click()
    assert feedback.nth(0).text_content() == "✓ right"
    assert "[1]" not in numbers_in(page)
    assert page.locator(".score").text_content() == "1 of 6 right"

    shown = [page.evaluate("quiz.hint(2)") for _ in range(len(q.hints(2)))]
    assert shown == [*q.hints(2)[:-1], ""]
    assert page.locator(".hints").nth(1).locator("li").count() == len(shown) - 1
    assert page.locator(".hint").nth(1).is_disabled()

    page.locator(".reveal").nth(1).click()
    assert page.locator("#answer2").input_value() == "−2"
    assert page.evaluate("document.activeElement.id") == "answer3"
    for number in range(3, 7):
        page.fill(f"#answer{number}", str(q.questions[number - 1].answer))
        page.press(f"#answer{number}", "Enter")
    assert page.locator(".score").text_content() == "5 of 6 right; the picture is complete"
    assert not [text for text in numbers_in(page) if "?" in text or "[" in text]
    assert page.evaluate("quiz.state") == {
        "right": 5,
        "total": 6,
        "revealed": 1,
        "given": ["4.0", "", "-2.0", "-2.0", "-4.0", "6.0"],
    }


def test_answers_are_typed_in_a_notebook_too(browse: Callable[..., Any], tmp_path: Path) -> None:
    q = quiz(lecture())
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html>{quiz_page(q)._repr_html_()}", encoding="utf-8")
    frame = browse(tmp_path / "notebook.html").frame_locator("iframe")
    for place, question in enumerate(q.questions[:2]):
        frame.locator("input[type=text]").nth(place).fill(f"{question.answer!r}")
        frame.locator("input[type=text]").nth(place).press("Enter") if place else frame.locator(".check").first.click()
        assert frame.locator(".feedback").nth(place).inner_text() == f"✓ {RIGHT}"


def test_the_key_of_the_page_is_shut_until_it_is_opened(browse: Callable[..., Any], tmp_path: Path) -> None:
    quiz_page(quiz(shared()), tmp_path / "quiz.html")
    page = browse(tmp_path / "quiz.html")
    assert not page.locator(".key ol").is_visible()
    page.locator(".key summary").click()
    assert page.locator(".key li").count() == 4
    assert page.locator(".key li").nth(3).inner_text().split()[-1].endswith("11")


@pytest.mark.parametrize("hide", KINDS)
def test_what_is_hidden_is_nowhere_in_the_pages_picture(browse: Callable[..., Any], tmp_path: Path, hide: str) -> None:
    q = quiz(gated(), hide)
    quiz_page(q, tmp_path / "quiz.html")
    page = browse(tmp_path / "quiz.html")
    texts = numbers_in(page)
    assert all(any(f"[{question.number}]" in text for text in texts) for question in q.questions)
    labels = page.eval_on_selector_all("#picture .card", "cards => cards.map((card) => card.getAttribute('aria-label'))")
    for place, question in zip(q.places, q.questions, strict=True):
        if place[0] in ("data", "adjoint"):
            kind = "data" if place[0] == "data" else "gradient"
            assert f"{kind} [{question.number}]" in labels[place[1]]
    assert bool(page.locator("#picture .closed").count()) == (hide in ("grads", "contributions"))
    page.keyboard.press("Home")  # there are no steps to go back to
    assert numbers_in(page) == texts
    page.evaluate(f"for (let i = 1; i <= {len(q)}; i += 1) quiz.reveal(i)")
    assert page.locator("#picture .closed").count() == 1
    assert not [text for text in numbers_in(page) if "?" in text or "[" in text]


def test_a_question_points_at_its_place_in_the_picture(browse: Callable[..., Any], tmp_path: Path) -> None:
    q = quiz(lecture(), ["grads", "partials"])
    quiz_page(q, tmp_path / "quiz.html")
    page = browse(tmp_path / "quiz.html")
    for place, question in zip(q.places, q.questions, strict=True):
        page.focus(f"#answer{question.number}")
        expected = f"n{place[1]}" if place[0] == "adjoint" else f"e{place[1]}_{place[2]}"
        assert page.eval_on_selector_all("#picture .asked", "found => found.map((one) => one.id)") == [expected]


def test_a_label_that_is_a_formula_stands_in_brackets_in_a_derivative() -> None:
    x = Value(2.0, "a + b")
    root = x * x
    root.label = "c - d"
    assert [question.asked for question in quiz(root, ["grads", "partials"]).questions] == [
        "∂(c - d)/∂(a + b) (operand 1) (local)", "∂(c - d)/∂(a + b) (operand 2) (local)", "∂(c - d)/∂(a + b)",
    ]  # fmt: skip
    assert quiz(root).text().startswith("node    made by           data   ∂(c - d)/∂node\n")


def test_backticks_of_a_label_do_not_end_the_code_in_markdown() -> None:
    x = Value(2.0, "```")
    worksheet = quiz(x * 3).to_markdown()
    assert worksheet.count("\n````") == 2
    assert "\n1. ```` ∂v1/∂``` ```` = ________\n" in worksheet
