"""Hours of GH Archive: what is read of them, and all that can be wrong with one."""

import gzip
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from gharchive_rows import (
    HOURS,
    REPO,
    comment_event,
    course,
    elsewhere,
    facts,
    index,
    lines,
    merged,
    pull,
    pull_event,
    review_event,
    write_hour,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.github.gharchive import indexed_numbers
from pipelines.github.gharchive_hours import MAX_LINE_BYTES, expand_hours
from pipelines.github.gharchive_index import index_hours
from schemas.errors import ConfigError


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 0.999])
def test_a_truncated_hour_keeps_what_it_holds_until_it_is_replaced(
    tmp_path: Path, kept: float
) -> None:
    events = [pull_event("opened", pull(number), number / 9) for number in range(1, 400)]
    path = write_hour(tmp_path / "hours", HOURS[0], events)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    summary = index(tmp_path)
    assert summary.damaged == (path.name,)
    numbers = indexed_numbers(str(tmp_path / "archive"), REPO)
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 399 * kept * 0.8 - 5
    assert index(tmp_path).num_read == 0
    path.write_bytes(whole)
    assert (index(tmp_path).num_read, index(tmp_path).damaged) == (1, ())
    assert len(indexed_numbers(str(tmp_path / "archive"), REPO)) == 399


def test_a_corrupt_hour_is_read_again_though_its_size_is_the_same(tmp_path: Path) -> None:
    path = write_hour(tmp_path / "hours", HOURS[0], course(1))
    whole = path.read_bytes()
    path.write_bytes(whole[:-6] + b"\0\0" + whole[-4:])
    assert index(tmp_path).damaged == (path.name,)
    path.write_bytes(whole)
    assert (index(tmp_path).num_read, index(tmp_path).damaged) == (1, ())


def test_lines_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    nameless = pull_event("opened", pull(2), 1)
    del nameless["repo"]
    numberless = pull_event("opened", pull(3), 1)
    del numberless["payload"]["number"], numberless["payload"]["pull_request"]["number"]
    (first, *_) = course(1)
    deep = b'{"type":"PullRequestEvent","payload":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    number = b'{"type":"PullRequestEvent","payload":' + b"1" * 9_999 + b"}\n"
    content = [
        lines([first, nameless, numberless, first]),
        b"not json\n\n\r\n",
        b'{"type":"PullRequestEvent",}\n',
        b'{"type":"PullRequestEvent","a":"\xff"}\n',
        deep,
        number,
        b"{" + b"x" * (MAX_LINE_BYTES + 5) + b"}\n",
        lines([comment_event(1, 5, "last", 9)])[:-1],
    ]
    write_hour(tmp_path / "hours", HOURS[0], b"".join(content))
    summary = index(tmp_path)
    assert summary.left_out == {
        "broken_lines": 5,
        "long_lines": 1,
        "events_without_fields": 2,
        "repeated_events": 1,
    }
    assert (summary.num_events, summary.damaged) == (2, ())


JUNK = st.sampled_from([None, True, -1, 2**70, 1.5, "", "x", "/", "\ud800", [], {}, [{}], {"a": 1}])


@settings(deadline=None)
@given(st.data())
def test_an_hour_may_hold_anything(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(["full", "cut", "timeline"]))
    one = pull_event("closed", merged(1, 5), 5, shape=shape)
    inner: Any = one
    for _ in range(data.draw(st.integers(0, 2))):
        inner = inner[data.draw(st.sampled_from([key for key in inner if _is_full(inner[key])]))]
        if not any(_is_full(value) for value in inner.values()):
            break
    inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(JUNK)
    with tempfile.TemporaryDirectory() as name:
        write_hour(Path(name) / "hours", HOURS[0], [one, *course(2)])
        assert index(Path(name)).num_pull_requests in (1, 2)
        for number in indexed_numbers(str(Path(name) / "archive"), REPO):
            assert facts(Path(name), number).number == number


def _is_full(value: Any) -> bool:
    return isinstance(value, dict) and bool(value)


def test_text_that_utf8_cannot_hold(tmp_path: Path) -> None:
    line = lines([pull_event("opened", pull(1, title="half TITLE"), 1)])
    write_hour(tmp_path / "hours", HOURS[0], line.replace(b"TITLE", b"\\ud83d"))
    index(tmp_path)
    assert facts(tmp_path, 1).title == "half �"


def test_members_one_after_the_other_and_other_spacing(tmp_path: Path) -> None:
    path = write_hour(tmp_path / "hours", HOURS[0], course(1))
    spaced = json.dumps(course(2)[0], indent=None, sort_keys=True).encode() + b"\n"
    path.write_bytes(path.read_bytes() + gzip.compress(spaced) + b"\0" * 512)
    assert index(tmp_path).damaged == ()
    assert indexed_numbers(str(tmp_path / "archive"), REPO) == [1, 2]


def test_what_is_said_names_files_and_counts_but_no_person(tmp_path: Path) -> None:
    review = review_event(pull(1, user=_canary()), 4, "approved", 5, actor="canary")
    path = write_hour(tmp_path / "hours", HOURS[0], [review, *elsewhere(5)])
    path.write_bytes(path.read_bytes()[:-4])
    said: list[str] = []
    index_hours([path], str(tmp_path / "archive"), (REPO,), said.append)
    assert said == [
        "2024-03-01-5.json.gz: 1 of 2 events; it ends in the middle of its compressed data, "
        "what comes after is lost",
        "GH Archive: 1 hours, 1 of them read now; 1 events of 1 pull requests",
        "2024-03-01-5.json.gz: damaged; fetch it again",
    ]


def _canary() -> dict[str, Any]:
    """A person who must not be named."""
    return {"login": "canary", "type": "User", "email": "canary@example.com"}


def test_hours_are_found_and_sorted_by_time(tmp_path: Path) -> None:
    for name in HOURS:
        write_hour(tmp_path / "deep" / "er", name, [])
    (tmp_path / "deep" / "notes.json.gz").write_bytes(b"")
    first = str(tmp_path / "deep" / "er" / f"{HOURS[0]}.json.gz")
    found = expand_hours((str(tmp_path), first))
    assert [path.name for path in found] == [f"{name}.json.gz" for name in HOURS]


def test_what_is_no_hour_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x.json.gz").write_bytes(b"")
    twice = [str(write_hour(tmp_path, name, [])) for name in (HOURS[0], "2024-03-01-05")]
    for names, message in (
        ((str(tmp_path / "none"),), "no file or folder"),
        ((str(tmp_path / "empty"),), r"no YYYY-MM-DD-H\.json\.gz below"),
        ((str(tmp_path / "x.json.gz"),), "is not called"),
        (tuple(twice), "are the same hour"),
    ):
        with pytest.raises(ConfigError, match=message):
            expand_hours(names)
