"""What setup.cfg cannot say: the node in C. Where it cannot be built, the package is installed without it and is pure Python."""

from __future__ import annotations

import os
import runpy
import sys
import sysconfig
import textwrap
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

# Contraction would change bits, and -ffast-math would too.
FLAGS = ["/O2", "/fp:precise", "/utf-8"] if sys.platform == "win32" else ["-O3", "-std=c11", "-ffp-contract=off"]
NATIVE = "autograd/native"
ENGINE = runpy.run_path(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), "autograd", "engine.py")
)  # imports nothing of ours


class OptionalBuild(build_ext):
    """Build the node. Where that fails, `engine_info` says why, and so does the build; the wheel's name has "pure" in it.

    pip shows nothing of a build that succeeds but the name.
    """

    failure = ""

    def run(self) -> None:
        super().run()
        for extension in self.extensions:  # built in one folder, and then copied to where it is wanted
            reason = os.path.join(os.path.dirname(self.get_ext_fullpath(extension.name)), ENGINE["REASON"])
            if self.failure:
                os.makedirs(os.path.dirname(reason), exist_ok=True)
                with open(reason, "w", encoding="utf-8") as file:
                    file.write(self.failure)
            elif os.path.exists(reason):
                os.remove(reason)

    def build_extension(self, extension: Any) -> None:
        try:
            if sys.implementation.name != "cpython":
                raise NotImplementedError("it needs CPython")
            if sysconfig.get_config_var("Py_GIL_DISABLED"):
                raise NotImplementedError("it needs the interpreter's lock, and this Python is free-threaded")
            super().build_extension(extension)
        except Exception as error:  # whatever a compiler or its absence brings
            self.failure = textwrap.shorten(str(error), 200)
            print(f"autograd: the engine is pure Python, since its node in C could not be built: {self.failure}", file=sys.stderr)
            wheel: Any = self.distribution.get_command_obj("bdist_wheel", create=False)
            if wheel:
                wheel.build_number = "0pure"


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
