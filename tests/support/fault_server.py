"""A small GitHub on this machine that fails as it is told. In: `Pull`s, a plan. Out: HTTP answers.

    with FaultServer({"acme/shop": pulls}) as server:
        server.plan = at_request(2, Fault(status=502))
        hydrate(GithubConfig(api_url=server.url), ...)
        server.asked        every request that came, `server.answered` those answered truly

REST below /api/v3 and GraphQL at /api/graphql, as GitHub Enterprise Server has them.
"""

import hashlib
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import fake_pulls
from fake_pulls import Pull
from faults import Asked, Clock, Fault, Plan

RESET_S = 3600


class FaultServer:
    """Serves from a thread, from `with` to the end of the block."""

    def __init__(self, repos: dict[str, list[Pull]], clock: Clock | None = None) -> None:
        self.repos = repos
        self.clock = clock or Clock()
        self.plan: Plan = lambda asked: None
        self.issues: tuple[int, ...] = (0,)
        """When each issue that is no pull request was changed, in seconds after EPOCH."""
        self.asked: list[Asked] = []
        self.answered: Counter[str] = Counter()
        self.remaining: dict[str, int] = {}
        """By token: points left; 4000 for the others."""
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.origin}/api/v3"

    def __enter__(self) -> "FaultServer":
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def forget(self) -> None:
        """Count from here."""
        self.asked.clear()
        self.answered.clear()

    def rest(self, path: str) -> tuple[int, Any]:
        """Status and answer of a REST path; lists are whole."""
        parts, query = urlsplit(path), parse_qs(urlsplit(path).query)
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", parts.path)
        if not match or match[1] not in self.repos:
            return 404, {"message": "Not Found"}
        pulls, rest = self.repos[match[1]], match[2] or ""
        if rest == "/issues":
            since = query.get("since", [""])[0]
            found = [fake_pulls.rest_issue(pull) for pull in pulls]
            for number, seconds in enumerate(self.issues, start=9000):
                found.append({"number": number, "updated_at": fake_pulls.at(seconds)})
            found.sort(key=lambda issue: (issue["updated_at"], issue["number"]))
            return 200, [issue for issue in found if issue["updated_at"] > since]
        for pull in pulls:
            if rest in (answers := dict(_parts(pull))):
                return 200, answers[rest]
        return (404, {"message": "Not Found"}) if rest else (200, {"full_name": match[1]})

    def graphql(self, name: str, text: str, variables: dict[str, Any]) -> dict[str, Any]:
        """The answer to one of our queries."""
        limit = {"cost": 1, "remaining": 4000, "resetAt": _iso(self.clock.now() + RESET_S)}
        if name == "FollowUp":
            return {"data": {"node": self._follow_up(text, variables), "rateLimit": limit}}
        repo = f"{variables['owner']}/{variables['name']}"
        if repo not in self.repos:
            error = {"type": "NOT_FOUND", "message": "Could not resolve", "path": ["repository"]}
            return {"data": {"repository": None, "rateLimit": limit}, "errors": [error]}
        if name == "PullRequestsByNumber":
            values, errors = self._numbered(repo, text)
        else:
            values, errors = self._page(repo, variables), []
        values |= {"nameWithOwner": repo, "primaryLanguage": {"name": "Python"}}
        answer = {"data": {"repository": values, "rateLimit": limit}}
        return answer | ({"errors": errors} if errors else {})

    def _page(self, repo: str, variables: dict[str, Any]) -> dict[str, Any]:
        ordered = sorted(self.repos[repo], key=lambda pull: (pull.updated, pull.number))
        after = tuple(map(int, (variables["after"] or "-1 0").split()))
        later = [pull for pull in ordered if (pull.updated, pull.number) > after]
        part = later[: variables["size"]]
        edges = [
            {"cursor": f"{pull.updated} {pull.number}", "node": fake_pulls.graphql_pull(pull)}
            for pull in part
        ]
        info = {
            "hasNextPage": len(part) < len(later),
            "endCursor": edges[-1]["cursor"] if edges else None,
        }
        return {"pullRequests": {"edges": edges, "pageInfo": info}}

    def _numbered(self, repo: str, text: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        numbers = [int(n) for n in re.findall(r"pullRequest\(number: (\d+)\)", text)]
        pulls = {pull.number: fake_pulls.graphql_pull(pull) for pull in self.repos[repo]}
        errors = [
            {"type": "NOT_FOUND", "message": "no", "path": ["repository", f"pr{number}"]}
            for number in numbers
            if number not in pulls
        ]
        return {f"pr{number}": pulls.get(number) for number in numbers}, errors

    def _follow_up(self, text: str, variables: dict[str, Any]) -> dict[str, Any] | None:
        connection = re.search(r"(\w+)\(first: \$size", text)
        assert connection
        size, after = variables["size"], variables["after"]
        for pull in (pull for pulls in self.repos.values() for pull in pulls):
            lists = fake_pulls.graphql_lists(pull)
            holders = {f"pull-{pull.number}": lists} | {
                f"review-{pull.number}-{review.number}": {
                    "comments": [
                        fake_pulls.graphql_review_comment(pull, one) for one in review.comments
                    ]
                }
                for review in pull.reviews
            }
            if found := holders.get(variables["id"]):
                page = fake_pulls.page(found[connection[1]], size, after)
                return {"id": variables["id"], connection[1]: page}
        return None


class _Handler(BaseHTTPRequestHandler):
    fake: FaultServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        path = self.path.removeprefix("/api/v3")
        self._serve(path, {}, lambda: self._rest(path))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        match = re.match(r"query (\w+)", body["query"])
        name, variables = match[1] if match else "?", body["variables"]
        text = body["query"]
        if name == "PullRequestsByNumber":
            variables = variables | {"numbers": re.findall(r"pr\d+", text)}
        self._serve(name, variables, lambda: (200, self.fake.graphql(name, text, variables), {}))

    def _rest(self, path: str) -> tuple[int, Any, dict[str, str]]:
        status, answer = self.fake.rest(path)
        if not isinstance(answer, list):
            return status, answer, {}
        parts, query = urlsplit(path), parse_qs(urlsplit(path).query)
        number, size = int(query.get("page", ["1"])[0]), int(query.get("per_page", ["30"])[0])
        values = {key: value[0] for key, value in query.items()} | {"page": str(number + 1)}
        link = f'<{self.fake.url}{parts.path}?{urlencode(values)}>; rel="next"'
        is_last = number * size >= len(answer)
        part = answer[(number - 1) * size : number * size]
        return status, part, {} if is_last else {"Link": f'{link}, <x>; rel="last"'}

    def _serve(
        self,
        path: str,
        variables: dict[str, Any],
        answer: Callable[[], tuple[int, Any, dict[str, str]]],
    ) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(index=len(self.fake.asked), path=path, variables=variables, headers=headers)
        self.fake.asked.append(asked)
        fault = self.fake.plan(asked)
        if fault is not None and fault.how == "drop":
            self.close_connection = True
        elif fault is not None and fault.how == "answer":
            self._send(
                fault.status, fault.raw or json.dumps(fault.document).encode(), fault.headers
            )
        else:
            status, document, found = answer()
            self._answer(asked, status, json.dumps(document).encode(), found, fault)

    def _answer(
        self, asked: Asked, status: int, body: bytes, found: dict[str, str], fault: Fault | None
    ) -> None:
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if asked.headers.get("if-none-match") == etag:
            status, body = 304, b""
        if fault is None:
            self.fake.answered[asked.key] += 1
        self._send(status, body, found | {"ETag": etag}, fault)

    def _send(
        self, status: int, body: bytes, headers: dict[str, str], fault: Fault | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (self._limits() | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if fault is None:
            self.wfile.write(body)
            return
        self.close_connection = True
        if fault.how == "truncate":
            self.wfile.write(body[: len(body) // 2])
            return
        for byte in body:
            time.sleep(0.02)
            self.wfile.write(bytes([byte]))

    def _limits(self) -> dict[str, str]:
        token = self.headers.get("authorization", "").split(" ")[-1]
        return {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": str(self.fake.remaining.get(token, 4000)),
            "x-ratelimit-reset": str(int(self.fake.clock.now()) + RESET_S),
        }

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.fake.clock.now(), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests read what they need from the server."""


def _parts(pull: Pull) -> Iterator[tuple[str, Any]]:
    """Below the repository: what REST tells of a pull request."""
    reviews = [fake_pulls.rest_review(pull, review) for review in pull.reviews]
    at_lines = [
        fake_pulls.rest_review_comment(pull, comment)
        for review in pull.reviews
        for comment in review.comments
    ]
    comments = [fake_pulls.rest_comment(comment) for comment in pull.comments]
    runs, statuses = fake_pulls.rest_check_runs(pull), fake_pulls.rest_statuses(pull)
    yield f"/pulls/{pull.number}", fake_pulls.rest_pull(pull)
    yield f"/pulls/{pull.number}/reviews", reviews
    yield f"/pulls/{pull.number}/comments", at_lines
    yield f"/issues/{pull.number}/comments", comments
    yield f"/commits/{pull.head}/status", {"state": "success", "statuses": statuses}
    yield f"/commits/{pull.head}/check-runs", {"check_runs": runs}


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
