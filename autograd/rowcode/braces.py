"""The syntax that C and JavaScript share: binding of operators, calls, choices, loops. Their printers derive from `Braces`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.rowcode import form

CHOICE, OR, AND, EQUALITY, RELATION, SUM, PRODUCT, UNARY, ATOM = range(9)  # how tightly they bind
TEMPLATES: dict[str, tuple[Any, ...]] = {  # how tightly an operation binds, how it is written, how tightly its parts must bind
    "+": (SUM, "{} + {}", SUM, PRODUCT), "-": (SUM, "{} - {}", SUM, PRODUCT), "*": (PRODUCT, "{} * {}", PRODUCT, UNARY),
    "/": (PRODUCT, "{} / {}", PRODUCT, UNARY), "neg": (UNARY, "-{}", ATOM), "not": (UNARY, "!{}", UNARY),
    "==": (EQUALITY, "{} == {}", SUM, SUM), "!=": (EQUALITY, "{} != {}", SUM, SUM),
    **{sign: (RELATION, f"{{}} {sign} {{}}", SUM, SUM) for sign in ("<", "<=", ">", ">=")},
    "choose": (CHOICE, "{} ? {} : {}", OR, OR, CHOICE),
}  # fmt: skip


class Braces:
    """Expressions and statements of the form in a language with braces."""

    templates = TEMPLATES
    indent, index = "  ", "let"  # what is before a line inside a block, and before the index of a loop
    push, store = "{}.push({});", "{}[{}] = {};"  # an array takes one number more, or another in place of one

    name: Callable[[str], str]  # how a variable is written
    callee: Callable[[Any], str]  # the name under which a function or an intrinsic is called
    attempt: Callable[[form.Try], list[str]]  # the lines of a try statement

    def text(self, *expressions: Any) -> str:
        return ", ".join([self.expression(x)[0] for x in expressions])

    def inside(self, x: Any, binding: int) -> str:
        """The expression where something binds that tightly."""
        text, own = self.expression(x)
        return text if own >= binding else f"({text})"

    def expression(self, x: Any) -> tuple[str, int]:
        """The expression, and how tightly it binds."""
        match x:
            case form.Name():
                return self.name(x.name), ATOM
            case form.Call():
                return f"{self.callee(x.function)}({self.text(*x.parts)})", ATOM
            case form.Operation(sign="and" | "or"):
                own, word = (AND, " && ") if x.sign == "and" else (OR, " || ")
                return word.join([self.inside(part, EQUALITY) for part in x.parts]), own
            case form.Operation():
                own, template, *bindings = self.templates[x.sign]
                return template.format(*map(self.inside, x.parts, bindings)), own
        raise TypeError(f"{x!r} is no expression of the form")

    def loop(self, name: str, count: str) -> str:
        """The head of a loop for `name` from 0 to count."""
        return f"for ({self.index} {name} = 0; {name} < {count}; {name} += 1) {{"

    def head(self, x: Any) -> str:
        """The head of a loop of the form."""
        return self.loop(self.name(x.name), self.inside(x.count, SUM))

    def block(self, statements: Sequence[Any]) -> list[str]:
        written = [line for place, s in enumerate(statements) for line in self.statement(s, statements[place:])]
        return self.indented(written)

    def indented(self, lines: Sequence[str]) -> list[str]:
        return [f"{self.indent}{line}" for line in lines]

    def statement(self, s: Any, rest: Sequence[Any]) -> list[str]:
        """The lines of a statement; rest are the statements of its block from it on."""
        match s:
            case form.Append():
                return [self.push.format(self.name(s.name), self.text(s.value))]
            case form.SetElement():
                return [self.store.format(self.name(s.name), self.text(s.index), self.text(s.value))]
            case form.If():
                otherwise = ["} else {", *self.block(s.otherwise)] if s.otherwise else []
                return [f"if ({self.text(s.condition)}) {{", *self.block(s.body), *otherwise, "}"]
            case form.While():
                return [f"while ({self.text(s.condition)}) {{", *self.block(s.body), "}"]
            case form.For():
                return [self.head(s), *self.block(s.body), "}"]
            case form.Leave():
                return [f"{s.word};"]
            case form.Return():
                return [f"return {self.text(s.value)};"]
            case form.Try():
                return self.attempt(s)
        raise TypeError(f"{s!r} is no statement of the form")
