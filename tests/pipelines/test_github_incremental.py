"""Runs of `hydrate` after the first: nothing that changed is missed, nothing is asked in vain."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fake_pulls
import pytest
from fake_pulls import EPOCH, REPO, Comment, Pull
from fault_server import FaultServer
from faults import Asked, Fault, at_request, graphql_error, when
from github_rows import everything, long_pull, many_pulls
from hydrating import hydrate_once
from rows import PULL_REQUEST

from pipelines.github.read import known_pull_requests
from pipelines.github.repository import read_repository
from pipelines.mine.join import join_row
from schemas.errors import ConfigError, StageError

APIS = ("graphql", "rest")
COUNT = 12


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer({REPO: many_pulls(COUNT)}) as server:
        yield server


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one")


def write_hour(path: Path, number: int, action: str, at: int) -> str:
    """An hour of GH Archive with one event, `at` seconds after EPOCH."""
    event = {
        "id": str(at),
        "type": "PullRequestEvent",
        "actor": {"login": "mona"},
        "repo": {"id": 1, "name": REPO},
        "payload": {"action": action, "number": number, "pull_request": {"number": number}},
        "created_at": fake_pulls.at(at),
    }
    path.write_bytes(gzip.compress(json.dumps(event).encode()))
    return str(path)


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("action", ["merged", "closed", "reopened", "edited"])
def test_an_event_after_the_last_answer_asks_again_and_once(
    server: FaultServer, tmp_path: Path, api: str, action: str
) -> None:
    archive = tmp_path / "archive"
    hours = [write_hour(tmp_path / "2024-05-01-12.json.gz", 5, "opened", 50)]
    hydrate_once(server, archive, api=api, gharchive=tuple(hours))
    # GitHub may write down the change of a pull request a second before its event.
    server.repos[REPO][4] = replace(server.repos[REPO][4], title="Edited", updated=89_999)
    hours.append(write_hour(tmp_path / "2024-05-02-13.json.gz", 5, action, 90_000))
    assert hydrate_once(server, archive, api=api, gharchive=tuple(hours)).num_changed == 1
    assert everything(archive)[5].title == "Edited"
    assert hydrate_once(server, archive, api=api, gharchive=tuple(hours)).num_requests == 0


@pytest.mark.parametrize("api", APIS)
def test_a_merge_that_only_an_event_tells_outweighs_an_older_answer(
    server: FaultServer, tmp_path: Path, api: str
) -> None:
    server.repos[REPO] = [Pull(number=5, updated=10, state="OPEN")]
    archive = tmp_path / "archive"
    hydrate_once(server, archive, api=api)
    before = known_pull_requests(str(archive), REPO)[5]
    hour = write_hour(tmp_path / "2024-05-02-13.json.gz", 5, "merged", 90_000)
    hydrate_once(server, archive, api="none", gharchive=(hour,))
    after = known_pull_requests(str(archive), REPO)[5]
    assert (before.state, after.state) == ("unmerged", "merged")
    row = join_row(PULL_REQUEST, everything(archive)[5])
    sources = {one.field: one.source for one in row.provenance}
    assert (row.title, sources["title"], sources["state"]) == (
        "Round prices",
        "github",
        "gharchive",
    )


@pytest.mark.parametrize("api", APIS)
def test_an_event_between_a_kill_and_the_next_run_is_not_lost(
    server: FaultServer, tmp_path: Path, api: str
) -> None:
    archive, pull = tmp_path / "archive", long_pull(5)
    server.repos[REPO] = [pull]
    hours = [write_hour(tmp_path / "2024-05-01-12.json.gz", 5, "opened", 50)]
    server.plan = at_request(1, fault=Fault(how="drop"))
    with pytest.raises(StageError):
        hydrate_once(server, archive, api=api, gharchive=tuple(hours), max_attempts=1)
    server.repos[REPO] = [replace(pull, title="Edited", updated=90_000)]
    hours.append(write_hour(tmp_path / "2024-05-02-13.json.gz", 5, "closed", 90_000))
    for _ in range(2):
        hydrate_once(server, archive, api=api, gharchive=tuple(hours))
    assert everything(archive)[5].title == "Edited"
    assert hydrate_once(server, archive, api=api, gharchive=tuple(hours)).num_requests == 0


@pytest.mark.parametrize("api", APIS)
def test_one_that_was_not_shown_is_asked_for_when_it_is_heard_of_again(
    server: FaultServer, tmp_path: Path, api: str
) -> None:
    archive = tmp_path / "archive"
    hours = [write_hour(tmp_path / "2024-05-01-12.json.gz", 77, "opened", 50)]
    hydrate_once(server, archive, api=api, gharchive=tuple(hours))
    assert everything(archive)[77].source == "gharchive"
    server.repos[REPO].append(Pull(number=77, updated=90_000))
    assert hydrate_once(server, archive, api=api, gharchive=tuple(hours)).num_requests == 0
    hours.append(write_hour(tmp_path / "2024-05-02-13.json.gz", 77, "reopened", 90_000))
    assert hydrate_once(server, archive, api=api, gharchive=tuple(hours)).skipped == {}
    assert everything(archive)[77].source == "github"


@pytest.mark.parametrize("api", APIS)
def test_a_repository_may_have_more_pages_than_a_list(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    monkeypatch.setattr("pipelines.github.session.MAX_PAGES", 2)
    server.issues = tuple(range(500, 800))
    done = hydrate_once(server, tmp_path, api=api, page_size=1)
    assert (done.num_pull_requests, done.outcome) == (COUNT, "done")


@pytest.mark.parametrize("api", APIS)
def test_a_comment_after_a_full_page_is_had(server: FaultServer, tmp_path: Path, api: str) -> None:
    full = tuple(Comment(number=1000 + index, at=index) for index in range(100))
    pull = Pull(number=1, updated=10, comments=full)
    server.repos[REPO] = [pull]
    hydrate_once(server, tmp_path, api=api)
    late = Comment(number=2000, at=4999, body="Late.")
    server.repos[REPO] = [replace(pull, updated=5000, comments=(*full, late))]
    hydrate_once(server, tmp_path, api=api)
    texts = [event.text for event in everything(tmp_path)[1].events or ()]
    assert (len(texts), texts[-1]) == (101, "Late.")


def test_more_than_a_page_in_the_second_of_the_last_answer_is_not_lost(
    server: FaultServer, tmp_path: Path
) -> None:
    first = Pull(number=3, updated=10)
    server.repos[REPO] = [first, *(Pull(number=n, updated=500) for n in (5, 6, 7, 8))]
    server.clock.now_s = EPOCH.timestamp() + 500
    hydrate_once(server, tmp_path, page_size=1)
    server.repos[REPO][0] = replace(first, title="Late", updated=500)
    server.clock.now_s += 1000
    hydrate_once(server, tmp_path, page_size=1)
    assert everything(tmp_path)[3].title == "Late"
    assert hydrate_once(server, tmp_path, page_size=1).num_changed == 0


def test_pages_of_one_second_that_move_between_two_runs_are_read_to_their_end(
    server: FaultServer, tmp_path: Path
) -> None:
    pulls = [Pull(number=number, updated=500) for number in (1, 9150, 9151)]
    server.repos[REPO], server.issues = pulls, (500,) * 300
    server.plan = when("/pulls/9150", Fault(how="drop"))
    with pytest.raises(StageError):
        hydrate_once(server, tmp_path, api="rest", max_attempts=1)
    # The first page's worth changes: what was on the third one moves to the second.
    server.plan, server.issues = lambda asked: None, (*(9000,) * 150, *(500,) * 150)
    assert hydrate_once(server, tmp_path, api="rest").num_pull_requests == 3
    assert hydrate_once(server, tmp_path, api="rest").num_changed == 0


@pytest.mark.parametrize("date", ["-0000", "", "soon"])
def test_a_server_whose_clock_says_little_is_read(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    said = f"Mon, 13 May 2024 01:46:40 {date}" if date == "-0000" else date
    monkeypatch.setattr("fault_server.formatdate", lambda *_, **__: said)
    assert hydrate_once(server, tmp_path, page_size=5).num_pull_requests == COUNT
    assert hydrate_once(server, tmp_path, page_size=5).num_requests == 1


def test_the_repository_is_told_though_its_latest_came_over_rest(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = server.graphql

    def with_stars(name: str, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        answer = told(name, text, variables)
        answer["data"]["repository"]["stargazerCount"] = 99
        return answer

    def too_heavy(asked: Asked) -> Fault | None:
        if asked.path != "PullRequests":
            return None
        before = int((asked.variables["after"] or "0 0").split()[1])
        is_in_it = before < COUNT <= before + asked.variables["size"]
        return graphql_error(None, "Something went wrong.") if is_in_it else None

    monkeypatch.setattr(server, "graphql", with_stars)
    server.plan = too_heavy
    hydrate_once(server, tmp_path, page_size=4)
    assert everything(tmp_path)[COUNT].linked_issues is None, "or else it did not come over REST"
    assert read_repository(str(tmp_path), REPO).stars == 99


def test_two_servers_do_not_share_an_archive(server: FaultServer, tmp_path: Path) -> None:
    hydrate_once(server, tmp_path)
    before = everything(tmp_path)
    with FaultServer({REPO: many_pulls(20)}) as other:
        with pytest.raises(ConfigError, match=r"set mine\.github_archive to another folder"):
            hydrate_once(other, tmp_path)
        assert other.asked == []
    assert everything(tmp_path) == before
    assert hydrate_once(server, tmp_path).num_changed == 0


@pytest.mark.parametrize("api", APIS)
@pytest.mark.parametrize("secret", ["ghp_one\nghp_two", "ghp_one\u2026", "ghp one"])
def test_what_no_token_is_is_told_and_never_shown(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, api: str, secret: str
) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", f"secret-one,{secret}")
    with pytest.raises(ConfigError, match="token 2 of GITHUB_TOKENS") as caught:
        hydrate_once(server, tmp_path, api=api)
    assert "ghp" not in str(caught.value)
    assert server.asked == []


@pytest.mark.parametrize("value", ["900000000000", "Fri, 31 Dec 9999 23:59:59 GMT", "1e400"])
@pytest.mark.parametrize("api", APIS)
def test_a_wait_beyond_all_calendars_is_none(
    server: FaultServer, tmp_path: Path, api: str, value: str
) -> None:
    fault = Fault(status=429, headers={"Retry-After": value}, document={"message": "wait"})
    server.plan = at_request(0, fault=fault)
    assert hydrate_once(server, tmp_path, api=api).num_pull_requests == COUNT
    assert server.clock.waits == [60.0]


def test_a_limited_query_leaves_the_work_to_another_token(
    server: FaultServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one,secret-two")
    reset = str(int(server.clock.now()) + 600)
    limits = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset}
    error = graphql_error("RATE_LIMITED", "API rate limit exceeded")
    server.plan = at_request(0, fault=replace(error, headers=limits))
    hydrate_once(server, tmp_path)
    used = [asked.headers["authorization"].split()[-1] for asked in server.asked]
    assert (used, server.clock.waits) == (["secret-one", "secret-two"], [])
