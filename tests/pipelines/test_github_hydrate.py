"""`hydrate` against a server that fails as it is told: what is in the archive in the end."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fake_pulls
import pytest
from fake_pulls import REPO, Comment, Pull
from fault_server import FaultServer
from faults import Fault, Plan, at_request, graphql_error, when
from github_rows import everything, long_pull, many_pulls
from hydrating import hydrate_once

from pipelines.github.facts import PullRequestFacts
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


def without_issues(facts: dict[int, PullRequestFacts]) -> dict[int, PullRequestFacts]:
    return {number: replace(fact, linked_issues=None) for number, fact in facts.items()}


def test_both_ways_bring_the_same_facts(server: FaultServer, tmp_path: Path) -> None:
    for api in APIS:
        done = hydrate_once(server, tmp_path / api, api=api, page_size=5)
        assert (done.num_pull_requests, done.num_changed, done.skipped) == (COUNT, COUNT, {})
    found = [without_issues(everything(tmp_path / api)) for api in APIS]
    assert found[0] == found[1]
    assert sorted(found[0]) == list(range(1, COUNT + 1))
    assert found[0][7].title == "Change 7"


@pytest.mark.parametrize("api", APIS)
def test_a_day_without_news_costs_one_request(
    server: FaultServer, tmp_path: Path, api: str
) -> None:
    hydrate_once(server, tmp_path, api=api, page_size=5)
    for _ in range(3):
        before = everything(tmp_path)
        done = hydrate_once(server, tmp_path, api=api, page_size=5)
        assert (done.num_requests, done.num_changed) == (1, 0)
        assert everything(tmp_path) == before


@pytest.mark.parametrize("api", APIS)
def test_a_day_costs_as_much_as_it_brings(server: FaultServer, tmp_path: Path, api: str) -> None:
    server.repos[REPO] = many_pulls(60)
    hydrate_once(server, tmp_path, api=api, page_size=5)
    changed = replace(server.repos[REPO][3], title="Changed", updated=2000)
    server.repos[REPO][3] = changed
    server.repos[REPO].append(Pull(number=61, updated=2010))
    done = hydrate_once(server, tmp_path, api=api, page_size=5)
    assert done.num_changed == 2
    assert done.num_requests == {"graphql": 1, "rest": 1 + 2 * 6}[api]
    facts = everything(tmp_path)
    assert (len(facts), facts[4].title) == (61, "Changed")


def test_a_304_is_the_archived_answer(server: FaultServer, tmp_path: Path) -> None:
    hydrate_once(server, tmp_path, api="rest")
    pull = replace(server.repos[REPO][0], updated=3000)
    server.repos[REPO][0] = replace(pull, comments=(*pull.comments, Comment(number=9, at=50)))
    done = hydrate_once(server, tmp_path, api="rest")
    # Changed: the pull request and its comments. As they were: reviews, lines, status, runs.
    assert (done.num_requests, done.num_unchanged) == (7, 4)
    assert [event.text for event in everything(tmp_path)[1].events or ()].count("Looks right.") == 2


@pytest.mark.parametrize("api", APIS)
def test_lists_of_many_pages_are_whole(tmp_path: Path, api: str) -> None:
    with FaultServer({REPO: [long_pull(1), *many_pulls(3)[1:]]}) as server:
        hydrate_once(server, tmp_path, api=api)
    facts = everything(tmp_path)[1]
    kinds = [event.kind for event in facts.events or ()]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "comment": 130,
        "review": 130,
        "review_comment": 130,
    }
    assert len(facts.labels or ()) == 130
    assert facts.linked_issues is None or len(facts.linked_issues) == 129


@pytest.mark.parametrize("api", APIS)
def test_accidents_on_the_way_change_nothing(server: FaultServer, tmp_path: Path, api: str) -> None:
    hydrate_once(server, tmp_path / "calm", api=api, page_size=5)
    faults = [
        Fault(status=500),
        Fault(how="drop"),
        Fault(how="truncate"),
        Fault(status=429, headers={"Retry-After": "7"}),
    ]
    server.forget()
    server.plan = lambda asked: faults[asked.index // 2 % 4] if asked.index % 2 == 0 else None
    hydrate_once(server, tmp_path / "rough", api=api, page_size=5)
    assert everything(tmp_path / "rough") == everything(tmp_path / "calm")
    assert set(server.answered.values()) == {1}


@pytest.mark.parametrize("api", APIS)
def test_stopped_at_any_request_and_resumed_nothing_is_asked_twice(
    tmp_path: Path, api: str
) -> None:
    pulls = [long_pull(1), *many_pulls(3)[1:]]
    with FaultServer({REPO: pulls}) as server:
        hydrate_once(server, tmp_path / "whole", api=api, page_size=2)
        whole, asked = everything(tmp_path / "whole"), dict(server.answered)
        for index in range(len(server.asked)):
            server.forget()
            server.plan = at_request(index, fault=Fault(how="drop"))
            folder = tmp_path / str(index)
            with pytest.raises(StageError, match="run the same command again"):
                hydrate_once(server, folder, api=api, page_size=2, max_attempts=1)
            done = hydrate_once(server, folder, api=api, page_size=2)
            assert everything(folder) == whole
            assert server.answered == asked
            assert done.outcome == "done"


def test_a_page_that_is_too_large_is_halved_and_grows_again(
    server: FaultServer, tmp_path: Path
) -> None:
    server.repos[REPO] = many_pulls(60)
    sizes: list[int] = []

    def plan_502(asked: object) -> Fault | None:
        size = asked.variables["size"]  # type: ignore[attr-defined]  # an Asked
        sizes.append(size)
        return Fault(status=502) if size > 8 and len(sizes) < 6 else None

    server.plan = plan_502
    done = hydrate_once(server, tmp_path, page_size=25)
    assert sizes == [25, 12, 6, 6, 6, 6, 6, 12, 12, 12]
    assert (done.num_pull_requests, done.skipped) == (60, {})


def test_a_pull_request_that_graphql_cannot_serve_is_asked_for_over_rest(
    server: FaultServer, tmp_path: Path
) -> None:
    hydrate_once(server, tmp_path / "calm", api="rest")

    def too_heavy(asked: object) -> Fault | None:
        variables = asked.variables  # type: ignore[attr-defined]  # an Asked
        is_page = getattr(asked, "path", "") == "PullRequests"
        before = int((variables.get("after") or "0 0").split()[1])
        is_in_it = is_page and before < 5 <= before + variables["size"]
        return graphql_error(None, "Something went wrong.") if is_in_it else None

    server.plan = too_heavy
    done = hydrate_once(server, tmp_path / "rough", page_size=4)
    assert done.num_pull_requests == COUNT
    assert list(done.skipped) == [
        "pull request asked for over REST: the server cannot answer so much"
    ]
    found = [without_issues(everything(tmp_path / name)) for name in ("rough", "calm")]
    assert found[0] == found[1]


def test_a_cursor_that_is_no_longer_known_starts_over(server: FaultServer, tmp_path: Path) -> None:
    hydrate_once(server, tmp_path, page_size=5)
    server.repos[REPO][2] = replace(server.repos[REPO][2], title="Changed", updated=5000)
    server.forget()
    fault = graphql_error("INVALID_CURSOR_ARGUMENTS", "does not appear to be a valid cursor.")
    server.plan = at_request(0, fault=fault)
    said: list[str] = []
    done = hydrate_once(server, tmp_path, said, page_size=5)
    assert said == [f"{REPO}: the cursor is not known; starting over"]
    assert (done.num_requests, done.num_replayed, done.num_changed) == (4, 0, 1)
    assert everything(tmp_path)[3].title == "Changed"


def test_what_changes_in_the_second_of_the_last_answer_is_not_lost(
    server: FaultServer, tmp_path: Path
) -> None:
    server.clock.now_s = fake_pulls.EPOCH.timestamp() + 10 * COUNT
    hydrate_once(server, tmp_path)
    late = replace(server.repos[REPO][0], title="Late", updated=10 * COUNT)
    server.repos[REPO][0] = late
    server.clock.now_s += 1000
    hydrate_once(server, tmp_path)
    assert everything(tmp_path)[1].title == "Late"
    assert hydrate_once(server, tmp_path).num_changed == 0


def test_more_changes_in_one_second_than_fit_on_a_page(tmp_path: Path) -> None:
    pulls = [Pull(number=number, updated=500) for number in (1, 9300)]
    with FaultServer({REPO: [*pulls, Pull(number=2, updated=900)]}) as server:
        server.issues = (500,) * 230
        done = hydrate_once(server, tmp_path, api="rest")
    assert (done.num_pull_requests, done.num_requests) == (3, 1 + 4 + 3 * 6)


@pytest.mark.parametrize(("status", "cause"), [(404, "404 not found"), (403, "403 forbidden")])
def test_one_that_is_not_shown_is_counted_and_the_others_are_had(
    server: FaultServer, tmp_path: Path, status: int, cause: str
) -> None:
    server.plan = when("/pulls/7", Fault(status=status, document={"message": "no"}))
    done = hydrate_once(server, tmp_path, api="rest")
    assert done.skipped == {f"pull request: {cause}": 1}
    assert sorted(everything(tmp_path)) == [n for n in range(1, COUNT + 1) if n != 7]
    assert hydrate_once(server, tmp_path, api="rest").num_requests == 1


def test_checks_that_are_not_shown_are_counted_and_the_rest_is_had(
    server: FaultServer, tmp_path: Path
) -> None:
    server.plan = when("/check-runs", Fault(status=403, document={"message": "no"}))
    done = hydrate_once(server, tmp_path, api="rest")
    assert done.skipped == {"check_runs of a head: 403 forbidden": COUNT}
    assert done.num_pull_requests == COUNT


@pytest.mark.parametrize("api", APIS)
def test_a_repository_that_is_not_shown_is_an_outcome(
    server: FaultServer, tmp_path: Path, api: str
) -> None:
    said: list[str] = []
    done = hydrate_once(server, tmp_path, said, repos=("acme/gone", REPO), api=api)
    assert (done.repo, done.outcome, done.num_pull_requests) == ("acme/gone", "404 not found", 0)
    assert len(everything(tmp_path)) == COUNT
    assert said == ["acme/gone: 404 not found"]


def test_parts_that_graphql_withholds_are_counted(server: FaultServer, tmp_path: Path) -> None:
    where = ["repository", "pullRequests", "edges", 0, "node", "closingIssuesReferences"]
    error = {"type": "FORBIDDEN", "message": "no", "path": where}
    page = server.graphql(
        "PullRequests", "", {"owner": "acme", "name": "shop", "size": 20, "after": None}
    )
    document = page | {"errors": [error]}
    server.plan = at_request(0, fault=Fault(status=200, document=document))
    done = hydrate_once(server, tmp_path, page_size=20)
    assert done.num_pull_requests == COUNT
    named = "repository.pullRequests.edges.node.closingIssuesReferences"
    assert done.skipped == {f"{named}: 403 forbidden": 1}


def circle_of_links(server: FaultServer) -> Plan:
    link = f'<{server.url}/repos/{REPO}/issues/7/comments?page=2>; rel="next"'
    return when("/issues/7/comments", Fault(status=200, document=[], headers={"Link": link}))


def circle_of_cursors(server: FaultServer) -> Plan:
    names = {"owner": "acme", "name": "shop", "size": 2, "after": None}
    page = server.graphql("PullRequests", "", names)
    return when("PullRequests", Fault(status=200, document=page))


def test_a_circle_of_pages_ends(server: FaultServer, tmp_path: Path) -> None:
    server.plan = circle_of_links(server)
    with pytest.raises(StageError, match=r"leads in a circle at .*issues/7/comments"):
        hydrate_once(server, tmp_path, api="rest")
    server.plan = circle_of_cursors(server)
    with pytest.raises(StageError, match="leads in a circle"):
        hydrate_once(server, tmp_path, api="graphql")


def test_a_link_to_another_host_is_not_followed(server: FaultServer, tmp_path: Path) -> None:
    link = {"Link": '<https://example.com/repos>; rel="next"'}
    server.plan = when("/comments", Fault(status=200, document=[], headers=link))
    with pytest.raises(StageError, match=r"sends us to example\.com"):
        hydrate_once(server, tmp_path, api="rest")


def test_no_token_is_written_anywhere(server: FaultServer, tmp_path: Path) -> None:
    for api in APIS:
        hydrate_once(server, tmp_path, api=api)
    journals = list(tmp_path.rglob("journal.jsonl"))
    assert journals
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"secret" not in path.read_bytes()
    lines = [json.loads(line) for line in journals[0].read_text().splitlines()]
    assert any(line.get("etag") for line in lines)


@pytest.mark.parametrize(
    "values",
    [{"api": "soap"}, {"page_size": 0}, {"page_size": 101}, {"max_attempts": 0}, {"api": "none"}],
)
def test_settings_out_of_range_are_refused(
    server: FaultServer, tmp_path: Path, values: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match=r"github\."):
        hydrate_once(server, tmp_path, **values)
    assert server.asked == []
