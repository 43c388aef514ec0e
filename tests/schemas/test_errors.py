"""Errors cross process borders, so every one must survive pickling."""

import pickle

import pytest

from schemas import errors
from schemas.reasons import Reason

CLASSES = [value for value in vars(errors).values() if isinstance(value, type)]
ERRORS = [value for value in CLASSES if issubclass(value, Exception)]


@pytest.mark.parametrize("error_class", ERRORS)
def test_errors_survive_pickling(error_class: type[Exception]) -> None:
    error = error_class(Reason.BINARY, "detail")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is error_class
    assert copy.args == error.args


def test_errors_refine_the_standard_ones() -> None:
    assert issubclass(errors.ConfigError, ValueError)
    assert issubclass(errors.InputError, FileNotFoundError)
    assert not issubclass(errors.RowError, errors.KatydidError)


def test_row_error_carries_reason_and_detail() -> None:
    error = errors.RowError(Reason.TOO_LARGE, "12 > 10")
    assert (error.reason, error.detail) == (Reason.TOO_LARGE, "12 > 10")
    assert errors.RowError(Reason.BOT).detail == ""
