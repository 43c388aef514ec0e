"""What a fault server is told to do. In: which requests. Out: a plan for it.

server.plan = at_request(2, fault=Fault(status=502))
server.plan = when("/pulls/7", limited(429, retry_after="30"))
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import fake_pulls


@dataclass(kw_only=True)
class Clock:
    """A clock that waiting moves on, and nothing else."""

    now_s: float = fake_pulls.EPOCH.timestamp() + 1_000_000
    waits: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.now_s

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now_s += seconds


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What to do instead of, or to, a true answer."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    document: Any = None
    raw: bytes = b""
    """In place of the document: what is no JSON."""
    how: str = "answer"
    """"answer" (status and document), "truncate" and "slow" (of the true answer), "drop"."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request."""

    index: int
    """Counted from 0."""
    path: str
    """Of GraphQL the name of the query."""
    variables: dict[str, Any]
    headers: dict[str, str]

    @property
    def key(self) -> str:
        """What was asked, whoever asks."""
        return f"{self.path} {json.dumps(self.variables, sort_keys=True)}"


Plan = Callable[[Asked], Fault | None]


def at_request(*indexes: int, fault: Fault) -> Plan:
    """These requests fail, by the order in which they come."""
    return lambda asked: fault if asked.index in indexes else None


def when(words: str, fault: Fault) -> Plan:
    """All requests fail whose path or query has these words."""
    return lambda asked: fault if words in asked.key else None


def limited(status: int, **headers: str) -> Fault:
    """A rate limit."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(status=status, headers=names, document={"message": "wait"})


def graphql_error(kind: str | None, message: str, data: Any = None) -> Fault:
    """An answer 200 that holds an error."""
    error = {"message": message} | ({"type": kind} if kind else {})
    return Fault(status=200, document={"data": data, "errors": [error]})
