"""The index of GH Archive: hours in, pull requests out, and all that can be wrong with an hour."""

import random
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
    event,
    facts,
    index,
    merged,
    pull,
    pull_event,
    write_hour,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.github.event_facts import facts_of_events
from pipelines.github.gharchive import indexed_numbers, known_from_index, read_indexed_facts
from schemas.errors import InputError


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["full", "cut"]))
def test_how_events_lie_in_hours_does_not_matter(chance: random.Random, shape: str) -> None:
    events = [one for number in (1, 2) for one in course(number, shape=shape)]
    others = [event("PushEvent", {}, 1), pull_event("opened", pull(9), 2, repo="x/y", repo_id=3)]
    hours: dict[str, list[dict[str, Any]]] = {name: [] for name in HOURS}
    for one in [*events, *others, *chance.choices(events, k=4)]:
        hours[chance.choice(HOURS)].append(one)
    with tempfile.TemporaryDirectory() as name:
        for hour, content in hours.items():
            write_hour(Path(name) / "hours", hour, content)
        summary = index(Path(name))
        assert (summary.num_events, summary.num_pull_requests) == (10, 2)
        assert summary.left_out == {"repeated_events": 4}
        assert indexed_numbers(str(Path(name) / "archive"), REPO) == [1, 2]
        for number in (1, 2):
            mine = [one for one in events if "pull_request" in str(one) and _is_of(one, number)]
            assert facts(Path(name), number) == facts_of_events(mine)


def _is_of(one: dict[str, Any], number: int) -> bool:
    payload = one["payload"]
    return bool((payload.get("issue") or payload["pull_request"])["number"] == number)


def test_the_same_hours_give_the_same_bytes_and_are_read_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_hour(tmp_path / name / "hours", HOURS[0], course(1))
        write_hour(tmp_path / name / "hours", HOURS[1], course(2))
        assert index(tmp_path / name).num_read == 2
    files = [sorted((tmp_path / name / "archive").rglob("*.parquet")) for name in ("one", "two")]
    assert [file.name for file in files[0]] == ["2024-03-01-05.parquet", "2024-03-01-06.parquet"]
    assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]]
    again = index(tmp_path / "one")
    assert (again.num_read, again.num_hours, again.num_events) == (0, 2, 10)


def test_another_repository_keeps_those_indexed_before(tmp_path: Path) -> None:
    write_hour(tmp_path / "hours", HOURS[0], [*course(1), *elsewhere(5)])
    index(tmp_path)
    assert indexed_numbers(str(tmp_path / "archive"), "x/y") == []
    assert index(tmp_path, ("x/y",)).num_read == 1
    for repo, numbers in ((REPO, [1]), ("x/y", [5])):
        assert indexed_numbers(str(tmp_path / "archive"), repo) == numbers
    assert index(tmp_path).num_read == 0


def test_without_names_every_repository_is_indexed(tmp_path: Path) -> None:
    write_hour(tmp_path / "hours", HOURS[0], [*course(1), *elsewhere(5)])
    assert index(tmp_path, ()).num_events == 6
    assert indexed_numbers(str(tmp_path / "archive"), "x/y") == [5]
    assert index(tmp_path, (REPO,)).num_read == 0


def test_names_are_told_apart_by_number_not_by_case(tmp_path: Path) -> None:
    loud = pull_event("opened", pull(2), 1, repo=REPO.upper())
    write_hour(tmp_path / "hours", HOURS[0], [*course(1), loud])
    summary = index(tmp_path, ("Acme/Shop",))
    assert summary.other_names == {"Acme/Shop": (REPO.upper(), REPO)}
    assert indexed_numbers(str(tmp_path / "archive"), "aCMe/sHOP") == [1, 2]


@pytest.mark.parametrize("hours", [HOURS[:2], [HOURS[0], HOURS[0]]])
def test_a_renamed_repository_is_followed_back(tmp_path: Path, hours: list[str]) -> None:
    before = [pull_event("opened", pull(1), 1, repo="acme/store")]
    after = [pull_event("opened", pull(2), 70)]
    if hours[0] == hours[1]:
        write_hour(tmp_path / "hours", hours[0], [*before, *after])
    else:
        write_hour(tmp_path / "hours", hours[0], before)
        write_hour(tmp_path / "hours", hours[1], after)
    summary = index(tmp_path)
    assert summary.other_names == {REPO: ("acme/store",)}
    assert (summary.num_pull_requests, summary.searched_by_name) == (2, 0)
    assert indexed_numbers(str(tmp_path / "archive"), REPO) == [1, 2]
    # The earlier name leads to the same repository.
    assert indexed_numbers(str(tmp_path / "archive"), "acme/store") == [1, 2]


def test_hours_that_were_not_searched_for_an_earlier_name_are_reported(tmp_path: Path) -> None:
    write_hour(tmp_path / "hours", HOURS[0], [pull_event("opened", pull(1), 1, repo="acme/store")])
    assert index(tmp_path).searched_by_name == 0
    write_hour(tmp_path / "hours", HOURS[1], [pull_event("opened", pull(2), 70)])
    assert index(tmp_path).searched_by_name == 1


def test_a_name_that_passed_to_another_repository_means_the_latest(tmp_path: Path) -> None:
    write_hour(tmp_path / "hours", HOURS[0], [pull_event("opened", pull(1, title="Old"), 1)])
    fresh = [pull_event("opened", pull(1, title="New"), 70, repo_id=99)]
    write_hour(tmp_path / "hours", HOURS[1], fresh)
    assert index(tmp_path).name_bearers == {REPO: (7, 99)}
    assert facts(tmp_path, 1).title == "New"


def test_events_of_before_2015_belong_to_the_repository(tmp_path: Path) -> None:
    old = pull_event("closed", merged(1, 50), 50, shape="timeline")
    del old["repository"]["id"]
    write_hour(tmp_path / "hours", "2013-03-01-5", [old])
    write_hour(tmp_path / "hours", HOURS[0], [comment_event(1, 5, "late", 60)])
    index(tmp_path)
    assert facts(tmp_path, 1).state == "merged"
    assert len(facts(tmp_path, 1).events) == 1


def test_sources_change_only_with_the_events_of_their_pull_request(tmp_path: Path) -> None:
    archive = str(tmp_path / "archive")
    write_hour(tmp_path / "hours", HOURS[0], [*course(1), *course(2)[:2]])
    index(tmp_path)
    before = known_from_index(archive, REPO)
    write_hour(tmp_path / "hours", HOURS[0], [*course(1), *course(2)])
    index(tmp_path)
    after = known_from_index(archive, REPO)
    assert before[1] == after[1]
    assert before[2].sources != after[2].sources
    assert all(source.startswith("gharchive:") for source in after[2].sources)
    read_indexed_facts(archive, before[1].sources, 1)
    with pytest.raises(InputError, match="no longer holds"):
        read_indexed_facts(archive, before[2].sources, 2)


def test_a_corrupt_index_is_named(tmp_path: Path) -> None:
    write_hour(tmp_path / "hours", HOURS[0], course(1))
    index(tmp_path)
    (file,) = (tmp_path / "archive").rglob("*.parquet")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match=r"2024-03-01-05\.parquet.*delete it"):
        known_from_index(str(tmp_path / "archive"), REPO)
    with pytest.raises(InputError, match=r"2024-03-01-05\.parquet.*delete it"):
        index(tmp_path)


def test_an_archive_without_index_knows_nothing(tmp_path: Path) -> None:
    assert known_from_index(str(tmp_path), REPO) == {}
