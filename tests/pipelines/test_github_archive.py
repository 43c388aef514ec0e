"""The archive and its journal: whole or not there, and honest about what happened to it."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.github.archive import ResponseArchive
from pipelines.github.journal import JOURNAL, Journal, read_journal
from pipelines.github.read import known_pull_requests, read_facts
from schemas.errors import ConfigError, InputError, StageError

REPO = "acme/shop"
PULL: dict[str, Any] = {
    "pull": 1,
    "state": "merged",
    "base": None,
    "head": None,
    "merge": None,
    "updated": "2024-05-01T12:00:00+00:00",
    "sources": ["pull:" + "a" * 64],
}


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@settings(deadline=None, max_examples=50)
@given(data=st.binary(max_size=2000))
def test_what_is_put_is_got(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    archive = ResponseArchive(str(tmp_path_factory.mktemp("archive")))
    assert archive.get(archive.put(data)) == data
    assert archive.put(data) == archive.put(data)
    assert len(files_of(archive.folder)) == 1


def test_answers_are_compressed(tmp_path: Path) -> None:
    ResponseArchive(str(tmp_path)).put(b"the same again " * 10_000)
    assert files_of(tmp_path)[0].stat().st_size < 1000


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other"])
def test_a_damaged_answer_is_told_with_what_to_type(tmp_path: Path, damage: str) -> None:
    archive = ResponseArchive(str(tmp_path))
    address, other = archive.put(b"one answer" * 50), archive.put(b"another answer")
    path, other_path = (next(tmp_path.rglob(f"{name}.zst")) for name in (address, other))
    data = path.read_bytes()
    path.write_bytes(
        {
            "flip": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
            "cut": data[: len(data) // 2],
            "empty": b"",
            "other": other_path.read_bytes(),
        }[damage]
    )
    with pytest.raises(InputError, match="katydid hydrate"):
        archive.get(address)


def test_an_absent_answer_is_told_with_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is missing; .*katydid hydrate"):
        ResponseArchive(str(tmp_path)).get("0" * 64)


def test_an_address_leads_nowhere_else(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no address"):
        ResponseArchive(str(tmp_path)).get("../../etc/passwd")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = ResponseArchive(str(tmp_path))
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    name = archive.put(b"x")
    for path in files_of(tmp_path):
        path.unlink()
    (scratch / f"{name}.{os.getpid()}").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        archive.put(b"x")
    assert [*files_of(tmp_path), *scratch.iterdir()] == []


@pytest.mark.parametrize("repo", ["shop", "../shop", "acme/..", "a/b/c", "acme/sh op", "/shop", ""])
def test_a_name_leads_nowhere_else(tmp_path: Path, repo: str) -> None:
    with pytest.raises(ConfigError, match="owner/name"):
        Journal(str(tmp_path), repo)
    assert known_pull_requests(str(tmp_path), repo) == {}


def test_upper_and_lower_case_are_one_repository(tmp_path: Path) -> None:
    with Journal(str(tmp_path), "Acme/Shop") as journal:
        journal.known(PULL)
    assert list(known_pull_requests(str(tmp_path), "acme/shop")) == [1]


def test_a_journal_has_one_writer(tmp_path: Path) -> None:
    with Journal(str(tmp_path), REPO), pytest.raises(StageError, match="wait for its end"):
        Journal(str(tmp_path), REPO).__enter__()
    with Journal(str(tmp_path), REPO):
        pass


@settings(deadline=None, max_examples=50)
@given(cut=st.integers(0, 400))
def test_a_torn_last_line_is_cut_off_and_written_again(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = str(tmp_path_factory.mktemp("archive"))
    with Journal(folder, REPO) as journal:
        journal.known(PULL)
        journal.request("GET /x", status=200, address="a" * 64)
        journal.step("rest", "/next", known=[PULL | {"pull": 2}])
    path = Path(folder) / "repositories" / REPO / JOURNAL
    whole = path.read_bytes()
    path.write_bytes(whole[: max(0, len(whole) - cut)])
    num_lines = path.read_bytes().count(b"\n")
    state = read_journal(folder, REPO)
    assert sorted(state.known) == [[], [1], [1], [1, 2]][num_lines]
    assert list(state.pending) == (["GET /x"] if num_lines == 2 else [])
    with Journal(folder, REPO) as journal:
        journal.step("rest", "/next", known=[PULL | {"pull": 3}])
    assert path.read_bytes().count(b"\n") == num_lines + 1
    assert 3 in read_journal(folder, REPO).known


def test_a_corrupt_line_in_between_is_told_by_its_number(tmp_path: Path) -> None:
    with Journal(str(tmp_path), REPO) as journal:
        journal.known(PULL)
    path = tmp_path / "repositories" / REPO / JOURNAL
    path.write_bytes(path.read_bytes() + b"{}\n" + path.read_bytes())
    with pytest.raises(InputError, match=r"journal\.jsonl:2: .* type: katydid hydrate"):
        read_journal(str(tmp_path), REPO)


def test_older_news_does_not_replace_newer(tmp_path: Path) -> None:
    with Journal(str(tmp_path), REPO) as journal:
        journal.known(PULL | {"updated": "2024-05-02T00:00:00+00:00", "state": "merged"})
        journal.known(PULL | {"state": "unmerged"})
    assert known_pull_requests(str(tmp_path), REPO)[1].state == "merged"


def test_a_folder_that_is_no_archive_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="katydid hydrate"):
        known_pull_requests(str(tmp_path / "absent"), REPO)


def test_sources_that_do_not_hold_the_pull_request_say_so(tmp_path: Path) -> None:
    address = ResponseArchive(str(tmp_path)).put(b'{"number": 2}')
    with pytest.raises(InputError, match="do not hold it"):
        read_facts(str(tmp_path), (f"pull:{address}",), 1)
