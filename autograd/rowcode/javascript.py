"""The typed form as JavaScript, which keeps the names and the shape of the Python that it was read from.

    >>> from autograd import ops
    >>> from autograd.rowcode.program import Program
    >>> print(Printer().function(Program().value(ops.relu).function))
    function relu(x) {
      return x > 0 || x !== x ? x : 0;
    }

Start reading at `Printer.expression`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.form import TRUTH, Function, is_array, walk

__all__ = ["Printer", "literal"]

CHOICE, OR, AND, EQUALITY, RELATION, SUM, PRODUCT, UNARY, ATOM = range(9)  # how tightly they bind
BINDING = {"==": EQUALITY, "!=": EQUALITY, "+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}  # any other sign is a RELATION
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
    if x is None or isinstance(x, bool):
        return "null" if x is None else str(x).lower()
    if isinstance(x, str):
        return '"' + x.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("<", "\\u003c") + '"'
    if isinstance(x, (tuple, list)):
        return f"[{', '.join(map(literal, x))}]"
    if not math.isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    return re.sub(r"e([+-])0+", r"e\1", repr(x).removesuffix(".0")).replace("e+", "e")


class Printer:
    """Functions of the form as JavaScript; `taken` are names that a local variable must not hide."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self.taken = {*RESERVED, *taken}
        self.tables: dict[tuple[float, ...], str] = {}  # the names of tables of numbers

    def local(self, name: str) -> str:
        return f"{name}_" if name in self.taken else name

    def table(self, x: form.Table) -> str:
        """The name of a table, which is defined once."""
        taken = {*self.tables.values(), *self.taken}
        names = (x.name or "TABLE", *(f"{x.name or 'TABLE'}_{i}" for i in range(2, 999)))
        return self.tables.setdefault(x.numbers, next(name for name in names if name not in taken))

    def definitions(self) -> list[str]:
        """The tables that the functions printed so far use."""
        return [f"const {name} = {literal(numbers)};" for numbers, name in self.tables.items()]

    def text(self, *expressions: Any) -> str:
        return ", ".join([self.expression(x)[0] for x in expressions])

    def inside(self, x: Any, binding: int) -> str:
        """The expression where something binds that tightly."""
        text, own = self.expression(x)
        return text if own >= binding else f"({text})"

    def expression(self, x: Any) -> tuple[str, int]:
        """The expression, and how tightly it binds."""
        match x:
            case form.Number():
                text = literal(x.value)
                return text, SUM if text.startswith("-") else ATOM
            case form.Closed():
                return "null", ATOM
            case form.Name():
                return self.local(x.name), ATOM
            case form.Table():
                return self.table(x), ATOM
            case form.Unary(sign="float"):
                return (f"Number({self.text(x.operand)})", ATOM) if x.operand.type == TRUTH else self.expression(x.operand)
            case form.Unary():
                return f"{'!' if x.sign == 'not' else '-'}{self.inside(x.operand, UNARY + (x.sign == '-'))}", UNARY
            case form.Binary():
                own, sign = BINDING.get(x.sign, RELATION), f"{x.sign}=" if x.sign in ("==", "!=") else x.sign
                right = self.inside(x.right, own + 1)
                return f"{self.inside(x.left, own)} {sign} {f'({right})' if right.startswith('-') else right}", own
            case form.Logic():
                own, sign = (AND, " && ") if x.sign == "and" else (OR, " || ")
                return sign.join([self.inside(part, own) for part in x.parts]), own
            case form.Choice():
                return f"{self.inside(x.condition, OR)} ? {self.inside(x.a, OR)} : {self.text(x.b)}", CHOICE
            case form.Call():
                return f"{x.function.name}({self.text(*x.arguments)})", ATOM
            case form.Tuple():
                return f"[{self.text(*x.parts)}]", ATOM
            case form.Item() | form.Element():
                return f"{self.inside(x.of, ATOM)}[{x.index if isinstance(x, form.Item) else self.text(x.index)}]", ATOM
            case form.Length():
                return f"{self.inside(x.of, ATOM)}.length", ATOM
            case form.Slice():
                ends = [self.text(x.low) if x.low else "0", *([self.text(x.high)] if x.high else [])]
                return f"{self.inside(x.of, ATOM)}.slice({', '.join(ends)})", ATOM
            case form.Join():
                return f"[{', '.join(('...' if is_array(p.type) else '') + self.inside(p, OR) for p in x.parts)}]", ATOM
            case form.Comprehension():
                low, step = self.text(x.low), [str(x.step)] if x.step != 1 else []
                bounds = [self.text(x.high)] if low == "0" and not step else [low, self.text(x.high), *step]
                index, element = self.local(x.name), self.text(x.element)
                kept = f".filter(({index}) => {self.text(x.condition)})" if x.condition else ""
                method = "flatMap" if is_array(x.element.type) else "map"
                mapped = f".{method}(({index}) => {element})" if element != index else ""
                return f"python.range({', '.join(bounds)}){kept}{mapped}", ATOM
        raise TypeError(f"{x!r} is no expression of the form")

    # -------------------------------------------------------------------------------------------------------------- statements

    def function(self, function: Function) -> str:
        """The function with its name."""
        names = {parameter.name for parameter in function.parameters}
        self.uses, self.declared = _names(function.body), set(names)
        body = self.block(function.body)
        hoisted = [self.local(name) for name in function.locals if name in self.uses and name not in self.declared]
        head = [f"  let {', '.join(hoisted)};"] if hoisted else []
        return "\n".join([f"function {function.name}({self.text(*function.parameters)}) {{", *head, *body, "}"])

    def block(self, statements: Sequence[Any]) -> list[str]:
        return [f"  {line}" for place, s in enumerate(statements) for line in self.statement(s, statements[place:])]

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
            case form.Assign():
                target = ", ".join(map(self.local, s.names))
                return [f"{self.keyword(s.names, rest)}{target if len(s.names) == 1 else f'[{target}]'} = {self.text(s.value)};"]
            case form.Append():
                return [f"{self.local(s.name)}.push({self.text(s.value)});"]
            case form.SetElement():
                return [f"{self.text(s.of)}[{self.text(s.index)}] = {self.text(s.value)};"]
            case form.If(body=[form.Return() | form.Leave() as only], otherwise=[]):
                return [f"if ({self.text(s.condition)}) {self.statement(only, [])[0]}"]
            case form.If():
                lines = [f"if ({self.text(s.condition)}) {{", *self.block(s.body)]
                if len(s.otherwise) == 1 and isinstance(s.otherwise[0], form.If):
                    first, *others = self.statement(s.otherwise[0], s.otherwise)
                    return [*lines, f"}} else {first}", *others]
                return [*lines, *(["} else {", *self.block(s.otherwise)] if s.otherwise else []), "}"]
            case form.While():
                return [f"while ({self.text(s.condition)}) {{", *self.block(s.body), "}"]
            case form.For():
                i, sign = self.local(s.name), "<" if s.step > 0 else ">"
                self.declared.add(s.name)
                head = f"for (let {i} = {self.text(s.low)}; {i} {sign} {self.inside(s.high, SUM)}; {i} += {s.step}) {{"
                return [head, *self.block(s.body), "}"]
            case form.Leave():
                return [f"{s.word};"]
            case form.Return():
                return [f"return {self.text(s.value)};"]
            case form.Raise():
                parts = [literal(p)[1:-1].replace("`", "\\`") if isinstance(p, str) else f"${{{self.text(p)}}}" for p in s.message]
                return [f"python.raise({literal(s.kind)}, `{''.join(parts)}`);"]
            case form.Try():
                lines, word = ["try {", *self.block(s.body), "} catch (error) {"], "if"
                for kinds, body in s.handlers:
                    test = " || ".join([f"error.name === {literal(kind)}" for kind in kinds])
                    lines += [f"  {word} ({test}) {{", *[f"  {line}" for line in self.block(body)]]
                    word = "} else if"
                return [*lines, "  } else throw error;", "}"]
        raise TypeError(f"{s!r} is no statement of the form")


def _names(parts: Sequence[Any]) -> list[str]:
    """The variables that expressions and statements name, as often as they do."""
    own = [p for p in walk(list(parts)) if isinstance(p, (form.Name, form.Assign, form.Append, form.For))]
    return [name for p in own for name in (p.names if isinstance(p, form.Assign) else (p.name,))]
