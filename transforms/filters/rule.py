"""What a rule is and what it may know. In: nothing. Out: `Rule`, `RepositoryFacts`, small parts.

    Rule(name="max_python_files", sentence="...", default=5, fault=_max_python_files)

A rule either finds a fault (the row is rejected with the rule's own reason) or changes the row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.ids import stable_id
from schemas.reasons import Reason
from schemas.tables import PullRequest

Value = bool | int | float | str | tuple[str, ...] | tuple[tuple[str, int], ...]
"""True of a rule that is only on; a count, a share of 0..1, one of `Rule.choices`, words; or pairs
of a language and a count, with `OTHER` for the languages not named."""

OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class RepositoryFacts:
    """What is known of a row's repository; None is "not known"."""

    license: str | None = None
    """An SPDX expression or "unknown"; None takes the row's."""
    stars: int | None = None
    closed_issues: int | None = None
    language: str | None = None
    """The main language, as GitHub names it; case does not count."""
    is_fork: bool | None = None
    num_pull_requests: int | None = None
    """Pull requests that the repository has, of any state."""


Fault = Callable[[PullRequest, RepositoryFacts, Any], str | None]
"""Why the row fails (counts and limits, never text of the row), or None."""
Change = Callable[[PullRequest, RepositoryFacts, Any], PullRequest]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A named rule. Exactly one of `fault` and `change` is given."""

    name: str
    sentence: str
    default: Value
    """The published value; its type says what values the rule takes."""
    fault: Fault | None = None
    change: Change | None = None
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    """Fields of the row that a host must have told, or fields of `RepositoryFacts`."""

    @property
    def reason(self) -> Reason | None:
        """Why a row is rejected; None for a rule that only changes rows."""
        return Reason(f"rule_{self.name}") if self.fault else None


def at_least(count: int, least: int) -> str | None:
    """The fault of a count that must not be smaller."""
    return f"{count} < {least}" if count < least else None


def at_most(count: int, most: int) -> str | None:
    """The fault of a count that must not be larger."""
    return f"{count} > {most}" if count > most else None


def fraction_of(*parts: str) -> float:
    """A draw of [0, 1) that depends on the parts alone: the same in every run."""
    return int(stable_id(*parts)[:13], 16) / 16**13
