"""The client against a server that fails as it is told: each error, and what we make of it."""

from collections.abc import Iterator

import pytest
from fake_pulls import Pull
from fault_server import RESET_S, FaultServer
from faults import Clock, Fault, at_request, graphql_error, limited, when

from pipelines.github.client import CursorError, GithubClient, HeavyError, RefusedError
from pipelines.github.config import GithubConfig
from pipelines.github.graphql import PULL_REQUESTS
from schemas.errors import ConfigError, StageError

PATH = "/repos/acme/shop/pulls/1"
PAGE = {"owner": "acme", "name": "shop", "size": 2, "after": None}


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer({"acme/shop": [Pull(number=1, updated=1)]}) as server:
        yield server


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one")


def client_of(server: FaultServer, said: list[str] | None = None, **values: object) -> GithubClient:
    config = GithubConfig(api_url=server.url, **values)  # type: ignore[arg-type]  # any field
    said = [] if said is None else said
    return GithubClient(config, wait=server.clock.wait, now=server.clock.now, say=said.append)


def test_a_page_and_a_pull_request_are_had(server: FaultServer) -> None:
    client = client_of(server)
    assert client.get(PATH).document["number"] == 1
    repository = client.query(PULL_REQUESTS, PAGE).document["data"]["repository"]
    assert [edge["node"]["number"] for edge in repository["pullRequests"]["edges"]] == [1]
    assert client.transport.num_requests == len(server.asked) == 2
    assert all(asked.headers["authorization"] == "token secret-one" for asked in server.asked)
    assert server.clock.waits == []


RECOVERED = {
    "500": (Fault(status=500), [1.0]),
    "502": (Fault(status=502), [1.0]),
    "503": (Fault(status=503), [1.0]),
    "dropped": (Fault(how="drop"), [1.0]),
    "truncated": (Fault(how="truncate"), [1.0]),
    "no JSON": (Fault(status=200, raw=b"<html>"), [1.0]),
    "no UTF-8": (Fault(status=200, raw=b'{"a": "\xff"}'), [1.0]),
    "202": (Fault(status=202, document={}), [1.0]),
    "429 with Retry-After": (limited(429, retry_after="30"), [30.0]),
    "403 with Retry-After": (limited(403, retry_after="45"), [45.0]),
    "429 without": (Fault(status=429, headers={"x-ratelimit-remaining": "9"}), [60.0]),
    "403 secondary": (
        Fault(status=403, document={"message": "You have exceeded a secondary rate limit."}),
        [60.0],
    ),
    "403 abuse": (Fault(status=403, document={"message": "abuse detection mechanism"}), [60.0]),
}


@pytest.mark.parametrize("name", RECOVERED)
def test_what_passes_is_waited_for(server: FaultServer, name: str) -> None:
    fault, waits = RECOVERED[name]
    server.plan = at_request(0, fault=fault)
    assert client_of(server).get(PATH).document["number"] == 1
    assert server.clock.waits == waits
    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [403, 429])
def test_a_used_up_token_waits_until_it_is_renewed(server: FaultServer, status: int) -> None:
    reset = str(int(server.clock.now()) + 600)
    fault = limited(status, x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    server.plan = at_request(0, fault=fault)
    said: list[str] = []
    assert client_of(server, said).get(PATH).document["number"] == 1
    assert sum(server.clock.waits) == pytest.approx(600)
    assert "rate limit; going on at 2024-" in said[0]


def test_a_limit_without_a_time_is_waited_for_longer_each_time(server: FaultServer) -> None:
    server.plan = at_request(0, 1, 2, fault=Fault(status=429, headers={"x-ratelimit-reset": "x"}))
    client_of(server).get(PATH)
    assert server.clock.waits == [60.0, 120.0, 240.0]


def test_a_retry_after_may_be_a_date(server: FaultServer) -> None:
    from email.utils import formatdate

    date = formatdate(server.clock.now() + 90, usegmt=True)
    server.plan = at_request(0, fault=limited(429, retry_after=date))
    client_of(server).get(PATH)
    assert server.clock.waits == [90.0]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422, 451])
def test_what_is_refused_is_asked_once(server: FaultServer, status: int) -> None:
    server.plan = when(PATH, Fault(status=status, document={"message": "no"}))
    with pytest.raises(RefusedError, match=str(status)):
        client_of(server).get(PATH)
    assert len(server.asked) == 1


def test_what_never_ends_ends(server: FaultServer) -> None:
    server.plan = when(PATH, Fault(status=500))
    with pytest.raises(StageError, match="status 500 4 times; what was fetched is kept"):
        client_of(server, max_attempts=4).get(PATH)
    assert len(server.asked) == 4
    assert server.clock.waits == [1.0, 2.0, 4.0]


def test_a_wait_that_is_too_long_ends_the_run_and_says_when_to_go_on(server: FaultServer) -> None:
    server.plan = when(PATH, limited(429, retry_after="90000"))
    with pytest.raises(StageError, match=r"rate limit until 2024-05-.* run the same command again"):
        client_of(server).get(PATH)
    assert server.clock.waits == []


def test_slow_bytes_are_given_up(server: FaultServer) -> None:
    server.plan = at_request(0, fault=Fault(how="slow"))
    answer = client_of(server, timeout_s=0.3).get(PATH)
    assert answer.document["number"] == 1
    assert len(server.asked) == 2


def test_a_server_that_is_away_is_tried_again() -> None:
    with FaultServer({}) as server:
        gone = server.url
    clock = Clock()
    client = GithubClient(
        GithubConfig(api_url=gone, max_attempts=3), wait=clock.wait, now=clock.now, say=print
    )
    with pytest.raises(StageError, match="ConnectionError 3 times"):
        client.get(PATH)
    assert clock.waits == [1.0, 2.0]


HEAVY = {
    "502": Fault(status=502),
    "504": Fault(status=504),
    "something went wrong": graphql_error(None, "Something went wrong while executing your query."),
    "timeout": graphql_error("TIMEOUT", "too slow"),
    "limits": graphql_error("RESOURCE_LIMITS_EXCEEDED", "Resource limits for this query exceeded."),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_query_that_is_too_heavy_is_not_repeated(server: FaultServer, name: str) -> None:
    server.plan = at_request(0, fault=HEAVY[name])
    with pytest.raises(HeavyError):
        client_of(server).query(PULL_REQUESTS, PAGE)
    assert len(server.asked) == 1


def test_a_slow_query_is_too_heavy(server: FaultServer) -> None:
    server.plan = at_request(0, fault=Fault(how="slow"))
    with pytest.raises(HeavyError, match=r"no whole answer in 0\.3 s"):
        client_of(server, timeout_s=0.3).query(PULL_REQUESTS, PAGE)


def test_a_limited_query_waits_until_its_reset(server: FaultServer) -> None:
    limit = {"rateLimit": {"cost": 1, "remaining": 0, "resetAt": "2024-05-13T02:00:00Z"}}
    server.plan = at_request(0, fault=graphql_error("RATE_LIMITED", "API rate limit", limit))
    server.clock.now_s = 1_715_565_000.0
    client_of(server).query(PULL_REQUESTS, PAGE)
    assert sum(server.clock.waits) == pytest.approx(1_715_565_600 - 1_715_565_000)


def test_points_that_do_not_suffice_are_waited_for(server: FaultServer) -> None:
    server.remaining["secret-one"] = 0
    client = client_of(server)
    client.get(PATH)
    assert server.clock.waits == []
    client.get(PATH)
    assert server.clock.waits == [pytest.approx(RESET_S, abs=1)]


def test_an_unknown_cursor_is_told_apart(server: FaultServer) -> None:
    message = "`abc` does not appear to be a valid cursor."
    server.plan = at_request(0, fault=graphql_error("INVALID_CURSOR_ARGUMENTS", message))
    with pytest.raises(CursorError):
        client_of(server).query(PULL_REQUESTS, PAGE)


def test_a_query_that_the_server_does_not_understand_is_refused(server: FaultServer) -> None:
    message = "Field 'fullDatabaseId' doesn't exist on type 'IssueComment'"
    server.plan = at_request(0, fault=graphql_error(None, message))
    with pytest.raises(RefusedError, match="fullDatabaseId"):
        client_of(server).query(PULL_REQUESTS, PAGE)


def test_the_token_with_the_most_points_asks(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one, secret-two,,secret-two")
    server.remaining = {"secret-one": 10, "secret-two": 20}
    client = client_of(server)
    for _ in range(4):
        client.get(PATH)
    used = [asked.headers["authorization"].split()[-1] for asked in server.asked]
    assert used == ["secret-one", "secret-two", "secret-two", "secret-two"]


def test_a_used_up_token_leaves_the_work_to_another(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one,secret-two")
    reset = str(int(server.clock.now()) + 600)
    fault = limited(403, x_ratelimit_remaining="0", x_ratelimit_reset=reset)
    server.plan = at_request(0, fault=fault)
    client_of(server).get(PATH)
    assert server.clock.waits == []
    assert server.asked[1].headers["authorization"] == "token secret-two"


def test_a_rejected_token_is_left_out_and_never_shown(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one,secret-two")
    server.plan = at_request(0, fault=Fault(status=401, document={"message": "Bad credentials"}))
    said: list[str] = []
    client = client_of(server, said)
    client.get(PATH)
    client.get(PATH)
    assert [asked.headers["authorization"] for asked in server.asked[1:]] == [
        "token secret-two"
    ] * 2
    assert said == ["token 1 of GITHUB_TOKENS is not accepted; going on without it"]


def test_without_a_valid_token_the_variable_is_named(server: FaultServer) -> None:
    server.plan = when("", Fault(status=401, document={"message": "Bad credentials"}))
    with pytest.raises(ConfigError, match="GITHUB_TOKENS") as caught:
        client_of(server).get(PATH)
    assert "secret" not in str(caught.value)


def test_without_a_token_rest_works_and_graphql_says_what_to_set(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKENS")
    client = client_of(server)
    assert client.get(PATH).document["number"] == 1
    assert "authorization" not in server.asked[0].headers
    with pytest.raises(ConfigError, match=r"GITHUB_TOKENS, or add -s github\.api=rest"):
        client.query(PULL_REQUESTS, PAGE)


def test_an_etag_brings_a_304(server: FaultServer) -> None:
    client = client_of(server)
    etag = client.get(PATH).headers["etag"]
    answer = client.get(PATH, etag=etag)
    assert (answer.status, answer.document) == (304, None)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed(server: FaultServer, status: int) -> None:
    server.plan = when("/repos/old/", Fault(status=status, headers={"Location": server.url + PATH}))
    client = client_of(server)
    assert client.get("/repos/old/shop/pulls/1?per_page=9").document["number"] == 1
    assert client.transport.num_requests == 2


def test_a_redirect_to_another_host_is_not_followed(server: FaultServer) -> None:
    headers = {"Location": "http://127.0.0.1:1/api/v3" + PATH}
    server.plan = at_request(0, fault=Fault(status=301, headers=headers))
    with pytest.raises(StageError, match=r"sends us to 127\.0\.0\.1:1; .*set github\.api_url"):
        client_of(server).get(PATH)
    assert len(server.asked) == 1


def test_a_circle_of_redirects_ends(server: FaultServer) -> None:
    server.plan = when(PATH, Fault(status=307, headers={"Location": server.url + PATH}))
    with pytest.raises(StageError, match="again and again"):
        client_of(server).get(PATH)
    assert len(server.asked) == 5


@pytest.mark.parametrize("value", ["many", "1e400", "nan", ""])
def test_limits_that_make_no_sense_are_not_heeded(server: FaultServer, value: str) -> None:
    names = ("limit", "remaining", "reset")
    headers = {f"x-ratelimit-{name}": value for name in names}
    server.plan = when(PATH, Fault(status=200, document={"number": 1}, headers=headers))
    client = client_of(server)
    assert [client.get(PATH).document["number"] for _ in range(2)] == [1, 1]
    assert server.clock.waits == []


def test_json_nested_without_end_is_no_answer(server: FaultServer) -> None:
    server.plan = at_request(0, fault=Fault(raw=b"[" * 200_000, status=200))
    assert client_of(server).get(PATH).document["number"] == 1
    assert len(server.asked) == 2


ADDRESSES = {
    "http://api.example.com": False,
    "ftp://127.0.0.1": False,
    "api.github.com": False,
    "https://mona:secret@example.com/api/v3": False,
    "https://example.com/api/v3?token=x": False,
    "https://example.com/api/v3": True,
    "https://api.github.com": True,
    "http://localhost:4010": True,
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_only_https_and_this_machine_are_asked(url: str) -> None:
    if ADDRESSES[url]:
        GithubClient(GithubConfig(api_url=url))
    else:
        with pytest.raises(ConfigError, match=r"github\.api_url") as caught:
            GithubClient(GithubConfig(api_url=url))
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "path"),
    [("https://api.github.com", "/graphql"), ("https://h.example.com/api/v3", "/api/graphql")],
)
def test_graphql_lies_where_each_server_has_it(url: str, path: str) -> None:
    from pipelines.github.tokens import Token
    from pipelines.github.transport import Transport

    requester = Transport(GithubConfig(api_url=url)).requester(Token(secret="x", place=1))
    assert requester.graphql_url.endswith(path)
