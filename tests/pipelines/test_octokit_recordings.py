"""Our REST client against answers recorded at GitHub: `@octokit/fixtures`, by its own server."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from octokit import Server, needs_octokit, no_wait, recording, scenario_url, serve_recordings

from pipelines.github.archive import ResponseArchive
from pipelines.github.client import GithubClient, RefusedError
from pipelines.github.config import GithubConfig
from pipelines.github.journal import Journal
from pipelines.github.rest_facts import facts_of_answers
from pipelines.github.session import Session

pytestmark = needs_octokit

ORGANIZATION = "/repos/octokit-fixture-org"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serve_recordings() as found:
        yield found


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "invented")


def open_scenario(server: Server, scenario: str) -> GithubClient:
    """A client of a scenario, at its first exchange that only reads."""
    config = GithubConfig(api_url=scenario_url(server, scenario), api="rest")
    for exchange in recording(scenario):
        if exchange["method"] == "get":
            break
        request = urllib.request.Request(
            f"{config.api_url}{exchange['path']}",
            data=json.dumps(exchange["body"]).encode(),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            method=exchange["method"].upper(),
        )
        urllib.request.urlopen(request, timeout=30).close()
    return GithubClient(config, wait=no_wait)


@contextmanager
def recorded_session(client: GithubClient, folder: Path) -> Iterator[Session]:
    repo = "octokit-fixture-org/recorded"
    with Journal(str(folder), repo) as journal:
        archive = ResponseArchive(str(folder))
        yield Session(client, archive, journal, repo, max_attempts=1, progress=lambda session: None)


def without_addresses(value: Any) -> Any:
    """A document with addresses that the server turned into its own, and recorded ones, cut out."""
    if isinstance(value, dict):
        return {key: without_addresses(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_addresses(inner) for inner in value]
    return "" if isinstance(value, str) and "://" in value else value


@pytest.mark.parametrize("scenario", ["get-repository", "get-root", "search-issues", "get-content"])
def test_an_answer_is_what_was_recorded(server: Server, scenario: str) -> None:
    exchange = recording(scenario)[0]
    answer = open_scenario(server, scenario).get(exchange["path"])
    assert answer.status == exchange["status"]
    assert without_addresses(answer.document) == without_addresses(exchange["response"])
    for name in ("etag", "x-ratelimit-limit", "x-ratelimit-remaining", "x-github-request-id"):
        assert answer.headers.get(name) == exchange["headers"].get(name)


def test_all_recorded_pages_are_collected_and_replayed(server: Server, tmp_path: Path) -> None:
    """Each recorded answer is served once, so whatever is asked twice fails."""
    exchanges = recording("paginate-issues")
    client = open_scenario(server, "paginate-issues")
    first = exchanges[0]["path"]
    with recorded_session(client, tmp_path) as session:
        pages = session.get_pages(first)
    assert client.transport.num_requests == len(exchanges) == 5
    numbers = [issue["number"] for page in pages for issue in page.document]
    assert numbers == [issue["number"] for e in exchanges for issue in e["response"]]
    assert len(set(numbers)) == 13
    with recorded_session(client, tmp_path) as session:
        assert session.get_pages(first) == pages
    assert client.transport.num_requests == 5
    archive = ResponseArchive(str(tmp_path))
    assert [json.loads(archive.get(page.address)) for page in pages] == [
        page.document for page in pages
    ]


def test_a_walk_that_was_killed_goes_on_where_it_was(server: Server, tmp_path: Path) -> None:
    client = open_scenario(server, "paginate-issues")
    path: str | None = recording("paginate-issues")[0]["path"]
    first = path
    for num_pages in range(1, 6):
        with recorded_session(client, tmp_path) as session:
            assert path is not None
            path = session.get(path).next
        assert client.transport.num_requests == num_pages
    assert path is None
    with recorded_session(client, tmp_path) as session:
        assert first is not None
        assert len(session.get_pages(first)) == 5
    assert client.transport.num_requests == 5


def test_a_recorded_404_is_a_refusal(server: Server) -> None:
    client = open_scenario(server, "branch-protection")
    with pytest.raises(RefusedError, match="404"):
        client.get(recording("branch-protection")[0]["path"])


def test_a_renamed_repository_is_found(server: Server) -> None:
    """GitHub answers 301 with the repository's number, which keeps its name out of the address."""
    client = open_scenario(server, "rename-repository")
    answer = client.get(f"{ORGANIZATION}/rename-repository")
    assert (answer.status, answer.document["name"]) == (200, "rename-repository-newname")
    assert client.transport.num_requests == 2


def test_recorded_checks_are_summed_up_as_github_did(server: Server) -> None:
    client = open_scenario(server, "create-status")
    *_, listed, combined = recording("create-status")
    client.get(listed["path"])
    answer = client.get(combined["path"]).document
    facts = facts_of_answers([("pull", {"number": 1}), ("status", answer)], 1)
    assert facts is not None
    assert facts.checks == combined["response"]["state"]
