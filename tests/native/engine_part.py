"""The part of the suite that tests the engine, on the package that is installed: `python tests/native/engine_part.py [options]`.

It needs the folder `tests`, `conftest.py` and `setup.cfg` alone, and takes pytest's options. Wheels, sanitizers and other versions
of Python are tested by it; it refuses to run on the pure engine.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
PART = [
    "native/test_native.py",
    "native/test_processes.py",
    "nn/test_trails.py",
    "test_arrays.py",
    "test_beside.py",
    "test_chains.py",
    "test_comparisons.py",
    "test_contexts.py",
    "test_copying.py",
    "test_fuzz.py",
    "test_graph.py",
    "test_interrupts.py",
    "test_kinks.py",
    "test_modes.py",
    "test_number_types.py",
    "test_operators.py",
    "test_ops.py",
    "test_properties.py",
    "test_sequences.py",
    "test_state_machine.py",
    "test_value.py",
    "transforms",
]


def main(options: list[str]) -> int:
    """Run the part; the result is pytest's exit code."""
    import pytest

    import autograd

    print(autograd.__file__, autograd.engine_info(), flush=True)
    if autograd.engine_info()["engine"] != "native":
        return 1
    if os.sep not in os.environ.get("AUTOGRAD_NATIVE", ""):  # tests/native takes this one, and compiles none
        os.environ["AUTOGRAD_NATIVE"] = str(sys.modules["autograd.native._node"].__file__)
    return int(pytest.main(["-p", "no:cacheprovider", "-m", "fast", *options, *(str(TESTS / name) for name in PART)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
