"""The Wengert table and the tree of a tape: every form is known letter by letter."""

from __future__ import annotations

import re

import pytest
from examples import baydin, gated, lecture

from autograd.show.tape import record
from autograd.value import Value

# ------------------------------------------------------------------------------------------------------------------ the table


TERMINAL = """\
forward                                    | backward, read upward
x1                               = 2       | ∂y/∂x1                                          = 5.5
x2                               = 5       | ∂y/∂x2                                          = 1.716
v1 = log(x1) = log(2)            = 0.6931  | ∂y/∂x1 = ∂y/∂x1 + ∂y/∂v1 · (1/x1) = 5 + 1 · 0.5 = 5.5
v2 = x1·x2 = 2·5                 = 10      | ∂y/∂x2 = ∂y/∂x2 + ∂y/∂v2 · x1 = −0.2837 + 1 · 2 = 1.716
                                           | ∂y/∂x1 = ∂y/∂v2 · x2 = 1 · 5                    = 5
v3 = v1 + v2 = 0.6931 + 10       = 10.69   | ∂y/∂v2 = ∂y/∂v3 · 1 = 1 · 1                     = 1
                                           | ∂y/∂v1 = ∂y/∂v3 · 1 = 1 · 1                     = 1
v4 = sin(x2) = sin(5)            = −0.9589 | ∂y/∂x2 = ∂y/∂v4 · cos(x2) = −1 · 0.2837         = −0.2837
y  = v3 − v4 = 10.69 − (−0.9589) = 11.65   | ∂y/∂v4 = ∂y/∂y · (−1) = 1 · (−1)                = −1
                                           | ∂y/∂v3 = ∂y/∂y · 1 = 1 · 1                      = 1
                                           | ∂y/∂y                                           = 1"""


WENGERT = """\
forward                                    | backward, read upward
v₋₁ = x1                          = 2.000  | x̄1  = v̄₋₁                                        = 5.500
v₀  = x2                          = 5.000  | x̄2  = v̄₀                                         = 1.716
v₁  = log(v₋₁) = log(2.000)       = 0.693  | v̄₋₁ = v̄₋₁ + v̄₁ · (1/v₋₁) = 5.000 + 1.000 · 0.500 = 5.500
v₂  = v₋₁·v₀ = 2.000·5.000        = 10.000 | v̄₀  = v̄₀ + v̄₂ · v₋₁ = −0.284 + 1.000 · 2.000     = 1.716
                                           | v̄₋₁ = v̄₂ · v₀ = 1.000 · 5.000                    = 5.000
v₃  = v₁ + v₂ = 0.693 + 10.000    = 10.693 | v̄₂  = v̄₃ · 1.000 = 1.000 · 1.000                 = 1.000
                                           | v̄₁  = v̄₃ · 1.000 = 1.000 · 1.000                 = 1.000
v₄  = sin(v₀) = sin(5.000)        = −0.959 | v̄₀  = v̄₄ · cos(v₀) = −1.000 · 0.284              = −0.284
v₅  = v₃ − v₄ = 10.693 − (−0.959) = 11.652 | v̄₄  = v̄₅ · (−1.000) = 1.000 · (−1.000)           = −1.000
                                           | v̄₃  = v̄₅ · 1.000 = 1.000 · 1.000                 = 1.000
y   = v₅                          = 11.652 | v̄₅  = ȳ                                          = 1.000"""


MARKDOWN = """\
| forward | backward, read upward |
| :-- | :-- |
| `x = 3` | `∂y/∂x = 1` |
| `v1 = x·x = 3·3 = 9` | `∂y/∂x not reached: nothing flows = 1` |
|  | `∂y/∂x not reached: nothing flows = 1` |
| `v2 = v1 − 20 = 9 − 20 = −11` | `∂y/∂v1 not reached: nothing flows = 0` |
| `v3 = relu(v2) = relu(−11) = 0` | `∂y/∂v2 closed: nothing flows = 0` |
| `y = v3 + x = 0 + 3 = 3` | `∂y/∂x = ∂y/∂y · 1 = 1 · 1 = 1` |
|  | `∂y/∂v3 = ∂y/∂y · 1 = 1 · 1 = 1` |
|  | `∂y/∂y = 1` |"""


LATEX_TABLE = r"""\begin{array}{lll|lll}
\rlap{\text{forward}} & & & \rlap{\text{backward, read upward}} & & \\ \hline
v_{-1} & = x_{1} & = 2 & \bar{x}_{1} & = \bar{v}_{-1} & = 5.5 \\
v_{0} & = x_{2} & = 5 & \bar{x}_{2} & = \bar{v}_{0} & = 1.716 \\
v_{1} & = \ln\left(v_{-1}\right) = \ln\left(2\right) & = 0.6931 & \bar{v}_{-1} & = \bar{v}_{-1} + \bar{v}_{1} \cdot \frac{1}{v_{-1}} = 5 + 1 \cdot 0.5 & = 5.5 \\
v_{2} & = v_{-1} \cdot v_{0} = 2 \cdot 5 & = 10 & \bar{v}_{0} & = \bar{v}_{0} + \bar{v}_{2} \cdot v_{-1} = -0.2837 + 1 \cdot 2 & = 1.716 \\
 &  &  & \bar{v}_{-1} & = \bar{v}_{2} \cdot v_{0} = 1 \cdot 5 & = 5 \\
v_{3} & = v_{1} + v_{2} = 0.6931 + 10 & = 10.69 & \bar{v}_{2} & = \bar{v}_{3} \cdot 1 = 1 \cdot 1 & = 1 \\
 &  &  & \bar{v}_{1} & = \bar{v}_{3} \cdot 1 = 1 \cdot 1 & = 1 \\
v_{4} & = \sin\left(v_{0}\right) = \sin\left(5\right) & = -0.9589 & \bar{v}_{0} & = \bar{v}_{4} \cdot \cos\left(v_{0}\right) = -1 \cdot 0.2837 & = -0.2837 \\
v_{5} & = v_{3} - v_{4} = 10.69 - \left(-0.9589\right) & = 11.65 & \bar{v}_{4} & = \bar{v}_{5} \cdot \left(-1\right) = 1 \cdot \left(-1\right) & = -1 \\
 &  &  & \bar{v}_{3} & = \bar{v}_{5} \cdot 1 = 1 \cdot 1 & = 1 \\
y & = v_{5} & = 11.65 & \bar{v}_{5} & = \bar{y} & = 1 \\
\end{array}"""  # noqa: E501  # as it is printed


def test_the_table_of_a_terminal() -> None:
    assert str(record(baydin())) == str(record(baydin()).table()) == TERMINAL


def test_the_table_of_the_literature() -> None:
    assert str(record(baydin()).table("wengert", number=lambda x: f"{x:.3f}")) == WENGERT


def test_the_table_in_markdown_and_in_latex() -> None:
    assert record(gated()).table().to_markdown() == MARKDOWN
    assert record(baydin()).table("wengert").to_latex() == LATEX_TABLE
    assert r"\text{closed: nothing flows} & = 0" in record(gated()).table().to_latex()


def columns(text: str) -> int:
    """How wide a terminal writes it; the letters of these tests that are not one column wide."""
    return len(text) + text.count("宽") - text.count("\u0304")


def test_columns_stand_under_each_other_whatever_the_letters() -> None:
    a, b = Value(2.0, "宽宽"), Value(3.0, "a")
    for style in ("labels", "wengert"):
        lines = str(record(a * b).table(style)).splitlines()
        assert len({columns(line[: line.index(" | ")]) for line in lines}) == 1
        values = [line.rindex("= ") for line in lines[1:]]
        assert len({columns(line[:place]) for line, place in zip(lines[1:], values, strict=True)}) == 1
    tree = record(a * b + a).tree().splitlines()
    assert len({columns(line[: line.index("∂")]) for line in tree if "↑" not in line}) == 1


@pytest.mark.parametrize("limit", [2, 7, 20])
def test_a_long_table_has_a_head_a_count_and_a_tail(limit: int) -> None:
    x = Value(1.0, "x")
    y = x
    for _ in range(500):
        y = y * x
    tape = record(y)
    whole = str(tape.table(limit=10_000)).splitlines()
    lines = str(tape.table(limit=limit)).splitlines()
    half = limit // 2
    assert len(whole) == 1 + 1 + 1_000 + 1
    assert len(lines) == 1 + 2 * half + 1
    for short_line, line in zip([*lines[1 : 1 + half], *lines[-half:]], [*whole[1 : 1 + half], *whole[-half:]], strict=True):
        assert short_line.split() == line.split()
    shown = [*whole[1 : 1 + half], *whole[-half:]]
    steps = sum(1 for line in shown for side in line.split(" | ") if side.strip()) - 1  # ∂y/∂x of the leaf is no step
    assert lines[1 + half] == f"... {len(tape) - steps:,} steps more"
    table = tape.table(limit=limit)
    for text in (table.to_markdown(), table.to_latex(), table._repr_mimebundle_()["text/html"]):
        assert lines[1 + half] in text


def test_a_notebook_shows_the_table_and_its_text() -> None:
    tape = record(Value(2.0, "a<b>&") * Value(3.0, "c"))
    bundle = tape._repr_mimebundle_()
    assert bundle == tape.table()._repr_mimebundle_()
    assert list(bundle) == ["text/html", "text/plain"]
    assert bundle["text/plain"] == str(tape)
    assert "a&lt;b&gt;&amp;" in bundle["text/html"]
    assert "a<b" not in bundle["text/html"]
    assert bundle["text/html"].count("<tr>") == len(str(tape).splitlines())


def test_bars_and_backticks_of_a_label_do_not_break_a_markdown_table() -> None:
    lines = record(Value(2.0, "a|b") * Value(3.0, "`c``")).table().to_markdown().splitlines()
    assert r"`a\|b = 2`" in lines[2]
    assert "``` `c`` = 3 ```" in lines[3]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {3}


def test_the_short_form_says_what_it_is() -> None:
    tape = record(lecture())
    assert repr(tape) == "<Tape of L: 14 steps, from 7 nodes and 6 edges>"
    assert repr(tape.table()) == "<Table of <Tape of L: 14 steps, from 7 nodes and 6 edges>; print it>"
    assert repr(tape[2]) == "<step 2, forward: v1 = a·b = 2·(−3) = −6>"


# ------------------------------------------------------------------------------------------------------------------- the tree


TREE = """\
#4 y = v3 + x = 3            ∂y/∂y = 1
├─ #3 v3 = relu(v2) = 0      ∂y/∂v3 = 1
│  └─ #2 v2 = v1 − 20 = −11  not reached
│     └─ #1 v1 = x·x = 9     not reached
│        ├─ #0 x = 3         ∂y/∂x = 1
│        └─ ↑ #0 x
└─ ↑ #0 x"""


def test_the_tree_shows_every_node_once_and_then_where_it_stands() -> None:
    assert record(gated()).tree().replace("    ∂", "  ∂").replace("    not", "  not") == TREE


def test_a_tree_of_exponentially_many_paths_has_a_line_for_every_edge() -> None:
    x = Value(1.0, "x")
    for _ in range(40):
        x = x + x
    assert len(record(x).tree(limit=1000).splitlines()) == 1 + 80


def test_a_tree_that_just_fits_counts_nothing() -> None:
    tape = record(gated())
    assert tape.tree(limit=7) == tape.tree()
    assert tape.tree(limit=4).splitlines()[-1] == "... 1 nodes more"
