"""The house: which room may import which, what importing costs, and what the errors of every room have in common."""

from __future__ import annotations

import ast
import builtins
import functools
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from every import every
from sources import tree_of

import autograd
import nn
from autograd import errors
from autograd.ops import TABLE

ROOT = Path(__file__).parent.parent

HOUSE = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
TRIPS = HOUSE.partition("## Three trips")[2].partition("\n## ")[0]


def drawn_order(drawing: str) -> list[set[str]]:
    """The rooms of the drawing in ARCHITECTURE.md, from the ground up; each imports only from those in earlier sets."""
    steps = " ".join(line[12:] for line in drawing.splitlines()).split("<-")
    packages = {"autograd", "nn", "demos"}
    return [{name if name in packages else f"autograd.{name}" for name in step.replace(",", " ").split()} for step in steps]


ORDER = drawn_order(HOUSE.partition("## The rooms")[2].split("```\n")[1])
SUITES = (
    "autograd.checking",
    "autograd.compiling",
    "autograd.courses",
    "autograd.mistakes",
    "autograd.page",
    "autograd.rowcode",
    "autograd.transforms",
    "nn",
    "demos",
)  # packages whose modules import each other


def modules() -> list[Path]:
    return sorted(path for package in ("autograd", "nn", "demos") for path in (ROOT / package).rglob("*.py"))


@functools.cache
def room(module: str) -> int:
    """The place in ORDER of the longest entry with which the module's name begins."""
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        for index, rooms in enumerate(ORDER):
            if ".".join(parts[:end]) in rooms and (end == len(parts) or ".".join(parts[:end]) != "autograd"):
                return index
    raise AssertionError(f"{module} has no place in the house: put it in the drawing in ARCHITECTURE.md")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST) -> list[str]:
    """Every module imported by its full name, anywhere in the tree; `from autograd import graph` is an import of that module."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module is not None
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            paths = {name: ROOT / name.replace(".", "/") for name in inner}
            files = [name for name, path in paths.items() if path.with_suffix(".py").exists() or (path / "__init__.py").exists()]
            found += files or [node.module]
    return found


@every("path", modules(), ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    importer = name_of(path)
    for imported in imports(tree_of(path)):
        if imported == "autograd.rows":
            continue  # a stub without a module: type checkers alone read it
        if imported.split(".")[0] in ("autograd", "nn", "demos"):
            inside = any(
                f"{imported}.".startswith(f"{package}.") and f"{importer}.".startswith(f"{package}.") for package in SUITES
            )
            assert inside or room(imported) < room(importer), f"{importer} imports {imported}"


def test_every_room_is_drawn_once_and_exists() -> None:
    drawn = [name for rooms in ORDER for name in rooms]
    assert sorted(set(drawn)) == sorted(drawn)
    assert set(drawn) <= {name_of(path) for path in modules()}


@functools.cache
def named_things() -> dict[str, set[str]]:
    """The attributes of every module by its last name, and of every class that a module defines."""
    found: dict[str, set[str]] = {}
    for path in modules():
        tree = tree_of(path)
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for each in classes:
            found.setdefault(each.name, set()).update(attributes_of_its_classes(each))
        names = {getattr(node, "name", "") for node in tree.body}
        names |= {
            x.id
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for x in ast.walk(node)
            if isinstance(x, ast.Name)
        }
        found.setdefault(name_of(path).split(".")[-1], set()).update(names)
    return found


@every("name", sorted(set(re.findall(r"`([a-z_]+\.\w+|[A-Z]\w+\.\w+)`", TRIPS))))
def test_the_trips_name_what_is_there(name: str) -> None:
    holder, attribute = name.split(".")
    assert attribute in named_things()[holder], f"ARCHITECTURE.md speaks of {name}, and there is none"


# Names with an underscore that Python or IPython give a meaning.
PROTOCOLS = {"_replace", "_make", "_fields", "_asdict", "_repr_html_", "_repr_mimebundle_"}


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name not in PROTOCOLS


def attributes_of_its_classes(tree: ast.AST) -> set[str]:
    """Every attribute that the classes of a module define: in their bodies and slots, or set on `self`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found |= {node.attr} if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") else set()
        for inside in node.body if isinstance(node, ast.ClassDef) else []:
            if isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                found.add(inside.name)
            elif isinstance(inside, ast.Assign | ast.AnnAssign | ast.If):
                found |= {each.id for each in ast.walk(inside) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
                found |= {each.value for each in ast.walk(inside) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return found


def borrowed(tree: ast.Module) -> set[str]:
    """Private names that a module takes from others: imported, read of what is imported, or of objects of others' classes."""
    found: set[str] = set()
    ours, others = set(), set()  # what imports bind, by whether it is from our packages
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                package = (node.module or "" if isinstance(node, ast.ImportFrom) else alias.name).split(".")[0]
                (ours if package in ("autograd", "nn", "demos") else others).add(alias.asname or alias.name.split(".")[0])
                found |= {alias.name} if isinstance(node, ast.ImportFrom) and package not in others else set()
    own = attributes_of_its_classes(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            holder = node.value.id if isinstance(node.value, ast.Name) else ""
            found |= {node.attr} if holder in ours or (holder not in others and node.attr not in own) else set()
    return {name for name in found if is_private(name)}


@every("path", modules(), ids=name_of)
def test_no_module_reads_a_private_name_of_another(path: Path) -> None:
    assert borrowed(tree_of(path)) == set()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from nn.train import _Task, fit", {"_Task"}),
        ("from nn import train\ntrain._Task()", {"_Task"}),
        ("import nn.train as t\nt._Task()", {"_Task"}),
        ("def f(node):\n    return node._grad", {"_grad"}),
        ("from nn import train\nclass A:\n    _Task = train._Task", {"_Task"}),
        ("def _grad(): ...\ndef f(node):\n    return node._grad", {"_grad"}),
        ("def f(node):\n    node._grad = 1", {"_grad"}),
        ("class A:\n    def __init__(self):\n        self._a = 1\ndef f(x):\n    return x._a", set()),
        ("class A:\n    __slots__ = ('_a',)\n    def _b(self): ...\ndef f(x):\n    return x._a, x._b", set()),
        ("import sys\nsys._getframe().f_code.__class__", set()),
        ("t._replace(a=1)", set()),
    ],
)
def test_a_private_name_of_another_module_is_found(source: str, names: set[str]) -> None:
    assert borrowed(ast.parse(source)) == names


@every("path", modules(), ids=name_of)
def test_imports_are_absolute_but_in_a_folder_that_runs_where_it_is_copied(path: Path) -> None:
    nodes = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom)]
    alone = path.parent == ROOT / "autograd" / "mistakes" / "examiner"
    assert all(node.level == 0 or (alone and node.level == 1) for node in nodes)
    assert not alone or not [name for name in imports(ast.Module(list(nodes), [])) if name.startswith(("autograd", "nn", "demos"))]


@every("path", modules(), ids=name_of)
def test_optional_libraries_are_imported_where_they_are_used(path: Path) -> None:
    """A module imports the standard library and our packages alone at its top; graphviz too waits until something is drawn."""
    top = ast.Module(list(tree_of(path).body), [])
    statements = [node for node in top.body if isinstance(node, ast.Import | ast.ImportFrom)]
    for imported in imports(ast.Module(statements, [])):
        package = imported.split(".")[0]
        assert package in sys.stdlib_module_names or package in ("autograd", "nn", "demos"), f"{name_of(path)} imports {imported}"


def test_importing_the_engine_loads_nothing_but_the_standard_library() -> None:
    script = "import sys; before = set(sys.modules); import autograd; print(*{m.split('.')[0] for m in set(sys.modules) - before})"
    loaded = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert set(loaded) - sys.stdlib_module_names == {"autograd"}


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_no_module_bears_the_name_of_a_public_function_of_its_package(package: ModuleType) -> None:
    stems = {path.stem for path in (ROOT / package.__name__).rglob("*.py")} - {"__init__", "__main__"}
    functions = {name for name in package.__all__ if not inspect.ismodule(getattr(package, name))}
    assert not stems & functions


@pytest.mark.parametrize("module", [autograd, nn], ids=lambda module: module.__name__)
def test_every_public_name_exists_and_is_documented(module: object) -> None:
    names = module.__all__  # type: ignore[attr-defined]
    assert len(set(names)) == len(names)
    for name in names:
        thing = getattr(module, name)
        assert thing.__doc__ or not callable(thing), name


def test_a_star_import_leaves_the_builtins_alone() -> None:
    assert not [name for name in autograd.__all__ if hasattr(builtins, name)]


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_ours_and_a_builtin_one_too(name: str) -> None:
    error = getattr(errors, name)
    assert issubclass(error, errors.AutogradError)
    if error is not errors.AutogradError:
        assert any(base.__module__ == "builtins" and base not in (Exception, BaseException, object) for base in error.__mro__)
        assert error.__doc__


@pytest.mark.parametrize("room", ["operation", "ops"])
def test_the_table_does_not_know_the_node(room: str) -> None:
    tree = ast.parse((ROOT / "autograd" / f"{room}.py").read_text(encoding="utf-8"))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "Value"]


def test_the_node_names_no_operation_but_those_of_pythons_operators() -> None:
    """Adding an operation touches one row of the table: no other module of the core speaks of operations by name."""
    operators = {"add", "sub", "mul", "div", "truediv", "floordiv", "floor_div", "mod", "pow", "neg", "abs", "round", "trunc",
                 "floor", "ceil"}  # fmt: skip
    tree = ast.parse((ROOT / "autograd" / "value.py").read_text(encoding="utf-8"))
    strings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert strings & set(autograd.ops.TABLE) <= operators


# Tables that name rows and state no fact about them, each with what they are instead.
NOT_OF_ROWS = {
    "autograd": "names of Python's builtins, which a star import leaves alone",
    "autograd.compiling.program": "the two that make one result of a batch",
    "autograd.expressions": "signs of expressions, by the syntax that Python's parser gives them",
    "autograd.operators": "Python's operators, by the names of the special methods",
    "autograd.rowcode.intrinsics": "functions of Python's math that C and JavaScript have too",
    "autograd.transforms.germs": "the arithmetic of one-sided series; all other rows follow from their partials",
}


def row_named(node: ast.AST) -> list[str]:
    """The row that an expression names, as text or as an attribute of the table; none for another."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value] * (node.value in TABLE)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "ops":
        return [node.attr] * (node.attr in TABLE)
    return []


def is_of_public_names(node: ast.Assign | ast.AugAssign) -> bool:
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    return isinstance(target, ast.Name) and target.id == "__all__"


def tables_of_rows(tree: ast.AST) -> list[str]:
    """The mappings, lists and strings of a module that name two rows or more, and mostly rows."""
    found = []
    public = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Assign | ast.AugAssign) and is_of_public_names(node)
    }
    for node in ast.walk(tree):
        columns: list[list[ast.AST]] = []
        if id(node) in public:
            continue
        if isinstance(node, ast.Dict):
            columns = [[key for key in node.keys if key is not None], list(node.values)]
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            columns = [list(node.elts)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(words := node.value.split()) > 2:
            columns = [[ast.Constant(word.partition("=")[0]) for word in words]]
        elif isinstance(node, ast.Call):
            columns = [[ast.Constant(keyword.arg) for keyword in node.keywords if keyword.arg]]
        for entries in columns:
            named = [name for entry in entries for name in row_named(entry)]
            if len(named) > 1 and 2 * len(named) > len(entries):
                found.append(f"line {node.lineno}: {' '.join(named)}")
    return found


@every("path", [path for path in modules() if path.parts[-2:] != ("autograd", "ops.py") and "demos" not in path.parts], ids=name_of)
def test_no_module_but_the_table_has_a_table_of_operations(path: Path) -> None:
    """An operation is one row: what other libraries call it, its value on complex numbers, its gain are facts of that row."""
    assert bool(tables_of_rows(tree_of(path))) == (name_of(path) in NOT_OF_ROWS), tables_of_rows(tree_of(path))


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("GAINS = {'tanh': 5 / 3, 'relu': 2**0.5, 'linear': 1.0}", 1),
        ("FIELD = {ops.add: f, ops.mul: g}", 1),
        ("FUNCTIONS = {'torch': 'exp log sin asin=arcsin'}", 1),
        ("functions(celu='f', elu='g')", 1),
        ("SMOOTH = ('tanh', 'sigmoid')", 1),
        ("NUMPY = {'arctan': 'atan', 'maximum': 'max'}", 1),
        ("LOSSES = {'mse': f, 'mae': g, 'huber': h}", 0),
        ("f(name='tanh', text='a sum of two')", 0),
        ("ops.add(ops.mul(a, b), c)", 0),
        ("__all__ = ['tanh', 'relu']\n__all__ += ['exp', 'log']", 0),
    ],
)
def test_a_table_of_operations_is_found(source: str, count: int) -> None:
    assert len(tables_of_rows(ast.parse(source))) == count


ROOMS = [
    *(
        "analytic",
        "anomalies",
        "arrays",
        "beside",
        "calls",
        "comparisons",
        "declaration",
        "domain",
        "engine",
        "errors",
        "floats",
        "methods",
    ),
    *("mixed", "modes", "operation", "operators", "ops", "refusals", "sequences", "signatures"),
    *("special", *[f"special.{name}" for name in ("activations", "angles", "arithmetic", "exponentials", "gammas", "normal")]),
    *("table", "text", "text.numbers", "undo", "value", "variants", "weak"),
]


def test_importing_the_engine_opens_only_the_rooms_that_a_first_program_needs() -> None:
    script = "import sys, autograd; print(*sorted(m for m in sys.modules if m.startswith('autograd.')))"
    opened = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    of_engine = ["native", "native._node"] if autograd.engine_info()["engine"] == "native" else []
    assert opened == sorted(f"autograd.{room}" for room in [*ROOMS, *of_engine])
    assert autograd.transforms.grad is autograd.grad


def modules_opened_by(program: str) -> set[str]:
    """The modules of ours that a program imports, without those that `import autograd, nn` imports already."""
    script = f"import sys, autograd, nn\nbefore = set(sys.modules)\n{program}\nprint(*set(sys.modules) - before)"
    opened = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return {name for name in opened if name.startswith(("autograd.", "nn."))}


@pytest.mark.parametrize(
    "program",
    [
        "assert not hasattr(autograd, 'nope')",
        "assert not hasattr(autograd, '_nope')",
        "assert not hasattr(nn, 'nope')",
        "dir(autograd), dir(nn), autograd.__all__, nn.__all__",
        "from autograd import exp, Value, no_grad, OperandError",
    ],
)
def test_what_needs_no_module_opens_none(program: str) -> None:
    assert modules_opened_by(program) == set()


@pytest.mark.parametrize("name", ["quiz", "leaves", "to_text", "check_grad", "record"])
def test_a_public_name_opens_the_modules_that_its_own_module_imports(name: str) -> None:
    opened = modules_opened_by(f"from autograd import {name}")
    assert opened == modules_opened_by(f"import autograd.{autograd.HOMES[name]}")
    assert "autograd.page" not in opened


def test_the_dictionary_of_public_names_is_what_the_modules_say() -> None:
    for name in autograd.NAMES:
        module = importlib.import_module(f"autograd.{name}")
        assert {public for public, home in autograd.HOMES.items() if home == name} == set(module.__all__)
        assert all(getattr(autograd, public) is getattr(module, public) for public in module.__all__)
    eager = [name for module in ("errors", "modes", "ops", "value") for name in getattr(autograd, module).__all__]
    assert sorted(autograd.__all__) == sorted({"ops", *eager, *autograd.HOMES} - {*autograd.BUILTINS})


@pytest.mark.parametrize("package", [autograd, nn], ids=lambda package: package.__name__)
def test_dir_lists_public_names_and_every_one_is_there(package: ModuleType) -> None:
    names = dir(package)
    assert set(package.__all__) | set(package.MODULES) <= set(names)
    assert not [name for name in names if name.startswith("_") or not hasattr(package, name)]
    assert not {"import_module", "Any", "TYPE_CHECKING"} & set(names)
    for module in package.MODULES:
        path = package.MODULES[module] if package is autograd else module
        assert getattr(package, module) is importlib.import_module(f"{package.__name__}.{path}")
    with pytest.raises(AttributeError, match=rf"module '{package.__name__}' has no attribute 'nonsense'"):
        package.nonsense  # noqa: B018


WRITERS = {"autograd.files", "autograd.mistakes.examiner.command"}  # the latter is handed the former's function by its command


@every("path", [path for path in modules() if name_of(path) not in WRITERS], ids=name_of)
def test_one_module_writes_files(path: Path) -> None:
    """What another wrote would be half a file when the disk is full: `files.write` and `files.replacing` are there for all."""
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        assert called not in ("write_text", "write_bytes"), f"{path.name}:{node.lineno}"
        if called == "open" and isinstance(node.func, ast.Name):
            mode = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
            assert not any(set(ast.unparse(part)) & set("wax+") for part in mode), f"{path.name}:{node.lineno}"


# Subjects of tests that belong to no one module; every other test_X.py mirrors a module X, or a package X with its own test_X.
SUBJECTS = {
    "tests": {"architecture", "bench", "building", "command_line", "contexts", "conventions", "digits_of_rows", "documents",
              "every", "fuzz", "interrupts", "kinks", "memory", "micrograd", "mutations", "number_types", "packaging", "properties",
              "state_machine", "stubs"},
    "tests/courses": {"quarto"},
    "tests/demos": {"lessons_01_09", "lessons_10_15", "predictions"},
    "tests/native": {"processes"},
    "tests/nn": {"trails"},
    "tests/page": {"cost", "first_view", "picture", "player", "readable", "scripts", "sliders", "states", "truth"},
    "tests/peers": {"jax", "onnx", "readme", "sympy", "torch"},
    "tests/servers": {"jupyterlab", "marimo"},
    "tests/show": {"results"},
}  # fmt: skip


def is_in_its_place(test: Path) -> bool:
    """Whether a test file mirrors a module or script, or is of a subject."""
    folder, name = test.parent.relative_to(ROOT), test.stem.removeprefix("test_")
    inside = folder.relative_to("tests")
    source = ROOT / inside if inside.parts[:1] in (("nn",), ("demos",)) else ROOT / "autograd" / inside
    mirrored = [
        source / f"{name}.py",
        source / f"{name}.js",
        source / name / "__init__.py",
        *([source / "__init__.py"] if name == source.name else []),
    ]
    return name in SUBJECTS.get(folder.as_posix(), set()) or any(path.exists() for path in mirrored)


def test_tests_mirror_the_tree() -> None:
    tests = sorted((ROOT / "tests").rglob("test_*.py"))
    assert [test.relative_to(ROOT).as_posix() for test in tests if not is_in_its_place(test)] == []
    listed = {f"{folder}/test_{name}.py" for folder, names in SUBJECTS.items() for name in names}
    assert not [path for path in listed if not (ROOT / path).exists()]
    names = [test.name for test in tests]
    assert not {name for name in names if names.count(name) > 1}, "pytest imports test files by their name alone"
