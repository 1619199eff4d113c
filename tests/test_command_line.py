"""The command line: what it prints, what it writes, what it refuses and where it points."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import __main__ as command
from autograd.__main__ import main
from autograd.expressions import Refusal, graph
from autograd.ops import TABLE
from autograd.show.explanation import explain
from autograd.show.tape import record
from autograd.value import Value

ROOT = Path(__file__).parent.parent
LECTURE = ["relu(a*b + c)", "a=2", "b=-3", "c=10"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = main(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    return code, err


def pointed_at(err: str) -> str:
    """What stands at the caret and behind it."""
    _, source, pointer = err.rstrip("\n").split("\n")
    return source[pointer.index("^") :]


def test_value_and_gradients_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*LECTURE, "--brief"]) == 0
    assert capsys.readouterr().out == (
        "relu(a * b + c) = 4.0\n"
        "\n"
        "gradients\n"
        "a = 2.0    ∂/∂a = -3.0\n"
        "b = -3.0   ∂/∂b = 2.0\n"
        "c = 10.0   ∂/∂c = 1.0\n"
    )  # fmt: skip


def test_tape_and_explanation_follow(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(LECTURE) == 0
    out = capsys.readouterr().out
    leaves = {"a": 2.0, "b": -3.0, "c": 10.0}
    root = graph(LECTURE[0], nodes := {name: Value(x, name) for name, x in leaves.items()})
    root.label = "y"
    parts = [str(record(root).table()), *[str(explain(root, leaf)) for leaf in nodes.values()]]
    assert out.partition("\n\ntape\n")[2] == "\n\n".join(parts) + "\n"


def test_the_result_is_called_y_unless_a_leaf_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["a*2", "a=3"]) == 0
    assert "∂y/∂a = 2, where y = a·2" in capsys.readouterr().out
    assert main(["y*2", "y=3"]) == 0
    assert "∂v1/∂y = 2, where v1 = y·2" in capsys.readouterr().out


def test_a_last_assignment_is_the_result_and_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["L=(a*b+c)*f", "a=2", "b=-3", "c=10", "f=-2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("L = (a * b + c) * f = -8.0\n\ngradients\na = 2.0    ∂L/∂a = 6.0\n")
    assert "∂L/∂v1 = ∂L/∂v2 · 1" in out


def test_what_is_too_long_for_tape_and_explanation_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["+".join(["a*a"] * 40), "a=2"]) == 0
    out = capsys.readouterr().out
    assert "tape\n" not in out
    assert "no tape and no explanations: 80 nodes are more than 60" in out
    assert main([f"L = {'+'.join(['a'] * 90)}", "a=2", "--brief"]) == 0
    assert capsys.readouterr().out.startswith("L = 180.0\n")


def test_it_runs_as_a_module() -> None:
    ran = subprocess.run([sys.executable, "-m", "autograd", *LECTURE], cwd=ROOT, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout.decode().startswith("relu(a * b + c) = 4.0")


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["-a**2", "a=3"], "-a ** 2 = -9.0"),
        (["d = a*b; d + sin(d)", "a=0.5", "b=0"], "a * b; d + sin(d) = 0.0"),
        (["d = a*b; L = d + sin(d)", "a=0.5", "b=0"], "d = a * b; L = d + sin(d) = 0.0"),
        (["L=(a*b+c)*f", "a=2", "b=-3", "c=10", "f=-2"], "L = (a * b + c) * f = -8.0"),
        (["L = a", "a=2"], "a = 2.0"),
        (["where(a > b, a, b*2)", "a=1", "b=2"], "where(False, a, b * 2) = 4.0"),
        (["dot([a, 1], (b, 3))", "a=2", "b=4"], "dot([a, 1], [b, 3]) = 11.0"),
        (["softmax([a, a], k=1)", "a=2"], "softmax([a, a], k=1) = 0.5"),
        (["leaky_relu(a, negative_slope=0.5)", "a=-2"], "= -1.0"),
        (["cos(t)", "t=pi"], "cos(t) = -1.0"),
        (["+e + inf*0", "e=1"], "e + nan = nan"),
        (["2**3*a", "a=1/4"], "8 * a = 2.0"),
        (["é*2", "é=1e1"], "é * 2 = 20.0"),
    ],
    ids=lambda thing: thing[0] if isinstance(thing, list) else "",
)
def test_what_is_understood(arguments: list[str], value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*arguments, "--brief"]) == 0
    assert value in capsys.readouterr().out.splitlines()[0]


@pytest.mark.parametrize(
    ("arguments", "message", "place"),
    [
        (["a*b + d", "a=1", "b=2"], "d has no value; give it one after the expression: d=2", "d"),
        (["a + relu", "a=1"], "relu is an operation; give it operands, relu(a)", "relu"),
        (["a + foo(a)", "a=1"], "foo is no operation of the table", "foo(a)"),
        (["a * __import__('os').system('x')", "a=1"], "__import__('os').system is no operation", "__import__('os').system('x')"),
        (["a + a.data", "a=1"], "only numbers, names", "a.data"),
        (["a + 'b'", "a=1"], "only numbers, names", "'b'"),
        (["é + [x for x in a]", "é=1"], "only numbers, names", "[x for x in a]"),
        (["a + (lambda: 1)", "a=1"], "only numbers, names", "lambda: 1)"),
        (["a + 1if 2 else 3", "a=1"], "only numbers, names", "a + 1if 2 else 3"),
        (["a % 2", "a=1"], "only numbers, names", "a % 2"),
        (["a + a % 2", "a=1"], "only numbers, names", "a % 2"),
        (["a + 1 % 2 + a", "a=1"], "only numbers, names", "1 % 2 + a"),
        (["a < 1 < 2", "a=1"], "only numbers, names", "a < 1 < 2"),
        (["1 + (a < 2)", "a=1"], "a number is needed here", "a < 2)"),
        (["a + [a]", "a=1"], "a number is needed here", "[a]"),
        (["relu(*a)", "a=1"], "only numbers, names", "*a)"),
        (["relu(**a)", "a=1"], "stars are not understood", "**a)"),
        (["a + relu(a, 2)", "a=1"], "relu takes 1 operand (a)", "relu(a, 2)"),
        (["import os; a", "a=1"], "only assignments may precede a semicolon", "import os; a"),
        (["a;"], "a has no value; give it one", "a;"),
        (["; "], "cannot be read: invalid syntax", ";"),
        (["a = 1"], "the expression is a constant", "a = 1"),
        (["a*b=", "a=1", "b=2"], "only a name may precede =, for example L = a*b", "a*b="),
        (["d = a = b", "b=2"], "only assignments", "d = a = b"),
        (["a^2 + 2^a", "a=1"], "the power is written **: a**2 + 2**a", "a^2 + 2^a"),
        (["1 + a^a" + "+a" * 30, "a=1"], "the power is written **: a**2", None),
        (["2a + 1", "a=1"], "a product is written with *: 2*a", "2a + 1"),
        (["a + 12.5ab", "a=1"], "a product is written with *: 12.5*ab", None),
        (["2j", "j=1"], "a product is written with *: 2*j", "2j"),
        (["2π", "π=3"], "a product is written with *: 2*π", "π"),
        (["2(a + 1)", "a=1"], "a product is written with *: 2 * (a + 1)", "2(a + 1)"),
        (["a(a + 1)", "a=1"], "a product is written with *: a * (a + 1)", "a(a + 1)"),
        (["(a + 1)(a)", "a=1"], "a product is written with *: (a + 1) * a", "(a + 1)(a)"),
        (["a b", "a=1", "b=1"], "an operation is missing before b", "b"),
        (["1 + sin a", "a=1"], "operands are written in brackets: sin(a)", "a"),
        (["a × 2", "a=1"], "× is written *", "× 2"),
        (["a²", "a=1"], "² is written **2", "²"),
        (["1 + |a|", "a=1"], "the absolute value is written abs(a)", "|a|"),
        (["a < b", "a=1", "b=2"], "where(a < b, a, 2*b)", "a < b"),
        (["1 + x.tanh()", "x=1"], "x.tanh is no operation of the table; write tanh(x)", "x.tanh()"),
        (["(a + b).hypot(2*a)", "a=1", "b=2"], "write hypot(a + b, 2 * a)", "(a + b).hypot(2*a)"),
        (["a + np.arctan(a)", "a=1"], "np.arctan is no operation of the table; write atan(a)", "np.arctan(a)"),
        (["ln(a)", "a=1"], "write log(a)", "ln(a)"),
        (["sigmiod(a)", "a=1"], "write sigmoid(a)", "sigmiod(a)"),
        (["x.tanh", "x=1"], "operands are written in brackets: tanh(x)", "x.tanh"),
        (["a + * b", "a=1"], "cannot be read: invalid syntax", "* b"),
        (["(a + b", "a=1"], "'(' was never closed", "(a + b"),
        (["a", "a=1", "b=2"], "b does not occur", "b=2"),
        (["1 + 2"], "the expression is a constant", "1 + 2"),
        (["softmax([a, a])", "a=1"], "not one number", "softmax([a, a])"),
        (["a", "a"], "written name=number", "a"),
        (["a", "a=1", "a=2"], "a is given twice", "a=2"),
        (["ａ", "a=1", "ａ=2"], "a is given twice", "ａ=2"),
        (["a", "a=1", "True=3"], "True is a word of Python's", "True=3"),
        (["a", "a=1", "lambda=2"], "lambda is a word of Python's", "lambda=2"),
        (["a + where()", "a=1"], "where is called where(condition, a, b): missing", "where()"),
        (["sum(a)", "a=1"], "sum is called sum(xs) with a list of numbers", "sum(a)"),
        (["x" + "+x" * 4000 + "+ 'b'", "x=1"], "cannot be read: invalid syntax", "'b'"),
        (["a", "a=two"], "a needs a number, such as a=2, a=1e-3 or a=pi/2", "two"),
        (["a", "a= 2 +"], "a needs a number", ""),
        (["a", "a="], "a needs a number", ""),
        (["a", "a=[1]"], "a needs a number", "[1]"),
        (["a + 1" + "0" * 400, "a=1"], "beyond the largest float", "1" + "0" * 49 + "…"),
    ],
    ids=lambda thing: thing[0][:30] if isinstance(thing, list) else "",
)
def test_what_is_not_understood_is_pointed_at(
    arguments: list[str], message: str, place: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = refused(capsys, *arguments)
    assert message in err
    assert place is None or pointed_at(err) == place
    assert code == (1 if "largest float" in message else 2)


@pytest.mark.parametrize(
    ("arguments", "message", "place"),
    [
        (["1 + log(a)", "a=-1"], "log(-1.0): a = -1.0 is outside (0, inf)", "log(a)"),
        (["a / (a - 1)", "a=1"], "div(1.0, 0.0)", "a / (a - 1)"),
        (["a", "a= 1 + log(-1)"], "log(-1.0)", "log(-1)"),
        (["9**9**9**9 * a", "a=1"], "beyond the largest float", "9**9**9 * a"),
    ],
    ids=lambda thing: thing[0] if isinstance(thing, list) else "",
)
def test_where_the_mathematics_refuses_the_exit_code_is_one(
    arguments: list[str], message: str, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, err = refused(capsys, *arguments)
    assert (code, message in err, pointed_at(err)) == (1, True, place)


@pytest.mark.parametrize(
    "source", ["(" * 150 + "a" + ")" * 150, "-" * 150 + "a", "exp(" * 150 + "a" + ")" * 150, "a+" * 9000 + "a", "a\0"]
)
def test_too_much_is_refused_without_a_traceback(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([source, "a=0.1"])
    err = capsys.readouterr().err
    assert (code, err.startswith("error: ")) == (2, True) or (code == 0 and source.startswith("((")), err


def test_a_long_sum_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["+".join(["a"] * 1500), "a=2"]) == 0
    assert "∂/∂a = 1500.0\n" in capsys.readouterr().out


def test_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    latex, program = tmp_path / "f.tex", tmp_path / "f.py"
    assert main(["a/b", "a=1", "b=2", "--latex", str(latex), "--python", str(program), "--brief"]) == 0
    assert latex.read_text(encoding="utf-8") == "\\frac{a}{b}\n"
    scope: dict[str, float] = {}
    exec(program.read_text(encoding="utf-8"), scope)
    assert (scope["da"], scope["db"]) == (0.5, -0.25)
    capsys.readouterr()
    assert main(["a/b", "a=1", "b=2", "--latex", "-", "--brief"]) == 0
    assert capsys.readouterr().out.endswith("\\frac{a}{b}\n")


def test_the_picture_is_written(tmp_path: Path) -> None:
    picture = tmp_path / "f.svg"
    assert main([*LECTURE, "--svg", str(picture), "--brief"]) == 0
    assert picture.read_text(encoding="utf-8").startswith("<svg")


def test_the_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "f.html"
    assert main([*LECTURE, "--html", str(page), "--brief"]) == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_it_says_where_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture, page = tmp_path / "f.svg", tmp_path / "f.html"
    assert main([*LECTURE, "--svg", str(picture), "--html", str(page), "--latex", "-", "--brief"]) == 0
    out = capsys.readouterr().out
    assert f"the picture: {picture}\nthe page to play with: {page}\n" in out
    assert "LaTeX" not in out


def test_the_quiz_is_a_page_or_a_worksheet_by_its_suffix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, sheet = tmp_path / "q.html", tmp_path / "q.md"
    assert main(["L = a*b", "a=2", "b=3", "--quiz", str(page), "--brief"]) == 0
    assert '"questions":' in page.read_text(encoding="utf-8")
    assert main(["L = a*b", "a=2", "b=3", "--quiz", str(sheet), "--brief"]) == 0
    assert sheet.read_text(encoding="utf-8").startswith("# Quiz: L\n")
    assert main(["L = a*b", "a=2", "b=3", "--quiz", str(tmp_path / "q.gift"), "--brief"]) == 0
    assert (tmp_path / "q.gift").read_text(encoding="utf-8").startswith("$CATEGORY: ")
    assert main(["L = a*b", "a=2", "b=3", "--quiz", str(tmp_path / "q.doc"), "--brief"]) == 1
    assert "give one of .xml, .gift, .txt, .md" in capsys.readouterr().err
    assert main(["L = a*b", "a=2", "b=3", "--quiz", "-", "--brief"]) == 0
    assert capsys.readouterr().out.endswith("[1] ∂L/∂b = 2\n[2] ∂L/∂a = 3\n")


NEURON = ["E = (tanh(w*x + b) - t)**2", "w=1", "x=2", "b=-1", "t=0"]


def test_fold_draws_the_named_leaves_and_their_operations_as_one_box(tmp_path: Path) -> None:
    picture, page = tmp_path / "f.svg", tmp_path / "f.html"
    assert main([*NEURON, "--fold", "neuron=w, b", "--svg", str(picture), "--html", str(page), "--brief"]) == 0
    texts = re.findall(r">([^<>]+)</text>", picture.read_text(encoding="utf-8"))
    assert "neuron" in texts
    assert not {"w", "b", "tanh"} & set(texts)
    assert '"neuron"' in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("fold", ["neuron", "neuron=w,q", "=w", "neuron="])
def test_a_fold_of_what_is_no_name_of_the_expression_is_refused(fold: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*NEURON, "--fold", fold, "--brief"]) == 2
    assert "a fold is written box=name,name with names of the expression: w, x, b, t" in capsys.readouterr().err


def test_open_shows_the_page_in_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: not opened.append(address))
    page = tmp_path / "f.html"
    assert main([*LECTURE, "--html", str(page), "--open", "--brief"]) == 0
    assert opened == [page.as_uri()]
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main([*LECTURE, "--open", "--brief"]) == 0
    made = Path.from_uri(opened[1]) if sys.version_info >= (3, 13) else Path(opened[1].removeprefix("file://"))
    assert tmp_path in made.parents
    assert made.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    capsys.readouterr()
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    assert main([*LECTURE, "--html", str(page), "--open", "--brief"]) == 0
    assert capsys.readouterr().out.endswith(f"no browser was found here; open {page} in one\n")


def test_too_many_nodes_for_a_picture_are_refused_without_naming_what_the_command_lacks(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for option in ("svg", "html", "quiz"):
        assert main(["+".join(["a*a"] * 300), "a=1", f"--{option}", str(tmp_path / "f.xml"), "--brief"]) == 1
        assert capsys.readouterr().err == f"error: --{option} takes at most 500 nodes, and the expression has 600\n"


def test_a_file_that_cannot_be_written_is_an_error_and_no_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("--latex", "--html", "--svg"):
        assert main(["a", "a=1", option, str(tmp_path), "--brief"]) == 1
        assert "error: " in capsys.readouterr().err
    assert main(["a", "a=1", "--python", "", "--brief"]) == 1
    assert main(["a", "a=1", "--html", "-", "--brief"]) == 2
    assert "give --html a file" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--latex", "--html", "--svg", "--python", "--quiz"])
def test_the_folders_above_a_file_are_made(option: str, tmp_path: Path) -> None:
    assert main(["a*a", "a=1", option, str(tmp_path / "new" / "er" / "f.md"), "--brief"]) == 0
    assert (tmp_path / "new" / "er" / "f.md").exists()


def test_help_lists_every_operation_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["--help"])
    out = capsys.readouterr().out
    assert leaving.value.code == 0
    assert all(
        name in out.replace("\n", " ")
        for name in [*TABLE, "--svg", "--html", "--latex", "--python", "--quiz", "--open", "--fold", "--brief"]
    )


def test_no_expression_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main([])
    assert leaving.value.code == 2
    assert "usage: python -m autograd" in capsys.readouterr().err


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_bold_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not command.colourful(io.StringIO())
    for variable, value, is_bold in [("FOO", "1", True), ("NO_COLOR", "", True), ("NO_COLOR", "1", False)]:
        monkeypatch.setenv(variable, value)
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        assert main(["a", "a=1", "--brief"]) == 0
        assert ("\x1b[1m" in screen.getvalue()) is is_bold
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not command.colourful(Terminal())


def test_a_terminal_without_the_letters_gets_others() -> None:
    environment = {"PYTHONIOENCODING": "ascii", "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-m", "autograd", *LECTURE, "--brief"], cwd=ROOT, capture_output=True, check=True, env=environment
    )
    assert b"d/da = -3.0" in ran.stdout


def test_the_caret_stands_below_its_character_on_every_screen() -> None:
    problem = Refusal("odd", "数*α + (b", 6)
    assert problem.shown("utf-8") == "error: odd\n  数*α + (b\n         ^"  # 数 takes two columns
    assert problem.shown("ascii") == "error: odd\n  ?*alpha + (b\n            ^"


def test_of_a_long_expression_what_is_around_the_mistake_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = refused(capsys, "a+" * 200 + "b" + "+a" * 200, "a=1")
    _, source, pointer = err.splitlines()
    assert source == "  …" + "a+" * 25 + "b" + "+a" * 24 + "+…"
    assert source[pointer.index("^")] == "b"


def test_names_of_wide_letters_stand_in_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["数*b", "数=2", "b=4", "--brief"]) == 0
    assert capsys.readouterr().out.splitlines()[3:] == ["数 = 2.0   ∂/∂数 = 4.0", "b  = 4.0   ∂/∂b  = 2.0"]


def test_a_reader_that_has_seen_enough_gets_no_error() -> None:
    ran = subprocess.Popen([sys.executable, "-m", "autograd", *LECTURE], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert ran.stdout is not None
    assert ran.stderr is not None
    ran.stdout.close()
    assert (ran.stderr.read(), ran.wait()) == (b"", 1)
    ran.stderr.close()


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
def test_a_chain_of_as_many_terms_as_there_is_room_for_is_computed(sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    for source in ("x" + f"{sign}x" * 4900, f"d = (x{f'{sign}x' * 4800}); sum([d, -(x{sign}1)])"):
        assert main([source, "x=1", "--brief"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("(" * 4000 + "x" + ")" * 4000, "too many nested parentheses"),
        ("-" * 9000 + "x", "more than 100 brackets"),
        ("x" + "**x" * 3000, "more than 100 brackets"),
        ("x + \ud800", r"'\ud800' is no character of a text"),
        ("x + \0", r"'\x00' is no character of a text"),
    ],
    ids=["brackets", "signs", "powers", "surrogate", "null"],
)
def test_what_python_cannot_read_is_refused_for_what_it_is(source: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([source, "x=1"]) == 2
    assert said in capsys.readouterr().err


def test_names_in_any_width_are_the_same_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ｘ * 2", "ｘ=1.5", "--brief"]) == 0
    assert capsys.readouterr().out.startswith("x * 2 = 3.0")
