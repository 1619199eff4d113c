"""One test of many cases, which tries them all and reports each that fails: `@every` in place of `pytest.mark.parametrize`.

    @every("way", WAYS)
    @pytest.mark.parametrize("name", SECOND)
    def test_second_derivative(name, way): ...

is one test for each name. A test costs pytest some milliseconds, so what takes less is better a case than a test.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def every(
    name: str, cases: Iterable[Any], ids: Callable[[Any], str] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test once for each case, passed as the argument `name`; the failures are raised together, each with its case."""
    tried = list(cases)
    assert tried, f"no case of {name}"

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def check(*arguments: Any, **others: Any) -> None:
            failures: list[BaseException] = []
            for case in tried:
                try:
                    test(*arguments, **others, **{name: case})
                except pytest.skip.Exception:
                    raise AssertionError(f"a case cannot be skipped: {name} = {ids(case)}") from None
                except (Exception, pytest.fail.Exception) as error:
                    error.add_note(f"with {name} = {ids(case)}")
                    failures.append(error)
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(tried)} cases of {name} fail", failures)

        signature = inspect.signature(test)
        others = [parameter for parameter in signature.parameters.values() if parameter.name != name]
        check.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]  # what pytest has to supply
        return check

    return decorate
