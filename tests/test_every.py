"""A test of many cases tries them all, and names those that fail."""

from __future__ import annotations

from typing import Any

import pytest
from every import every


def failures_of(test: Any, *arguments: Any) -> BaseExceptionGroup[BaseException]:
    with pytest.raises(BaseExceptionGroup) as caught:
        test(*arguments)
    return caught.value


def test_all_cases_are_tried_and_every_failure_is_named() -> None:
    tried = []

    @every("i", range(5))
    def of_all(i: int) -> None:
        tried.append(i)
        assert i % 2 == 0

    group = failures_of(of_all)
    assert tried == [0, 1, 2, 3, 4]
    assert group.message == "2 of 5 cases of i fail"
    assert [error.__notes__ for error in group.exceptions] == [["with i = 1"], ["with i = 3"]]


def test_an_error_that_is_not_raised_is_a_failure_of_its_case() -> None:
    @every("x", [1.0, 0.0], ids=lambda x: f"<{x}>")
    def divides(x: float) -> None:
        with pytest.raises(ZeroDivisionError):
            1 / x

    (error,) = failures_of(divides).exceptions
    assert "DID NOT RAISE" in str(error)
    assert error.__notes__ == ["with x = <1.0>"]


def test_a_case_cannot_be_skipped_and_cases_cannot_be_missing() -> None:
    with pytest.raises(AssertionError, match="cannot be skipped: i = 1"):
        every("i", [1])(lambda i: pytest.skip("no"))()
    with pytest.raises(AssertionError, match="no case of i"):
        every("i", [])


@pytest.mark.parametrize("a", [1, 2])
@every("b", [3, 4])
def test_the_other_arguments_are_pytests(a: int, b: int, tmp_path: Any) -> None:
    assert a < b
    assert tmp_path.is_dir()
