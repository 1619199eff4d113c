"""What setup.cfg cannot say: the node in C. Where it cannot be built, the package is installed without it and is pure Python."""

from __future__ import annotations

import os
import runpy
import sys
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Contraction would change bits, and -ffast-math would too.
FLAGS = [] if sys.platform == "win32" else ["-O2", "-std=c11", "-ffp-contract=off"]
NATIVE = "autograd/native"
ENGINE = runpy.run_path(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "autograd", "engine.py")
)  # imports nothing of ours


class OptionalBuild(build_ext):
    """Build the node; without a compiler, say once that the engine is pure."""

    def build_extension(self, extension: Any) -> None:
        try:
            super().build_extension(extension)
        except Exception as error:  # whatever a compiler or its absence brings
            print(f"autograd: the engine is pure Python, since its node in C could not be built: {error}", file=sys.stderr)


setup(
    cmdclass={"build_ext": OptionalBuild},
    ext_modules=[
        Extension(
            "autograd.native._node",
            [f"{NATIVE}/node.c"],
            depends=[*(f"{NATIVE}/{name}" for name in ENGINE["SOURCES"]), "autograd/engine.py"],
            define_macros=[("NATIVE_DIGEST", f"{ENGINE['digest']() or 0}UL")],
            extra_compile_args=FLAGS,
            optional=True,
        )
    ],
)
