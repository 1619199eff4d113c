"""The kernels of the table, compiled once for all files that call them."""

from __future__ import annotations

import pytest
from kernels import Kernels, compiler


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    """The rows of the table, as autograd/native/kernels.h has them."""
    return Kernels([], tmp_path_factory.mktemp("kernels"), compiler())
