"""What setup.cfg cannot say: the node in C. Where it cannot be built, the package is installed without it and is pure Python."""

from __future__ import annotations

import sys
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Contraction would change bits, and -ffast-math would too.
FLAGS = [] if sys.platform == "win32" else ["-O2", "-std=c11", "-ffp-contract=off"]
HEADERS = ["apply.h", "kernels.h", "node.h", "walks.h"]


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
            ["autograd/native/node.c"],
            depends=[*(f"autograd/native/{name}" for name in HEADERS), "autograd/rowcode/intrinsics.h"],
            extra_compile_args=FLAGS,
            optional=True,
        )
    ],
)
