"""The real libraries, which `run.py test peers` installs, and their numbers in the order of ours."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

collect_ignore = ["of_torch.py", "record.py"]  # they import PyTorch, and have no tests


@pytest.fixture(scope="session")
def torch() -> Any:
    return importlib.import_module("torch")
