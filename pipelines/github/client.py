"""Asking GitHub, politely and stubbornly. In: a path or a query. Out: an `Answer`.

    client = GithubClient(config.github)
    client.get("/repos/acme/shop/pulls/12").document["title"]
    client.query(PULL_REQUESTS, {"owner": "acme", "name": "shop", "size": 25, "after": None})

What an answer means is decided in `pipelines.github.limits`; here it is acted upon. Every wait goes
through `wait`, every look at the clock through `now`.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tqdm import tqdm

from pipelines.github.answers import integer, mapping
from pipelines.github.answers import time as time_of
from pipelines.github.config import GithubConfig
from pipelines.github.connection import LargeAnswerError, NoAnswerError, SlowAnswerError
from pipelines.github.limits import Verdict, backoff_s, judge, judge_graphql, limit_wait_s
from pipelines.github.tokens import Token, best_token, read_tokens
from pipelines.github.transport import Transport
from schemas.errors import ConfigError, StageError

LONG_WAIT_S = 30.0
"""Longer waits are announced."""


class RefusedError(Exception):
    """GitHub will not show this, however often it is asked: `RefusedError("404 not found")`."""


class HeavyError(Exception):
    """GitHub cannot answer so much at once: `HeavyError("status 502")`."""


class CursorError(Exception):
    """GitHub does not know the cursor any more."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole answer."""

    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    document: Any
    """The body, parsed; None where there is none (304)."""


def say_to_operator(message: str) -> None:
    """One line on standard error."""
    tqdm.write(f"hydrate: {message}", file=sys.stderr)


class GithubClient:
    """The REST and GraphQL APIs of one host, asked one request at a time.

    Raises ConfigError for an address that is neither https nor this machine.
    """

    def __init__(
        self,
        config: GithubConfig,
        *,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
        say: Callable[[str], None] = say_to_operator,
    ) -> None:
        self._config = config
        self._wait, self._now, self.say = wait, now, say
        self.transport = Transport(config)
        self._tokens = read_tokens(config.tokens_env) or [Token(secret="", place=0)]
        self._query_cost = 1.0

    def remaining(self) -> float:
        """Points that the best token has left; infinite until GitHub says."""
        resource = "graphql" if self._config.api == "graphql" else "core"
        token = best_token(self._tokens, resource, now=self._now())
        return token.allowance(resource, now=self._now()).remaining

    def get(self, path: str, *, etag: str | None = None) -> Answer:
        """A REST answer; with an ETag it may be 304, without a body.

        Raises RefusedError when GitHub will not show it, StageError when it cannot be had now,
        ConfigError when no token is accepted.
        """
        headers = {"Accept": "application/vnd.github+json"}
        if etag:
            headers["If-None-Match"] = etag
        return self._ask("core", path, lambda token: self._get(token, path, headers))

    def query(self, query: str, variables: dict[str, Any]) -> Answer:
        """A GraphQL answer that holds data.

        Raises as `get` does, HeavyError when less must be asked for, CursorError for an old cursor.
        """
        if not self._tokens[0].secret:
            raise ConfigError(
                "GitHub's GraphQL API needs a token; set the environment variable "
                f"{self._config.tokens_env}, or add -s github.api=rest"
            )
        values = {"query": query, "variables": variables}
        return self._ask("graphql", "graphql", lambda token: self._query(token, values))

    def back_off(self, num_failures: int, cause: str) -> None:
        """Wait before asking again, longer each time."""
        self._pause(backoff_s(num_failures), cause)

    def _get(
        self, token: Token, path: str, headers: dict[str, str]
    ) -> tuple[Verdict, Answer | None]:
        verdict, answer = self._send(token, "core", "GET", path, headers, None)
        # REST answers are never larger than one object or page: there is no asking for less.
        if verdict.outcome == "heavy":
            verdict = Verdict(outcome="again", cause=verdict.cause)
        return verdict, answer

    def _query(self, token: Token, values: dict[str, Any]) -> tuple[Verdict, Answer | None]:
        verdict, answer = self._send(token, "graphql", "POST", "", {}, values)
        if answer is not None:
            self._learn_cost(token, answer.document)
            verdict = judge_graphql(answer.document, answer.headers, now=self._now())
        return verdict, answer

    def _send(
        self, token: Token, resource: str, verb: str, path: str, headers: dict[str, str], query: Any
    ) -> tuple[Verdict, Answer | None]:
        """One request: the verdict over HTTP, and the answer where that is "ok"."""
        try:
            status, found, body = self.transport.send(token, verb, path, headers, query)
        except (SlowAnswerError, LargeAnswerError) as error:
            return Verdict(outcome="heavy", cause=str(error)), None
        except NoAnswerError as error:
            return Verdict(outcome="again", cause=str(error)), None
        token.learn_headers(resource, found)
        is_json, document = _parse(body)
        verdict = judge(status, found, document, now=self._now())
        if verdict.outcome == "ok" and not is_json and status != 304:
            verdict = Verdict(outcome="again", cause="an answer that is no JSON")
        if verdict.outcome != "ok":
            return verdict, None
        return verdict, Answer(status=status, headers=found, body=body, document=document)

    def _ask(
        self, resource: str, what: str, ask: Callable[[Token], tuple[Verdict, Answer | None]]
    ) -> Answer:
        num_tries = self._config.max_attempts + len(self._tokens) - 1
        for num_failures in range(1, num_tries + 1):
            token = self._ready_token(resource)
            verdict, answer = ask(token)
            if verdict.outcome == "ok" and answer is not None:
                return answer
            self._raise_for(verdict)
            if num_failures == num_tries:
                break
            self._prepare_next(verdict, token, resource, num_failures)
        raise StageError(
            f"{self.transport.origin}: {what}: {verdict.cause} {num_tries} times; what was fetched "
            "is kept: run the same command again later"
        )

    def _raise_for(self, verdict: Verdict) -> None:
        if verdict.outcome == "refused":
            raise RefusedError(verdict.cause)
        if verdict.outcome == "cursor":
            raise CursorError(verdict.cause)
        if verdict.outcome == "heavy":
            raise HeavyError(verdict.cause)

    def _prepare_next(
        self, verdict: Verdict, token: Token, resource: str, num_failures: int
    ) -> None:
        if verdict.outcome == "unauthorized":
            self._drop(token)
        elif verdict.outcome == "again":
            self.back_off(num_failures, verdict.cause)
        elif verdict.of_token and verdict.wait_s is not None:
            token.learn(resource, 0.0, self._now() + verdict.wait_s)
        else:
            self._pause(verdict.wait_s or limit_wait_s(num_failures), verdict.cause)

    def _ready_token(self, resource: str) -> Token:
        """The token with the most points left, after waiting where none has enough."""
        needed = self._query_cost if resource == "graphql" else 1.0
        token = best_token(self._tokens, resource, now=self._now())
        allowance = token.allowance(resource, now=self._now())
        if allowance.remaining < needed:
            self._pause(max(1.0, allowance.reset - self._now()), "rate limit")
        return token

    def _pause(self, seconds: float, cause: str) -> None:
        end = datetime.fromtimestamp(self._now() + seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        if seconds > self._config.max_wait_s:
            raise StageError(
                f"{self.transport.origin}: {cause} until {end}, longer than github.max_wait_s; "
                "what was fetched is kept: run the same command again then"
            )
        if seconds >= LONG_WAIT_S:
            self.say(f"{cause}; going on at {end}")
        self._wait(seconds)

    def _learn_cost(self, token: Token, document: Any) -> None:
        limit = mapping(mapping(mapping(document).get("data")).get("rateLimit"))
        reset = time_of(limit.get("resetAt"))
        remaining = integer(limit.get("remaining"))
        token.learn("graphql", remaining, reset.timestamp() if reset else None)
        self._query_cost = float(max(1, integer(limit.get("cost")) or 1))

    def _drop(self, token: Token) -> None:
        variable = self._config.tokens_env
        self._tokens = [other for other in self._tokens if other is not token]
        if not self._tokens:
            raise ConfigError(
                f"{self.transport.origin} accepts none of the tokens in {variable}; "
                "set that environment variable to a valid one"
            )
        self.say(f"token {token.place} of {variable} is not accepted; going on without it")


def _parse(body: bytes) -> tuple[bool, Any]:
    """Whether it is JSON, and what it says."""
    try:
        return True, json.loads(body)
    except (ValueError, RecursionError):
        return False, None
