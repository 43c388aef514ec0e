"""Which token asks next. In: tokens and what answers say of them. Out: a `Token`.

    tokens = read_tokens("GITHUB_TOKENS")      one or several, with commas between them
    token = best_token(tokens, "graphql", now=time.time())

A token's secret is in no message, no log, no repr.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.github.limits import number
from schemas.errors import ConfigError

_TOKEN = re.compile(r"[!-~]+")
"""What a header can carry, without blanks."""


@dataclass(kw_only=True)
class Allowance:
    """What a token may still ask of one resource ("core" or "graphql")."""

    remaining: float = float("inf")
    """Points; infinite until an answer says."""
    reset: float = 0.0
    """When the points are renewed, in seconds since 1970."""


@dataclass(kw_only=True)
class Token:
    """One token; the secret "" stands for asking without any."""

    secret: str = field(repr=False)
    place: int
    """Which of the tokens it is, counted from 1: a name for messages."""
    allowances: dict[str, Allowance] = field(default_factory=dict)

    def allowance(self, resource: str, *, now: float) -> Allowance:
        """What is left, which nobody knows again once the points were renewed."""
        found = self.allowances.setdefault(resource, Allowance())
        if found.reset <= now:
            found.remaining = float("inf")
        return found

    def learn(self, resource: str, remaining: float | None, reset: float | None) -> None:
        """What an answer says."""
        if remaining is not None and reset is not None:
            self.allowances[resource] = Allowance(remaining=remaining, reset=reset)

    def learn_headers(self, resource: str, headers: Mapping[str, str]) -> None:
        """What the headers of an answer say."""
        remaining = number(headers.get("x-ratelimit-remaining"))
        self.learn(resource, remaining, number(headers.get("x-ratelimit-reset")))


def read_tokens(variable: str) -> list[Token]:
    """The tokens of an environment variable, without repetitions.

    Raises ConfigError for what no token is, such as two with a line break between them.
    """
    secrets = (text.strip() for text in os.environ.get(variable, "").split(","))
    unique = dict.fromkeys(secret for secret in secrets if secret)
    for place, secret in enumerate(unique, start=1):
        if not _TOKEN.fullmatch(secret):
            raise ConfigError(
                f"token {place} of {variable} has blanks or characters that no token has; "
                "write several tokens with commas between them"
            )
    return [Token(secret=secret, place=place) for place, secret in enumerate(unique, start=1)]


def best_token(tokens: list[Token], resource: str, *, now: float) -> Token:
    """The token with the most points left; where nothing is left, that which is renewed first."""

    def rank(token: Token) -> tuple[float, float]:
        allowance = token.allowance(resource, now=now)
        return -allowance.remaining, allowance.reset

    return min(tokens, key=rank)
