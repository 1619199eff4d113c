"""LLVM IR to machine code, through llvmlite: what a module needs besides its own text, its optimisation, and its functions.

A module calls `rows.*`, functions of `intrinsics.ll`, and `libm.*`, those of the library that Python's own `math` calls. They have
these names so that LLVM, which knows `exp` and `pow`, replaces none by arithmetic of other bits. Where other bits are allowed, rows
call those of `vectors.ll` in the place of libm's, `vector.*`, which loops run on vectors of numbers.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
import math
import platform
import re
import sys
from collections.abc import Callable, Iterable
from typing import Any

from autograd.rowcode.form import FLOAT, Intrinsic
from autograd.rowcode.intrinsics import INTRINSICS
from autograd.rowcode.kernels import resource

__all__ = ["Machine", "called_back", "features", "is_there", "vectorised", "versions", "whole"]

NAMES = re.compile(r"^(?:define|declare)[^@\n]*@([\w.]+)", re.MULTILINE)
LIBM = [function for function in INTRINSICS.values() if function.place == "math"]
PURE = "nounwind willreturn memory(none)"
FMA = "define internal double @vector.fma(double %a, double %b, double %c) alwaysinline nounwind {{\n{}\n}}"
FUSED = FMA.format("  %y = call double @llvm.fma.f64(double %a, double %b, double %c)\n  ret double %y")
APART = FMA.format("  %ab = fmul double %a, %b\n  %y = fadd double %ab, %c\n  ret double %y")


@functools.cache
def is_there() -> bool:
    """Whether llvmlite is installed."""
    return importlib.util.find_spec("llvmlite") is not None


@functools.cache
def features() -> tuple[int, bool]:
    """How many doubles a vector of this machine has, 8 or 4, and whether it multiplies and adds at once."""
    known = _prepared().get_host_cpu_features()
    is_wide = bool(known.get("avx512f"))
    return 8 if is_wide else 4, bool(known.get("fma") or platform.machine().lower() in ("arm64", "aarch64"))


def _calling(function: Intrinsic, place: str) -> str:
    """The function that rows call: that of a place, "libm" or "vector", and it raises where Python does."""
    name, operands = function.own_name, ", ".join([f"double %x{i}" for i in range(len(function.parameters))])
    checked = f"  %z = call double @rows.checked(ptr %e, double %x0, double %y, i32 {_error_of_infinity(name)})"
    lines = [
        f"define internal double @rows.{name}(ptr %e, {operands}) alwaysinline nounwind {{",
        f"  %y = call double @{place}.{name}({operands})",
        *([checked, "  ret double %z"] if function.raises else ["  ret double %y"]),
        "}",
    ]
    return "\n".join(lines)


def _declared(function: Intrinsic) -> str:
    """The declaration of a function of libm."""
    return f"declare double @libm.{function.own_name}({', '.join(['double'] * len(function.parameters))}) {PURE}"


def _error_of_infinity(name: str) -> int:
    """The number, in `intrinsics.h`, of the error that Python raises where a number gives infinity."""
    try:
        getattr(math, name)(1e4)
    except OverflowError:
        return 3
    except (ValueError, TypeError):
        pass
    return 1


@functools.cache
def definitions() -> dict[str, str]:
    """Every function that a module may need, by its name; those that `intrinsics.ll` has are not made of libm's."""
    made = [text for function in LIBM if function.type == FLOAT for text in (_declared(function), _calling(function, "libm"))]
    return _named([*made, *_texts("intrinsics.ll")])


def vectorised(*, fused: bool) -> tuple[str, ...]:
    """The functions of `vectors.ll` and `fused.ll`, and those that rows call, which then call them and not libm's."""
    files = ("vectors.ll", "fused.ll") if fused else ("vectors.ll",)
    texts = [text for file in files for text in _texts(file) if NAMES.search(text)]
    there = {name for text in texts for name in NAMES.findall(text)}
    functions = [x for x in LIBM if f"vector.{x.own_name}" in there]
    callers = [_calling(function, "vector") for function in functions]
    return (*texts, *callers, "declare double @llvm.fma.f64(double, double, double)", FUSED if fused else APART)


def _texts(name: str) -> list[str]:
    """The definitions of a file."""
    return [x.strip() for x in resource(name).split("\n\n")]


def _named(texts: Iterable[str]) -> dict[str, str]:
    found = [(NAMES.search(text), text) for text in texts]
    return {name[1]: text for name, text in found if name is not None}


def whole(text: str, others: Iterable[str] = ()) -> str:
    """The module with the functions that it calls and does not have; some others come before those that every module may have."""
    known = {**definitions(), **_named(others)}
    there = set(NAMES.findall(text))
    parts, waiting = [text], [text]
    while waiting:
        for name in re.findall(r"@([\w.]+)\(", waiting.pop()):
            if name not in there and (name in known or name.startswith("python.")):
                there.add(name)
                parts.append(known.get(name, f"declare void @{name}(ptr, ptr, ptr)"))
                waiting.append(parts[-1])
    return "\n\n".join(parts) + "\n"


def _rounded(x: float, places: float) -> float:
    try:
        return round(x, int(places))
    except OverflowError:
        return math.copysign(math.inf, x)
    except ValueError:
        return math.nan


_kept: list[Any] = []  # functions of Python that machine code calls: they stay as long as the process


def address_of(function: Callable[..., float], count: int) -> int:
    """The address of a function of Python that takes so many floats."""
    made = ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * count)(function)
    _kept.append(made)
    return ctypes.cast(made, ctypes.c_void_p).value or 0


def called_back(function: Callable[[int, int, int], None]) -> str:
    """The name under which machine code calls a function of Python on three addresses."""
    made = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)(function)
    _kept.append(made)
    name = f"python.{len(_kept)}"
    _prepared().add_symbol(name, ctypes.cast(made, ctypes.c_void_p).value)
    return name


@functools.cache
def _prepared() -> Any:
    """llvmlite, with the functions of libm and those of Python in its symbols."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    names = [None, ctypes.util.find_library("m")] if sys.platform != "win32" else ["ucrtbase"]
    libraries = [ctypes.CDLL(name) for name in names if name is not None or sys.platform != "win32"]
    for function in LIBM:
        name = function.own_name
        found = next((getattr(library, name) for library in libraries if hasattr(library, name)), None)
        own = ctypes.cast(found, ctypes.c_void_p).value if found else address_of(getattr(math, name), len(function.parameters))
        llvm.add_symbol(f"libm.{name}", own)
    llvm.add_symbol("libm.round_to", address_of(_rounded, 2))
    return llvm


def versions() -> tuple[str, ...]:
    """What machine code depends on besides its text: this processor, and LLVM."""
    import llvmlite

    llvm = _prepared()
    processor = llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return *processor, repr(llvm.llvm_version_info), llvmlite.__version__


class Machine:
    """A module in machine code: of its text, or of `code`, what an earlier machine of such a text has as its `code`.

    `level` is how much LLVM optimises, from 0 to 3.
    """

    def __init__(self, text: str, level: int = 2, code: bytes = b"") -> None:
        llvm = _prepared()
        target = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=level, jit=True
        )
        module = llvm.parse_assembly("" if code else text)
        module.verify()
        if level and not code:
            options = llvm.create_pipeline_tuning_options(speed_level=level)
            options.loop_vectorization = options.slp_vectorization = level > 1
            builder = llvm.create_pass_builder(target, options)
            builder.getModulePassManager().run(module, builder)
        self._engine = llvm.create_mcjit_compiler(module, target)
        made = [code] if code else []
        if code:
            self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        else:
            self._engine.set_object_cache(lambda _, data: made.append(bytes(data)))
        self._engine.finalize_object()
        self.code = b"".join(made)

    def address(self, name: str) -> int:
        """The address of a function of the module; it is valid as long as this object lives."""
        return self._engine.get_function_address(name)  # type: ignore[no-any-return]

    def function(self, name: str, result: Any, *types: Any) -> Any:
        """A function of the module, as ctypes calls it."""
        return ctypes.CFUNCTYPE(result, *types)(self.address(name))
