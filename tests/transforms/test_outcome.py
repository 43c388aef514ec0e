"""No row is lost, whatever the function does."""

import pytest

from schemas.errors import ConfigError, RowError, StageError
from schemas.reasons import Reason
from schemas.tables import Rejected
from transforms.outcome import attempt


def row(number: int) -> Rejected:
    return Rejected(
        rejected_id=str(number),
        repo="acme/shop",
        source="git",
        license="MIT",
        stage="mine",
        table="source_files",
        row_id="x",
        reason="bot",
        detail="",
    )


def halve(value: Rejected) -> int:
    number = int(value.rejected_id)
    if number == 1:
        raise RowError(Reason.TOO_SHORT, "1 < 2")
    return 10 // number


def test_read_is_kept_plus_rejected() -> None:
    outcome = attempt([row(n) for n in range(4)], halve, stage="mix", table="rejected")
    assert outcome.kept == [5, 3]
    assert [(r.row_id, r.reason, r.detail) for r in outcome.rejected] == [
        ("0", "unexpected_error", "ZeroDivisionError"),
        ("1", "too_short", "1 < 2"),
    ]
    assert {(r.stage, r.table, r.repo, r.license) for r in outcome.rejected} == {
        ("mix", "rejected", "acme/shop", "MIT")
    }


def test_what_an_exception_says_is_not_kept() -> None:
    def leak(value: Rejected) -> None:
        raise ValueError("secret text of the row")

    (rejected,) = attempt([row(1)], leak, stage="mine", table="rejected").rejected
    assert rejected.detail == "ValueError"


def test_a_full_disk_is_no_fault_of_the_row() -> None:
    def fill(value: Rejected) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(StageError, match="No space left on device; mend that"):
        attempt([row(1)], fill, stage="synthesize", table="rejected")


def test_an_error_of_the_run_is_no_rejected_row() -> None:
    def stop(value: Rejected) -> None:
        raise ConfigError("no key file")

    with pytest.raises(ConfigError):
        attempt([row(1)], stop, stage="mine", table="rejected")
