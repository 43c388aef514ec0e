"""Our REST client against GitHub's own description, `@octokit/openapi`, served by Prism.

Prism refuses requests that stray from the description and answers with GitHub's examples.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from octokit import DESCRIBED_LINK, DESCRIPTION, Server, needs_octokit, no_wait, serve_description

from pipelines.github.archive import ResponseArchive, repository_folder
from pipelines.github.client import GithubClient, RefusedError
from pipelines.github.config import GithubConfig
from pipelines.github.hydrate import Hydration, hydrate
from pipelines.github.journal import JOURNAL, Journal
from pipelines.github.read import known_pull_requests, read_facts
from pipelines.github.rest_facts import PARTS, facts_of_answers
from pipelines.github.session import Session
from pipelines.github.tokens import Token
from pipelines.github.transport import Transport
from schemas.errors import StageError

pytestmark = needs_octokit

REPO, NUMBER, HEAD = "acme/shop", 1347, "ab" * 20
PATHS = {name: path.format(repo=REPO, number=NUMBER, head=HEAD) for name, path in PARTS.items()}
REFUSED = {301, 403, 404, 406, 409, 410, 415, 422}
ACCIDENTS = {500, 502, 503, 504}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve_description(tmp_path_factory.mktemp("prism")) as found:
        yield found


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "invented")


class Preferring(Transport):
    """Asks the mock server for one of the statuses that the description declares."""

    def __init__(self, config: GithubConfig, status: int) -> None:
        super().__init__(config)
        self._status = status

    def send(
        self, token: Token, verb: str, path: str, headers: dict[str, str], query: Any
    ) -> tuple[int, dict[str, str], bytes]:
        prefer = {"Prefer": f"code={self._status}"}
        return super().send(token, verb, path, headers | prefer, query)


def rest_client(server: Server, status: int | None = None) -> tuple[GithubClient, list[float]]:
    """A client and the seconds that it meant to wait."""
    waits: list[float] = []
    config = GithubConfig(api_url=server.url, api="rest")
    client = GithubClient(config, wait=waits.append)
    if status is not None:
        client.transport = Preferring(config, status)
    return client, waits


@contextmanager
def rest_session(server: Server, folder: Path) -> Iterator[Session]:
    client, _ = rest_client(server)
    with Journal(str(folder), REPO) as journal:
        archive = ResponseArchive(str(folder))
        yield Session(client, archive, journal, REPO, max_attempts=1, progress=lambda session: None)


@cache
def description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    return found


def operation(path: str) -> dict[str, Any]:
    """What the description says of a path that we ask for."""
    paths, asked = description()["paths"], path.partition("?")[0]
    matches = [found for found in paths if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", found), asked)]
    found: dict[str, Any] = paths[min(matches, key=lambda match: match.count("{"))]["get"]
    return found


def query_parameters(path: str) -> set[str]:
    """The parameters that the description declares for a path that we ask for."""
    known = description()["components"]["parameters"]
    listed = operation(path)["parameters"]
    resolved = [known[one["$ref"].rpartition("/")[2]] if "$ref" in one else one for one in listed]
    return {one["name"] for one in resolved if one["in"] == "query"}


STATUSES = (
    []
    if needs_octokit.args[0]
    else [
        (name, int(status))
        for name, path in PATHS.items()
        for status in operation(path)["responses"]
        if int(status) >= 300
    ]
)


@pytest.mark.parametrize("name", PARTS)
def test_requests_are_as_described(server: Server, name: str) -> None:
    client, waits = rest_client(server)
    before = server.violations()
    answer = client.get(PATHS[name])
    assert (answer.status, waits) == (200, [])
    assert answer.document == json.loads(answer.body)
    assert server.violations() == before


def test_a_request_that_strays_would_be_noticed(server: Server) -> None:
    client, _ = rest_client(server)
    before = len(server.violations())
    with pytest.raises(RefusedError, match="422"):
        client.get(f"/repos/{REPO}/pulls?state=bogus")
    assert len(server.violations()) == before + 1
    with pytest.raises(RefusedError, match="404"):
        client.get(f"/repos/{REPO}/no-such-list")


@pytest.mark.parametrize(("name", "status"), STATUSES)
def test_every_declared_status_is_handled(server: Server, name: str, status: int) -> None:
    client, waits = rest_client(server, status)
    if status == 304:
        answer = client.get(PATHS[name], etag='"x"')
        assert (answer.status, answer.document, waits) == (304, None, [])
    elif status in REFUSED:
        with pytest.raises(RefusedError):
            client.get(PATHS[name])
        assert waits == []
    else:
        assert status in ACCIDENTS
        with pytest.raises(StageError, match=f"status {status}"):
            client.get(PATHS[name])
        assert waits == sorted(waits)
        assert len(waits) == GithubConfig().max_attempts - 1


def test_facts_are_what_the_examples_say(server: Server) -> None:
    client, _ = rest_client(server)
    answers = [(name, client.get(path).document) for name, path in PATHS.items()]
    told = dict(answers)
    pull = told["pull"]
    facts = facts_of_answers(answers, pull["number"])
    assert facts is not None
    assert (facts.title, facts.body) == (pull["title"], pull["body"])
    assert (facts.base_sha, facts.head_sha) == (pull["base"]["sha"], pull["head"]["sha"])
    assert facts.author is not None
    assert facts.author.name == pull["user"]["login"]
    assert list(facts.labels or ()) == sorted(label["name"] for label in pull["labels"])
    said = {(event.kind, event.text) for event in facts.events or ()}
    assert said == {
        ("comment", told["comments"][0]["body"]),
        ("review", told["reviews"][0]["body"]),
        ("review_comment", told["review_comments"][0]["body"]),
    }


def run(server: Server, folder: Path) -> Hydration:
    config = GithubConfig(api_url=server.url, api="rest")
    [done] = hydrate(config, str(folder), [REPO], wait=no_wait)
    return done


def test_a_repository_is_read_to_its_end(server: Server, tmp_path: Path) -> None:
    before = server.violations()
    done = run(server, tmp_path)
    assert (done.outcome, done.num_pull_requests, done.skipped) == ("done", 1, {})
    assert done.num_requests == len(PARTS) + 2, "and the repository, and the list of what changed"
    known = known_pull_requests(str(tmp_path), REPO)
    facts = read_facts(str(tmp_path), known[NUMBER].sources, NUMBER)
    assert {event.kind for event in facts.events or ()} == {"comment", "review", "review_comment"}
    assert run(server, tmp_path).num_requests == 1, "only what changed is asked for again"
    assert server.violations() == before


def test_parameters_are_those_described(server: Server, tmp_path: Path) -> None:
    """GitHub, and Prism too, pass over a parameter that they do not know."""
    done = run(server, tmp_path)
    lines = (repository_folder(str(tmp_path), REPO) / JOURNAL).read_text().splitlines()
    asked = [line["key"].removeprefix("GET ") for line in map(json.loads, lines) if "key" in line]
    assert len(asked) == done.num_requests
    for path in asked:
        values = parse_qs(urlsplit(path).query, strict_parsing=True) if "?" in path else {}
        assert set(values) <= query_parameters(path), path
        assert int(values.get("per_page", ["1"])[0]) <= 100


def test_a_list_that_leads_in_a_circle_ends_with_an_error(tmp_path: Path) -> None:
    """The description knows one page after every page, "page=2"."""
    link = f'<{{url}}{PATHS["reviews"]}&page=2>; rel="next"'
    with (
        serve_description(tmp_path, link=link) as circle,
        rest_session(circle, tmp_path) as session,
    ):
        with pytest.raises(StageError, match="leads in a circle"):
            session.get_pages(PATHS["reviews"])
        assert len(circle.requests()) == 2


def test_no_link_leads_to_another_host(tmp_path: Path) -> None:
    """A token goes with every request, so the host is the operator's to choose."""
    with serve_description(tmp_path, link=DESCRIBED_LINK) as other:
        with rest_session(other, tmp_path) as session, pytest.raises(StageError) as refusal:
            session.get_pages(PATHS["reviews"])
        assert "api.github.com" in str(refusal.value)
        assert len(other.requests()) == 1
