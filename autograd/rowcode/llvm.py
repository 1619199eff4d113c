"""The typed form as LLVM IR: equal to Python to the bit where `libm` is the one that Python uses.

    >>> from autograd.rowcode.form import FLOAT, Name
    >>> from autograd.rowcode.program import Program
    >>> def relu(x: float) -> float:
    ...     return x if x > 0.0 else 0.0
    >>> print(Printer().function(Program().function(relu, [Name("x", FLOAT)]).function))
    define internal double @row.relu(ptr %e, ptr %p, double %x.0) alwaysinline nounwind {
      %x.v = alloca double
      store double %x.0, ptr %x.v
      %t1 = load double, ptr %x.v
      %t2 = fcmp ogt double %t1, 0x0000000000000000
      %t3 = load double, ptr %x.v
      %t4 = select i1 %t2, double %t3, double 0x0000000000000000
      ret double %t4
    }

As in C an error sets a flag, %e, the arithmetic goes on, and a closed gate is a NaN with bits that no computation gives; arrays are
in a pool, %p, that whoever calls empties. A variable is a place on the stack, which LLVM's first pass makes a register.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any

from autograd.rowcode import form
from autograd.rowcode.c import ERRORS, FALSE, TRUE
from autograd.rowcode.form import FLOAT, TRUTH, Array, Call, Constant, Function, Name, Operation, Type

__all__ = ["ARITHMETIC", "CLOSED", "Lines", "Printer", "number", "word"]

CLOSED = "0x7FF8C105EDC105ED"  # the closed gate, as `intrinsics.h` has it
INFINITY = "0x7FF0000000000000"
ARITHMETIC = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
RELATIONS = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}
ARRAY_TYPE = "{ ptr, i64, i64 }"  # its numbers, how many there are, and how many have room


def number(x: float) -> str:
    """A number as LLVM reads it, to the bit."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', x))[0]:016X}"


def word(t: Type) -> str:
    """A type."""
    if isinstance(t, tuple):
        return f"{{ {', '.join(map(word, t))} }}"
    return ARRAY_TYPE if isinstance(t, Array) else "i1" if t == TRUTH else "double"


class Lines:
    """Lines of LLVM IR, with new names for the numbers in them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.count = 0  # of names

    def name(self, prefix: str = "%t") -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def set(self, text: str) -> str:
        """The name of a new number that the instruction gives."""
        name = self.name()
        self.lines.append(f"{name} = {text}")
        return name

    def add(self, text: str) -> None:
        self.lines.append(text)


class Printer(Lines):
    """Functions of the form as LLVM IR."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []  # the places of variables, made at the beginning of the function
        self.places: dict[str, str] = {}
        self.tables: dict[tuple[float, ...], str] = {}
        self.handler = ""  # where an error goes, inside try
        self.loops: list[tuple[str, str]] = []  # of every loop around: where break goes, and continue
        self.type: Type = FLOAT  # of the function that is printed

    # ------------------------------------------------------------------------------------------------------------- lines

    def go(self, target: str) -> None:
        self.lines.append(f"br label %{target}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        self.lines.append(f"br i1 {condition}, label %{yes}, label %{no}")

    def begin(self, label: str) -> None:
        self.lines.append(f"{label}:")

    def end(self, text: str) -> None:
        """An instruction that ends a block; what comes after it is reached by no path."""
        self.lines.append(text)
        self.begin(self.name("dead"))

    def place(self, t: str) -> str:
        """A new place on the stack."""
        name = self.name("%v")
        self.stack.append(f"{name} = alloca {t}")
        return name

    def declarations(self) -> list[str]:
        """The tables that what was printed so far needs."""
        return [
            f"{name} = private constant [{len(xs)} x double] [{', '.join([f'double {number(x)}' for x in xs])}]"
            for xs, name in self.tables.items()
        ]

    # ------------------------------------------------------------------------------------------------------- expressions

    def typed(self, x: Any) -> str:
        """The expression with its type."""
        return f"{word(x.type)} {self.expression(x)}"

    def expression(self, x: Any) -> str:
        """The name of the number that an expression gives, or the number."""
        match x:
            case Constant(value=tuple()):
                name = self.tables.setdefault(tuple(map(float, x.value)), f"@table.{len(self.tables)}")
                return f"{{ ptr {name}, i64 {len(x.value)}, i64 {len(x.value)} }}"
            case Constant():
                return CLOSED if x.value is None else str(x.value).lower() if x.type == TRUTH else number(float(x.value))
            case Name():
                return self.set(f"load {word(x.type)}, ptr {self.places[x.name]}")
            case Call():
                return self.called(x)
            case form.Comprehension() | Operation(sign="join"):
                return self.made_of(x)
            case Operation(sign="and" | "or", parts=(first, *others)):
                rest = Operation(x.sign, tuple(others), TRUTH) if len(others) > 1 else others[0]
                return self.choice(TRUTH, first, *((rest, FALSE) if x.sign == "and" else (TRUE, rest)))
            case Operation(sign="choose"):
                return self.choice(x.type, *x.parts)
            case Operation():
                return self.operation(x)
        raise TypeError(f"{x!r} is no expression of the form")

    def called(self, x: Call) -> str:
        """A call of a function or of an intrinsic."""
        parts = [self.typed(part) for part in x.parts]
        if isinstance(x.function, Function):
            return self.set(f"call {word(x.type)} @row.{x.function.name}({', '.join(['ptr %e', 'ptr %p', *parts])})")
        return self.set(f"call {word(x.type)} @rows.{x.function.own_name}({', '.join(['ptr %e', *parts])})")

    def choice(self, t: Type, condition: Any, a: Any, b: Any) -> str:
        """One of two expressions; each is evaluated only where it is chosen, if it calls anything."""
        test = self.expression(condition)
        if not any(isinstance(part, (Call, form.Comprehension)) or _is_array(part) for part in form.walk([a, b])):
            return self.set(f"select i1 {test}, {word(t)} {self.expression(a)}, {word(t)} {self.expression(b)}")
        made, yes, no, after = self.place(word(t)), self.name("yes"), self.name("no"), self.name("after")
        self.branch(test, yes, no)
        for label, branch in ((yes, a), (no, b)):
            self.begin(label)
            self.add(f"store {word(t)} {self.expression(branch)}, ptr {made}")
            self.go(after)
        self.begin(after)
        return self.set(f"load {word(t)}, ptr {made}")

    def operation(self, x: Operation) -> str:
        """An operation all parts of which are evaluated."""
        first, *others = [self.expression(part) for part in x.parts]
        t = word(x.parts[0].type) if x.parts else ""
        match x.sign:
            case "neg":
                return self.set(f"fneg double {first}")
            case "not":
                return self.set(f"xor i1 {first}, true")
            case "float":
                return self.set(f"uitofp i1 {first} to double" if t == "i1" else f"fadd double 0.0, {first}")
            case "tuple":
                made = "undef"
                for i, (part, text) in enumerate(zip(x.parts, [first, *others], strict=True)):
                    made = self.set(f"insertvalue {word(x.type)} {made}, {word(part.type)} {text}, {i}")
                return made
            case "item":
                return self.set(f"extractvalue {t} {first}, {x.parts[1].value}")
            case "length":
                return self.set(f"sitofp i64 {self.set(f'extractvalue {t} {first}, 1')} to double")
            case "element":
                found = self.set(f"call double @rows.at(ptr %e, {t} {first}, double {others[0]})")
                return self.set(f"fcmp une double {found}, 0.0") if x.type == TRUTH else found
            case "slice":
                low, high = [*others, INFINITY][:2]
                return self.set(f"call {t} @rows.slice({t} {first}, double {low}, double {high})")
        if x.sign in ARITHMETIC:
            return self.set(f"{ARITHMETIC[x.sign]} double {first}, {others[0]}")
        if t == "i1":
            return self.set(f"icmp {'eq' if x.sign == '==' else 'ne'} i1 {first}, {others[0]}")
        return self.set(f"fcmp {RELATIONS[x.sign]} double {first}, {others[0]}")

    # ------------------------------------------------------------------------------------------------------------ arrays

    def made_of(self, x: Any) -> str:
        """A new array of what a comprehension or a join gives."""
        made = self.place(ARRAY_TYPE)
        self.add(f"call void @rows.new(ptr {made})")
        self.extend(made, x)
        return self.set(f"load {ARRAY_TYPE}, ptr {made}")

    def extend(self, array: str, x: Any) -> None:
        """Add a number, or all numbers of an array, to the array that is at this place."""
        match x:
            case Operation(sign="join"):
                for part in x.parts:
                    self.extend(array, part)
            case form.Comprehension():
                self.loop(x, lambda: self.when(x.condition, lambda: self.extend(array, x.element)))
            case _ if isinstance(x.type, Array):
                self.add(f"call void @rows.extend(ptr %e, ptr %p, ptr {array}, {self.typed(x)})")
            case _:
                self.add(f"call void @rows.push(ptr %e, ptr %p, ptr {array}, double {self.as_element(x)})")

    def as_element(self, x: Any) -> str:
        made = self.expression(x)
        return self.set(f"uitofp i1 {made} to double") if x.type == TRUTH else made

    def when(self, condition: Any, write: Callable[[], None]) -> None:
        """What `write` writes, if a condition holds or there is none."""
        if condition is None:
            write()
            return
        yes, after = self.name("yes"), self.name("after")
        self.branch(self.expression(condition), yes, after)
        self.begin(yes)
        write()
        self.go(after)
        self.begin(after)

    def loop(self, x: Any, write: Callable[[], None]) -> None:
        """What `write` writes for a name from 0 to a count."""
        outer, index = self.places.get(x.name), self.place("double")
        count = self.expression(x.count)
        head, body, following, after = [self.name(label) for label in ("head", "body", "next", "after")]
        self.add(f"store double 0.0, ptr {index}")
        self.go(head)
        self.begin(head)
        turn = self.set(f"load double, ptr {index}")
        self.branch(self.set(f"fcmp olt double {turn}, {count}"), body, after)
        self.begin(body)
        self.places[x.name] = index
        self.loops.append((after, following))
        write()
        self.loops.pop()
        self.go(following)
        self.begin(following)
        self.add(f"store double {self.set(f'fadd double {turn}, 1.0')}, ptr {index}")
        self.go(head)
        self.begin(after)
        self.places |= {x.name: outer} if outer else {}

    # -------------------------------------------------------------------------------------------------------- statements

    def function(self, function: Function) -> str:
        """The function with its name; its local variables begin at 0."""
        self.lines, self.stack, self.places, self.count, self.type = [], [], {}, 0, function.type
        for x in function.parameters:
            self.variable(x.name, x.type, f"%{x.name}.0")
        for name, t in function.locals.items():
            if name not in self.places:
                self.variable(name, t, "zeroinitializer")
        self.block(function.body)
        self.add(f"ret {word(function.type)} zeroinitializer")
        parameters = ["ptr %e", "ptr %p", *[f"{word(x.type)} %{x.name}.0" for x in function.parameters]]
        inline = "" if _stays(function) else " alwaysinline"
        head = f"define internal {word(function.type)} @row.{function.name}({', '.join(parameters)}){inline} nounwind {{"
        return "\n".join([head, *[f"  {line}" for line in reachable([*self.stack, *self.lines])], "}"])

    def variable(self, name: str, t: Type, value: str) -> None:
        self.places[name] = f"%{name}.v"
        self.stack.append(f"%{name}.v = alloca {word(t)}")
        self.add(f"store {word(t)} {value}, ptr %{name}.v")

    def block(self, statements: Sequence[Any]) -> None:
        for s in statements:
            self.statement(s)
            if self.handler and not isinstance(s, (form.Return, form.Raise)):
                self.checked()

    def checked(self) -> None:
        """Go to the handler if there was an error."""
        on = self.name("on")
        self.branch(self.raised(), self.handler, on)
        self.begin(on)

    def raised(self) -> str:
        return self.set(f"icmp ne i32 {self.set('load i32, ptr %e')}, 0")

    def statement(self, s: Any) -> None:
        match s:
            case form.Assign(names=(name,)):
                self.add(f"store {self.typed(s.value)}, ptr {self.places[name]}")
            case form.Assign():
                made, t = self.expression(s.value), s.value.type
                for i, name in enumerate(s.names):
                    part = self.set(f"extractvalue {word(t)} {made}, {i}")
                    self.add(f"store {word(t[i])} {part}, ptr {self.places[name]}")
            case form.Append():
                self.extend(self.places[s.name], s.value)
            case form.SetElement():
                array = self.set(f"load {ARRAY_TYPE}, ptr {self.places[s.name]}")
                index = self.expression(s.index)
                self.add(f"call void @rows.put(ptr %e, {ARRAY_TYPE} {array}, double {index}, double {self.as_element(s.value)})")
            case form.If():
                self.either(s)
            case form.While():
                self.repeated(s)
            case form.For():
                self.loop(s, lambda: self.block(s.body))
            case form.Leave():
                self.end(f"br label %{self.loops[-1][s.word == 'continue']}")
            case form.Return():
                made = self.typed(s.value)
                if self.handler:
                    self.checked()
                self.end(f"ret {made}")
            case form.Raise():
                self.add(f"call double @rows.raise(ptr %e, i32 {1 + ERRORS.index(s.kind if s.kind in ERRORS else ERRORS[0])})")
                self.leave()
            case form.Try():
                self.attempt(s)
            case _:
                raise TypeError(f"{s!r} is no statement of the form")

    def either(self, s: form.If) -> None:
        yes, no, after = self.name("yes"), self.name("no"), self.name("after")
        self.branch(self.expression(s.condition), yes, no)
        for label, body in ((yes, s.body), (no, s.otherwise)):
            self.begin(label)
            self.block(body)
            self.go(after)
        self.begin(after)

    def repeated(self, s: form.While) -> None:
        """A loop, which an error ends."""
        head, going, body, after = [self.name(label) for label in ("head", "going", "body", "after")]
        self.go(head)
        self.begin(head)
        self.branch(self.expression(s.condition), going, after)
        self.begin(going)
        self.branch(self.raised(), after, body)
        self.begin(body)
        self.loops.append((after, head))
        self.block(s.body)
        self.loops.pop()
        self.go(head)
        self.begin(after)

    def leave(self) -> None:
        self.end(f"br label %{self.handler}" if self.handler else f"ret {word(self.type)} zeroinitializer")

    def attempt(self, s: form.Try) -> None:
        """A body in which an error goes to its handler; the error that was there before is kept aside."""
        saved, outer = self.place("i32"), self.handler
        after, self.handler = self.name("after"), self.name("handler")
        self.add(f"store i32 {self.set('load i32, ptr %e')}, ptr {saved}")
        self.add("store i32 0, ptr %e")
        self.block(s.body)
        self.add(f"store i32 {self.set(f'load i32, ptr {saved}')}, ptr %e")
        self.go(after)
        self.begin(self.handler)
        self.handler = outer
        kind = self.set("load i32, ptr %e")
        for kinds, handled in s.handlers:
            yes, no = self.name("yes"), self.name("no")
            tests = [self.set(f"icmp eq i32 {kind}, {1 + ERRORS.index(name)}") for name in kinds if name in ERRORS]
            test = "false"
            for each in tests:
                test = self.set(f"or i1 {test}, {each}")
            self.branch(test, yes, no)
            self.begin(yes)
            self.add(f"store i32 {self.set(f'load i32, ptr {saved}')}, ptr %e")
            self.block(handled)
            self.go(after)
            self.begin(no)
        self.leave()
        self.go(after)
        self.begin(after)


def reachable(lines: Sequence[str]) -> list[str]:
    """The lines without those after the end of a block that no label begins anew."""
    kept: list[str] = []
    is_dead = False
    for line in lines:
        if line.endswith(":"):
            is_dead = line.startswith("dead")
        if not is_dead:
            kept.append(line)
    return kept


def _is_array(x: Any) -> bool:
    return isinstance(x, Operation) and x.sign in ("join", "slice", "element")


def _stays(function: Function) -> bool:
    """Whether a function is called where it is used, since it loops or calls itself; every other becomes a part of its caller."""
    parts = list(form.reached(function.body))
    has_loops = any(isinstance(x, (form.For, form.While, form.Comprehension, form.Try)) for x in parts)
    return has_loops or any(isinstance(x, Call) and x.function is function for x in parts)
