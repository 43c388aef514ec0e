"""What an answer means for the next request. In: status, headers, body. Out: a `Verdict`.

    judge(403, {"retry-after": "30"}, {}, now=0.0)   ->  Verdict(outcome="limited", wait_s=30.0)
    judge(404, {}, {}, now=0.0)                      ->  Verdict(outcome="refused", cause="404 ...")

Pure. The rules are GitHub's own ("Best practices for using the REST API", "Rate limits for the
GraphQL API"): both limits come as 403 or 429; `retry-after` first, then `x-ratelimit-reset` when
nothing remains, else at least a minute that doubles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pipelines.github.answers import items, mapping, text, time

MAX_BACKOFF_S = 60.0
MIN_LIMIT_WAIT_S = 60.0
MAX_LIMIT_WAIT_S = 960.0

CAUSES = {
    403: "403 forbidden",
    404: "404 not found",
    409: "409 conflict",
    410: "410 gone",
    422: "422 refused",
    451: "451 withheld for legal reasons",
}
_LIMIT_WORDS = ("rate limit", "abuse detection")
_HEAVY_TYPES = {"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "TIMEOUT", "INTERNAL"}
_HEAVY_WORDS = ("something went wrong", "timeout", "timed out", "timedout", "loading")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to do after an answer."""

    outcome: str
    """"ok", "refused" (for good), "unauthorized" (this token), "limited" (wait, then again),
    "again" (an accident of the server), "heavy" (ask for less) or "cursor" (it is not known)."""
    cause: str = ""
    wait_s: float | None = None
    """Of "limited": how long; None where the server does not say."""
    of_token: bool = False
    """Of "limited": only this token is used up."""


def judge(status: int, headers: Mapping[str, str], document: Any, *, now: float) -> Verdict:
    """What an HTTP answer means; headers are in lower case, `now` in seconds since 1970."""
    if status < 300 or status == 304:
        return Verdict(outcome="ok")
    if status == 401:
        return Verdict(outcome="unauthorized", cause="401 bad credentials")
    if status in (403, 429):
        return _judge_limit(status, headers, document, now)
    if status in (502, 504):
        return Verdict(outcome="heavy", cause=f"status {status}")
    if status >= 500 or status == 408:
        return Verdict(outcome="again", cause=f"status {status}")
    return Verdict(outcome="refused", cause=CAUSES.get(status, f"status {status}"))


def _judge_limit(status: int, headers: Mapping[str, str], document: Any, now: float) -> Verdict:
    wait_s = _retry_after(headers, now)
    if wait_s is not None:
        return Verdict(outcome="limited", cause="rate limit", wait_s=wait_s)
    reset = number(headers.get("x-ratelimit-reset"))
    if number(headers.get("x-ratelimit-remaining")) == 0 and reset is not None:
        wait_s = max(1.0, reset - now)
        return Verdict(outcome="limited", cause="rate limit", wait_s=wait_s, of_token=True)
    message = (text(mapping(document).get("message")) or "").lower()
    if status == 429 or any(words in message for words in _LIMIT_WORDS):
        return Verdict(outcome="limited", cause="secondary rate limit")
    return Verdict(outcome="refused", cause=CAUSES[403])


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds, or a date (RFC 9110, 10.2.3); what is neither is no answer."""
    value = headers.get("retry-after")
    seconds, date = number(value), http_date(value)
    if seconds is None and date is not None:
        seconds = number(date.timestamp() - now)
    return None if seconds is None else max(1.0, seconds)


def judge_graphql(document: Any, headers: Mapping[str, str], *, now: float) -> Verdict:
    """What the errors of a GraphQL answer with status 200 mean; headers are in lower case."""
    data = mapping(mapping(document).get("data"))
    for error in items(mapping(document).get("errors")):
        kind, message = error.get("type"), (text(error.get("message")) or "").lower()
        if kind in ("RATE_LIMITED", "RATE_LIMIT") or any(w in message for w in _LIMIT_WORDS):
            return _limited_query(data, headers, now)
        if kind == "INVALID_CURSOR_ARGUMENTS" or "valid cursor" in message:
            return Verdict(outcome="cursor", cause="the cursor is not known")
        if kind in _HEAVY_TYPES or any(words in message for words in _HEAVY_WORDS):
            return Verdict(outcome="heavy", cause="the server cannot answer so much")
        if data.get("repository") is None and data.get("node") is None:
            return Verdict(outcome="refused", cause=error_cause(error))
    if not data:
        return Verdict(outcome="again", cause="an answer without data")
    return Verdict(outcome="ok")


def _limited_query(data: dict[str, Any], headers: Mapping[str, str], now: float) -> Verdict:
    reset_at = time(mapping(data.get("rateLimit")).get("resetAt"))
    reset = reset_at.timestamp() if reset_at else None
    if reset is None and number(headers.get("x-ratelimit-remaining")) == 0:
        reset = number(headers.get("x-ratelimit-reset"))
    wait_s = max(1.0, reset - now) if reset is not None else None
    return Verdict(
        outcome="limited", cause="rate limit", wait_s=wait_s, of_token=wait_s is not None
    )


def error_cause(error: dict[str, Any]) -> str:
    """A GraphQL error in words of ours; a query that the server does not understand in its own."""
    kind = text(error.get("type"))
    if kind == "NOT_FOUND":
        return CAUSES[404]
    if kind in ("FORBIDDEN", "INSUFFICIENT_SCOPES"):
        return CAUSES[403]
    return (kind or text(error.get("message")) or "an error without a message")[:200]


def number(value: Any) -> float | None:
    """A number of a header, which is sometimes written as "1.0"."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    # No second beyond the year 5138: later ones, and milliseconds, are no times that can be shown.
    return found if abs(found) < 1e11 else None


def http_date(value: str | None) -> datetime | None:
    """A date of a header; "-0000" and no zone at all are UTC (RFC 5322, 3.3)."""
    try:
        found = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def backoff_s(num_failures: int) -> float:
    """1, 2, 4 ... seconds up to a minute."""
    return min(2.0 ** (num_failures - 1), MAX_BACKOFF_S)


def limit_wait_s(num_failures: int) -> float:
    """1, 2, 4 ... minutes up to 16, for a limit without a time."""
    return min(MIN_LIMIT_WAIT_S * 2.0 ** (num_failures - 1), MAX_LIMIT_WAIT_S)
