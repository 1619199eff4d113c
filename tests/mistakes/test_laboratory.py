"""The bug laboratory: each bug shows what its entry describes, is drawn, and leaves the engine exactly as it was."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

import autograd
import nn
from autograd import Value, bugs, modes, ops, toposort, zero_grad
from autograd import value as nodes
from autograd.bugs import LABORATORY, LaboratoryError, active
from autograd.errors import OperandError
from autograd.examiner import examine
from autograd.mistakes import laboratory
from autograd.mistakes.examiner import MISTAKES
from autograd.mistakes.laboratory import PARTS, RIGHT, WRONG

EVERY = list(LABORATORY.values())
every_bug = pytest.mark.parametrize("bug", EVERY, ids=list(LABORATORY))


@pytest.mark.thorough
@every_bug
def test_the_examiner_names_the_bug_and_nothing_else(bug):
    with bug:
        examination = examine(Value)
    assert [finding.name for finding in examination.findings] == [bug.title]


def engine():
    """Everything that a bug could change, by identity."""
    holders = {
        "Value": vars(Value),
        "value.py": vars(nodes),
        "autograd": {name: thing for name, thing in vars(autograd).items() if not inspect.ismodule(thing)},  # some are opened late
        **{f"value.py {name}": table for name, table in vars(nodes).items() if isinstance(table, dict)},
        "zero_grad": {"code": inspect.unwrap(zero_grad).__code__},
        **{f"row {name}": vars(row) for name, row in ops.TABLE.items()},
    }
    return {(place, name): id(thing) for place, entries in holders.items() for name, thing in list(entries.items())}


@pytest.fixture(autouse=True)
def _engine_is_left_as_it_was():
    before = engine()
    yield
    assert active() is None
    assert engine() == before


# -------------------------------------------------------------------------------------------------------- what each one shows


@every_bug
def test_the_program_gives_rightly_and_wrongly_what_the_row_says(bug):
    shown = bug.demonstrate()
    assert (repr(shown.right), repr(shown.wrong)) == (repr(bug.right), repr(bug.wrong))
    assert repr(bug.right) != repr(bug.wrong)
    assert "right: " in str(shown)
    assert bug.asked in str(shown)


@every_bug
def test_every_bug_has_a_story_of_a_few_sentences_and_the_line_that_changed(bug):
    assert 2 <= len(re.findall(r"[.:?](?= |$)", bug.story)) <= 8
    assert len(bug.story) < 500
    assert bug.was != bug.now
    assert LABORATORY[bug.name] is bug


def test_no_two_bugs_have_the_same_title():
    assert len({bug.title for bug in EVERY}) == len(EVERY)


def test_a_program_that_does_not_meet_the_bug_is_right_under_it():
    with LABORATORY["tanh_tail"]:
        x = Value(0.5)
        (x.sigmoid() * 3.0).backward()
    assert x.grad == pytest.approx(3 * 0.2350037122015945, rel=1e-14)


def test_a_bug_in_a_row_is_in_networks_and_in_higher_derivatives_too():
    with LABORATORY["tanh_tail"]:
        x = Value(20.0)
        ops.tanh(x).backward()
        assert x.grad == 0.0
        assert ops.tanh.local_derivatives((x,), ops.tanh(x))[0].data == 0.0
    with LABORATORY["product_swapped"]:
        assert (Value(2.0) * Value(5.0)).partials == (2.0, 5.0)
        assert ops.mul(Value(2.0), Value(5.0)).partials == (2.0, 5.0)


def test_a_complex_node_is_computed_with_until_an_order_is_asked_for():
    with LABORATORY["complex_root"]:
        root = Value(-8.0) ** (1 / 3)
        y = 2.0 * root + Value(1.0)
    assert y.data == 2.0 * root.data + 1.0
    assert type(y.data) is complex
    with pytest.raises(TypeError, match="not supported between instances"):
        y < 1.0  # noqa: B015
    with pytest.raises(TypeError, match="must be real number, not complex"):
        ops.exp(y)


def trained(steps):
    """A weight after some steps of gradient descent on (w − 3)², by the optimiser of nn."""
    w = Value(1.0)
    optimizer = nn.SGD([w], lr=0.1)
    for _ in range(steps):
        loss = (w - 3.0) ** 2
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return w.data


def test_a_forgotten_zero_grad_is_forgotten_by_the_optimiser_and_by_who_imported_it_before():
    assert trained(2) == pytest.approx(1.72)
    with LABORATORY["forgotten_zero_grad"]:
        assert trained(2) == pytest.approx(2.12)
        x = Value(2.0)
        x.grad = 5.0
        zero_grad([x])
        autograd.zero_grad([x])
        x.zero_grad()
        assert x.grad == 5.0
    zero_grad([x])
    assert x.grad == 0.0


# ---------------------------------------------------------------------------------------------------------------- on and off


class InTheMiddleError(Exception):
    pass


@every_bug
def test_the_engine_is_the_same_object_for_object_in_the_block_and_after_it(bug):
    before = engine()
    with bug:
        assert engine() == before
        assert active() is bug
        assert repr(Value(2.0)).endswith(f"under the bug {bug.name!r}")
    assert engine() == before
    assert active() is None
    assert not modes.live


def test_every_mistake_of_the_catalogue_has_its_parts_and_no_other_has():
    assert list(PARTS) == list(MISTAKES) == list(LABORATORY)
    for name, bug in LABORATORY.items():
        assert {key: value for key, value in vars(bug).items() if key != "parts"} == vars(MISTAKES[name])


def test_a_bug_is_an_attribute_of_its_module():
    assert bugs.overwrite is laboratory.overwrite is LABORATORY["overwrite"]
    with pytest.raises(AttributeError, match="no attribute 'underwrite'"):
        laboratory.underwrite  # noqa: B018


@every_bug
def test_an_exception_in_the_block_goes_on_and_switches_the_bug_off(bug):
    before = engine()
    with pytest.raises(InTheMiddleError), bug:
        raise InTheMiddleError
    assert engine() == before
    assert active() is None


@pytest.mark.parametrize("part", [float, "backward", Value.item], ids=["a class", "a name", "a method"])
def test_a_bug_that_cannot_be_switched_on_leaves_nothing_behind(part):
    before = engine()
    broken = replace(LABORATORY["overwrite"], parts={**LABORATORY["tanh_tail"].parts, part: None})
    with pytest.raises(OperandError, match="cannot be replaced; give a row of the table"), broken:
        pass
    assert engine() == before
    assert active() is None
    with LABORATORY["overwrite"] as bug:
        assert active() is bug


@pytest.mark.parametrize("second", ["overwrite", "tanh_tail"])
def test_one_bug_at_a_time(second):
    with LABORATORY["overwrite"]:
        before = engine()
        with pytest.raises(LaboratoryError, match=f"{second!r} cannot be switched on while 'overwrite' is"), LABORATORY[second]:
            pass
        assert engine() == before
        assert active() is LABORATORY["overwrite"]


def test_a_bug_that_is_not_on_cannot_be_left():
    with pytest.raises(LaboratoryError, match="'overwrite' is not on; use it as"):
        LABORATORY["overwrite"].__exit__(None, None, None)


def in_another_thread(function):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


def test_another_thread_cannot_switch_on_a_second_bug():
    def enter():
        try:
            with LABORATORY["tanh_tail"]:
                return "entered"
        except LaboratoryError as error:
            return str(error)

    with LABORATORY["overwrite"]:
        assert "here or in another thread" in in_another_thread(enter)
    assert in_another_thread(enter) == "entered"


@every_bug
def test_other_threads_keep_the_right_engine(bug):
    def answer():
        names = {"Value": Value, "zero_grad": zero_grad}
        try:
            exec(bug.program, names)
            return eval(bug.asked, names)
        except Exception as error:
            return type(error).__name__

    with bug:
        assert repr(in_another_thread(answer)) == repr(bug.right)
        assert repr(answer()) == repr(bug.wrong)


def test_a_node_and_the_bug_say_that_it_is_on():
    bug = LABORATORY["overwrite"]
    assert repr(bug) == "<bug overwrite, off: gradients overwritten instead of added>"
    with bug as entered:
        assert entered is bug
        assert repr(bug) == "<bug overwrite, ON: gradients overwritten instead of added>"
        assert repr(Value(2.0)) == "Value(data=2.0, grad=0.0) under the bug 'overwrite'"
        assert in_another_thread(lambda: repr(Value(2.0))) == "Value(data=2.0, grad=0.0)"
    assert repr(Value(2.0)) == "Value(data=2.0, grad=0.0)"


def test_a_program_that_ends_inside_a_block_ends_with_a_clean_engine():
    script = """
import atexit, sys
from autograd import Value
from autograd.bugs import LABORATORY, active
def gradient():
    x = Value(2.0)
    (x + x).backward()
    return x.grad
atexit.register(lambda: print(active(), gradient(), Value(2.0)))
with LABORATORY["overwrite"]:
    print(gradient())
    sys.exit(3)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert ended.stdout.split("\n")[:2] == ["1.0", "None 2.0 Value(data=2.0, grad=0.0)"]


def test_the_engine_does_not_load_the_laboratory():
    script = "import sys, autograd, nn; print(any('mistakes' in name or name == 'autograd.bugs' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "False\n"


# ------------------------------------------------------------------------------------------------------------------- pictures


def same(x, y):
    return x == y or (x != x and y != y)


def coloured(source, letter, fill):
    return {int(index) for index in re.findall(rf'^  {letter}n(\d+) \[.*BGCOLOR="{fill}"', source, re.MULTILINE)}


def graph(program):
    """The nodes of y in topological order after the program; None if there is no such picture."""
    names = {"Value": Value, "zero_grad": zero_grad}
    try:
        exec(program, names)
    except Exception:
        return None
    return names.get("y")


@every_bug
def test_the_picture_colours_the_nodes_that_differ_and_no_others(bug):
    picture = bug.picture()
    program = bug.pictured or bug.program
    right = graph(program)
    with bug:
        wrong = graph(program)
    drawn = [root for root, answer in ((right, bug.right), (wrong, bug.wrong)) if not isinstance(answer, str)]
    expected = set()
    if len(drawn) == 2 and not isinstance(bug.wrong, complex):
        pairs = zip(toposort(right), toposort(wrong), strict=bug.name != "in_place")
        expected = {i for i, (a, b) in enumerate(pairs) if not (same(a.data, b.data) and same(a.grad, b.grad))}
        assert expected or bug.name in ("cycles", "late_data")
    if bug.name == "in_place":  # there is no node for b: the only one that differs is a
        expected = {0}
    assert coloured(picture.source, "r", RIGHT) == coloured(picture.source, "w", WRONG) == expected


@every_bug
def test_every_id_in_the_picture_is_there_once_and_every_arrow_has_its_ends(bug):
    source = bug.picture().source
    ids = re.findall(r"\[id=(\w+)", source)
    assert len(set(ids)) == len(ids)
    cards = set(re.findall(r"^  (\w+) \[id", source, re.MULTILINE))
    for tail, head in re.findall(r"^  (\w+) -> (\w+) \[id", source, re.MULTILINE):
        assert {tail, head} <= cards
        assert tail[0] == head[0] in "rw"
    assert source.index("cluster_wrong") < source.index("cluster_right")


def test_the_picture_says_both_answers_and_is_drawn():
    picture = LABORATORY["overwrite"].picture()
    svg = picture.svg()
    assert svg.rstrip().endswith("</svg>")
    assert "right: x.grad is 2" in svg
    assert "with the bug: x.grad is 1" in svg
    assert WRONG.lower() in svg.lower()
    right, x = picture.text.splitlines()[:2]
    assert (right, x.split()) == ("right: x.grad is 2", ["x", "data", "2", "grad", "2"])
    assert "RecursionError" in LABORATORY["recursion"].picture().svg()


def test_a_picture_is_the_same_text_again():
    assert LABORATORY["wrong_order"].picture().source == LABORATORY["wrong_order"].picture().source
    assert "rankdir=TB" in LABORATORY["wrong_order"].picture(rankdir="TB").source
