"""The engine's part of the suite on a node in C that is watched: `python run.py sanitize [address] [valgrind] [pytest's options]`.

`address` compiles in AddressSanitizer and UndefinedBehaviorSanitizer, of GCC or Clang. `valgrind` runs programs of tests/native
with a plain build, fifty times as slowly. Without a choice, both run. A finding ends its process with a report, so that its test
fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILT = ROOT / "build" / "sanitize"
PLAIN = ["-g", "-O1", "-std=c11", "-ffp-contract=off", "-fno-omit-frame-pointer", "-shared", "-fPIC"]
CHECKS = ["-fsanitize=address,undefined,float-cast-overflow", "-fno-sanitize-recover=all"]
COMMON = {"PYTHONMALLOC": "malloc", "PYTHONPATH": str(ROOT)}  # each object is one block, so that a step past its end is seen


def compiled(name: str, flags: list[str]) -> str:
    """The path of the node, built with these flags; ends the program with the compiler's words if that fails."""
    BUILT.mkdir(parents=True, exist_ok=True)
    library, source = BUILT / f"{name}.so", ROOT / "autograd" / "native" / "node.c"
    headers = ["-I", sysconfig.get_paths()["include"]]
    subprocess.run([compiler(), *PLAIN, *flags, *headers, str(source), "-o", str(library), "-lm"], check=True)
    return str(library)


def compiler() -> str:
    found = shutil.which(os.environ.get("CC", "gcc")) or shutil.which("clang")
    if not found:
        raise SystemExit("sanitize: neither gcc nor clang was found")
    return found


def address(options: list[str]) -> int:
    """AddressSanitizer and UndefinedBehaviorSanitizer. Leaks are counted by the tests, node by node: Python's are many."""
    name = "libasan.so" if "gcc" in compiler() else "libclang_rt.asan-x86_64.so"
    runtime = subprocess.run([compiler(), f"-print-file-name={name}"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    settings = {"ASAN_OPTIONS": "detect_leaks=0", "UBSAN_OPTIONS": "print_stacktrace=1", "LD_PRELOAD": runtime}
    return suite(compiled("address", CHECKS), options, settings)


# Not under valgrind: what is long by its numbers, or asks which engine runs and whether there is a compiler. `address` has all.
TOO_LONG = ("million", "end", "thousand", "threads", "handler")
NOT_OF_NODES = ("says", "compiled_row_is_kept", "library", "processes_may", "cannot_be", "80_bytes")


def valgrind(options: list[str]) -> int:
    """Valgrind's memcheck, on programs that the tests of tests/native run with a plain build, with fewer points and graphs.

    Nothing is suppressed. Python 3.11 never sets the digit of an int that is 0, and copies it, so that from there on everything
    would be undefined: with it accesses alone are watched.
    """
    if not shutil.which("valgrind"):
        raise SystemExit("sanitize: valgrind was not found")
    watch = "valgrind --quiet --error-exitcode=99 --num-callers=30"
    if sys.version_info < (3, 12):
        print("sanitize: undefined values are found with Python 3.12 and newer alone", flush=True)
        watch += " --undef-value-errors=no"
    chosen = " and not ".join(["(test_native.py or test_processes.py)", *TOO_LONG, *NOT_OF_NODES])
    few = ["-k", chosen, "-o", "faulthandler_timeout=0", *options]
    return suite(compiled("plain", []), few, {"AUTOGRAD_WATCH": watch})


def suite(node: str, options: list[str], settings: dict[str, str]) -> int:
    environment = {**os.environ, **COMMON, **settings, "AUTOGRAD_NATIVE": node}
    return subprocess.run([sys.executable, str(HERE / "engine_part.py"), "-q", *options], cwd=ROOT, env=environment).returncode


def main(arguments: list[str]) -> int:
    """Run what is asked for; the result is the exit code of the last that failed."""
    ways = {"address": address, "valgrind": valgrind}
    chosen = [ways[name] for name in arguments if name in ways] or list(ways.values())
    options = [argument for argument in arguments if argument not in ways]
    return max(way(options) for way in chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
