"""What a test needs of the machine: without it the test is skipped, but in continuous integration it fails."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test, but in continuous integration fail it."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def program(name: str, package: str) -> str:
    """The path of a program, which a package of Debian holds."""
    return shutil.which(name) or unavailable(f"no {name} here: sudo apt install {package}")
