"""The typed form as JavaScript, which keeps the names and the shape of the Python that it was read from.

>>> from autograd import ops
>>> from autograd.rowcode.program import Program
>>> print(Printer().function(Program().value(ops.relu).function))
function relu(x) {
  return x > 0 || x !== x ? x : 0;
}
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.braces import ATOM, CHOICE, EQUALITY, SUM, TEMPLATES, UNARY, Braces
from autograd.rowcode.form import TRUTH, Array, Constant, Function, Operation, walk
from autograd.rowcode.values import is_operation

RESERVED = set(
    re.findall(
        r"\w+",
        """arguments await case catch class const continue debugger default delete do enum eval export extends function implements
        instanceof interface let new null package private protected public static super switch this throw typeof undefined var
        void Array Error Infinity Math NaN Number Object error math python row OPERATIONS""",
    )
)


def literal(x: Any) -> str:
    """A constant of Python."""
    if isinstance(x, (tuple, list)):
        return f"[{', '.join(map(literal, x))}]"
    text = json.dumps(x, ensure_ascii=False).replace("<", "\\u003c")
    return re.sub(r"e(-?)\+?0*", r"e\1", text.removesuffix(".0")) if isinstance(x, float) else text


class Printer(Braces):
    """Functions of the form as JavaScript; `taken` are names that a local variable must not hide."""

    templates = TEMPLATES | {
        "==": (EQUALITY, "{} === {}", SUM, SUM), "!=": (EQUALITY, "{} !== {}", SUM, SUM), "length": (ATOM, "{}.length", ATOM),
        "item": (ATOM, "{}[{}]", ATOM, CHOICE), "element": (ATOM, "{}[{}]", ATOM, CHOICE),
    }  # fmt: skip

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}
        self.tables: dict[str, str] = {}  # the names of tables, by their numbers
        self.called: set[str] = set()  # the functions that what was printed calls

    def name(self, name: str) -> str:
        return f"{name}_" if name in self.taken else name

    def callee(self, function: Any) -> str:
        return self.known(function.name)

    def known(self, name: str) -> str:
        self.called.add(name)
        return name

    def definitions(self) -> list[str]:
        """The tables that the functions printed so far use."""
        return [f"const {name} = {numbers};" for numbers, name in self.tables.items()]

    def expression(self, x: Any) -> tuple[str, int]:
        """The expression, and how tightly it binds."""
        match x:
            case Constant(value=tuple()):
                names = (name for i in range(1, 999) if (name := f"TABLE_{i}") not in {*self.taken, *self.tables.values()})
                return self.tables.setdefault(literal(x.value), next(names)), ATOM
            case Constant():
                text = literal(x.value)
                return text, UNARY if text.startswith("-") else ATOM
            case Operation(sign="float", parts=(of,)):
                return (f"Number({self.text(of)})", ATOM) if of.type == TRUTH else self.expression(of)
            case Operation(sign="slice", parts=(of, *ends)):
                return f"{self.inside(of, ATOM)}.slice({self.text(*ends)})", ATOM
            case Operation(sign="tuple" | "join"):
                is_spread = [x.sign == "join" and isinstance(part.type, Array) for part in x.parts]
                parts = [f"{'...' * spread}{self.inside(part, CHOICE)}" for spread, part in zip(is_spread, x.parts, strict=True)]
                return f"[{', '.join(parts)}]", ATOM
            case form.Comprehension():
                index, element = self.name(x.name), self.text(x.element)
                if is_operation(x.count, "length") and x.condition is None and not isinstance(x.element.type, Array):
                    return f"{self.inside(x.count.parts[0], ATOM)}.map((_, {index}) => {element})", ATOM
                kept = f".filter(({index}) => {self.text(x.condition)})" if x.condition else ""
                method = "flatMap" if isinstance(x.element.type, Array) else "map"
                mapped = f".{method}(({index}) => {element})" if element != index else ""
                return f"{self.known('python.range')}({self.text(x.count)}){kept}{mapped}", ATOM
        return super().expression(x)

    def function(self, function: Function) -> str:
        """The function with its name; variables are declared at its head, but those of which each use is in one block."""
        self.uses, self.declared = _names(function.body), {parameter.name for parameter in function.parameters}
        body = self.block(function.body)
        hoisted = [self.name(name) for name in function.locals if name in self.uses and name not in self.declared]
        head = [f"  let {', '.join(hoisted)};"] if hoisted else []
        return "\n".join([f"function {function.name}({self.text(*function.parameters)}) {{", *head, *body, "}"])

    def keyword(self, names: tuple[str, ...], rest: Sequence[Any]) -> str:
        """`const` or `let`, if the variables are used from here on in this block only."""
        here = _names(rest)
        if any(name in self.declared or here.count(name) != self.uses.count(name) for name in names):
            return ""
        self.declared |= set(names)
        changed = [name for part in walk(rest) if isinstance(part, form.Assign) for name in part.names]
        return "const " if all(changed.count(name) == 1 for name in names) else "let "

    def statement(self, s: Any, rest: Sequence[Any]) -> list[str]:
        match s:
            case form.Assign(
                names=(name,), value=Operation(sign="+" | "-" | "*" | "/" as sign, parts=(form.Name(name=first), by))
            ) if name == first:
                return [f"{self.name(name)} {sign}= {self.text(by)};"]
            case form.Assign():
                target = ", ".join(map(self.name, s.names))
                return [f"{self.keyword(s.names, rest)}{target if len(s.names) == 1 else f'[{target}]'} = {self.text(s.value)};"]
            case form.If(body=[form.Return() | form.Leave() | form.Raise() as only], otherwise=[]):
                return [f"if ({self.text(s.condition)}) {self.statement(only, [])[0]}"]
            case form.If(otherwise=[form.If() as chained]):
                first, *others = self.statement(chained, s.otherwise)
                return [f"if ({self.text(s.condition)}) {{", *self.block(s.body), f"}} else {first}", *others]
            case form.Raise():
                parts = [literal(p)[1:-1].replace("`", "\\`") if isinstance(p, str) else f"${{{self.text(p)}}}" for p in s.message]
                return [f"{self.known('python.raise')}({literal(s.kind)}, `{''.join(parts)}`);"]
        return super().statement(s, rest)

    def attempt(self, s: form.Try) -> list[str]:
        lines, word = ["try {", *self.block(s.body), "} catch (error) {"], "if"
        for kinds, body in s.handlers:
            test = " || ".join([f"error.name === {literal(kind)}" for kind in kinds])
            lines += [f"  {word} ({test}) {{", *[f"  {line}" for line in self.block(body)]]
            word = "} else if"
        return [*lines, "  } else throw error;", "}"]


def _names(parts: Sequence[Any]) -> list[str]:
    """The variables that expressions and statements name, as often as they do."""
    own = [p for p in walk(list(parts)) if isinstance(p, (form.Name, form.Assign, form.Append, form.SetElement, form.For))]
    return [name for p in own for name in (p.names if isinstance(p, form.Assign) else (p.name,))]
