"""A user's row compiled when it is declared, `@op(..., native=True)`: printed as C, built into a cache, loaded, given to the node.

The cache is the folder of `autograd.rowcode.cache`. The name of a library has a digest of what it was made of, the source, the
compiler and the machine, and a digest of its bytes, so that half a file, or another, is made again; several processes may build
at once, since each writes a whole file. Where the cache is not safe, a library is built anew in each process.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from autograd.engine import engine_info, in_c
from autograd.errors import DeclarationError
from autograd.files import write
from autograd.ops import Op
from autograd.rowcode.cache import digest, folder, is_own
from autograd.rowcode.form import Unreadable
from autograd.rowcode.kernels import kernel_source

FLAGS = ("-O2", "-std=c11", "-ffp-contract=off", "-shared", "-fPIC")

_loaded: list[Any] = []  # the libraries, which stay as long as the process
_said: set[str] = set()


class NoLibraryError(Exception):
    """Why a row runs in Python, with the cure."""


def compile_row(row: Op) -> None:
    """Give the row its kernel in C, or warn that it has none; raise a DeclarationError if C cannot be printed of it."""
    try:
        source = kernel_source(row)
    except Unreadable as unreadable:
        cure = "write it another way, or leave out native=True"
        raise DeclarationError(f"@op {row.__name__}: native=True, and C cannot be printed of {unreadable}; {cure}") from None
    learn = in_c("learn_own")
    try:
        if learn is None:
            raise NoLibraryError(f"the engine is pure Python ({engine_info()['reason']})")
        own = _library(source)
        takes_more = row.variadic or row.arrange or row.call or row.required
        defaults = None if takes_more else dict(row.parameters)
        error = ctypes.cast(own.rows_own_error, ctypes.c_void_p).value
        if not learn(row, tuple(row.parameters), defaults, own.rows_own(), error):
            raise NoLibraryError("more than 256 rows are compiled, or this one has more than 32 operands or 8 parameters")
    except NoLibraryError as reason:
        if str(reason) not in _said:
            _said.add(str(reason))
            text = f"@op {row.__name__}: native=True, but {reason}; such rows run their Python functions, to the same bits"
            warnings.warn(text, RuntimeWarning, stacklevel=4)


def _library(source: str) -> Any:
    """The library of a source, from the cache or built now."""
    command = _compiler()
    with contextlib.ExitStack() as stack:
        place = folder() or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        key = digest("\0".join([source, *command, *FLAGS, _version(command[0]), sys.platform, platform.machine()]).encode())
        library = _opened(_found(place, key)) or _opened(_built(place, key, source, command))
    if library is None:
        raise NoLibraryError(f"what {command[0]} built cannot be loaded")
    library.rows_own.restype = ctypes.c_void_p
    _loaded.append(library)
    return library


def _opened(path: Path | None) -> Any:
    try:
        return ctypes.CDLL(str(path)) if path else None
    except OSError:  # another process has removed it, or it was made for another machine
        return None


def _compiler() -> list[str]:
    """The command of the C compiler."""
    if sys.platform == "win32":
        raise NoLibraryError("on Windows rows are not compiled")
    asked = shlex.split(os.environ.get("CC", ""))
    for name, *options in [asked] if asked else [["cc"], ["gcc"], ["clang"]]:
        if path := shutil.which(name):
            return [path, *options]
    raise NoLibraryError(f"there is no C compiler{f' {asked[0]!r}, which CC names' if asked else ''}: install gcc or clang")


def _version(compiler: str) -> str:
    """A text that is another one after the compiler was replaced."""
    real = os.path.realpath(compiler)
    status = os.stat(real)
    return f"{real} {status.st_size} {status.st_mtime_ns}"


def _found(place: Path, key: str) -> Path | None:
    """The library that was built before; what has not the bytes of its name is removed."""
    for path in sorted(place.glob(f"{key}-*.so")):
        with contextlib.suppress(OSError):
            if is_own(path) and path.stem == f"{key}-{digest(path.read_bytes())}":
                return path
            path.unlink()
    return None


def _built(place: Path, key: str, source: str, command: list[str]) -> Path:
    """The library, written to its place whole."""
    try:
        with tempfile.TemporaryDirectory() as temporary:
            made = Path(temporary, "row.so")
            arguments = [*FLAGS, "-x", "c", "-", "-o", str(made), "-lm"]
            done = subprocess.run([*command, *arguments], input=source.encode(), capture_output=True)
            if done.returncode:
                raise NoLibraryError(f"{command[0]} failed: {done.stderr.decode('utf-8', 'replace').strip():.500}")
            content = made.read_bytes()
        path = write(place / f"{key}-{digest(content)}.so", content)
        path.chmod(0o700)
        return path
    except OSError as error:
        raise NoLibraryError(f"it cannot be built in {str(place)!r}: {error}") from None
