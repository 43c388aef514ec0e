"""The table of rules, and a chosen set of them. In: a profile, overrides. Out: a `RuleSet`.

    rules = rules_of("kimi-dev", ["max_python_files=5", "max_edit_blocks=off"])
    rules.apply(row, RepositoryFacts(stars=7))    the changed row, or RowError with the first fault

Rules run in the order of the table, whatever the order of the settings. A row that lacks what a
rule needs to know is rejected with NOT_HYDRATED, not judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any

from schemas.errors import ConfigError, RowError
from schemas.reasons import Reason
from schemas.tables import PullRequest
from transforms.filters.change_rules import CHANGE_RULES
from transforms.filters.profiles import PROFILES
from transforms.filters.repository_rules import REPOSITORY_RULES
from transforms.filters.rule import RepositoryFacts, Rule, Value
from transforms.filters.text_rules import TEXT_RULES
from transforms.filters.values import format_value, parse_value

RULES: dict[str, Rule] = {
    rule.name: rule for rule in (*REPOSITORY_RULES, *CHANGE_RULES, *TEXT_RULES)
}

_ALL_WORDS = 1_000_000
_FACTS = frozenset(field.name for field in fields(RepositoryFacts))


@dataclass(frozen=True)
class RuleSet:
    """Rules that are on, with their values, in table order."""

    values: tuple[tuple[str, Value], ...]

    @property
    def needs(self) -> frozenset[str]:
        """What must be known: "github" (of pull requests), "repository" (stars, issues, language,
        fork), "num_pull_requests"."""
        return frozenset(_group(need) for name, _ in self.values for need in RULES[name].needs)

    def needing(self, group: str) -> tuple[str, ...]:
        """The rules that need one of the groups that `needs` names."""
        return tuple(name for name, _ in self.values if group in map(_group, RULES[name].needs))

    def apply(self, row: PullRequest, repository: RepositoryFacts) -> PullRequest:
        """The row as the rules change it. Raises RowError with the first rule's fault."""
        known = _known(row, repository)
        for name, value in self.values:
            rule = RULES[name]
            missing = [need for need in rule.needs if need not in known]
            if missing:
                raise RowError(Reason.NOT_HYDRATED, f"{name} needs {', '.join(missing)}")
            fault = rule.fault(row, repository, value) if rule.fault else None
            if fault is not None and rule.reason is not None:
                raise RowError(rule.reason, fault)
            row = rule.change(row, repository, value) if rule.change else row
        return row

    def check(self, row: PullRequest, repository: RepositoryFacts) -> tuple[Reason, str] | None:
        """The reason and the detail of the first fault, or None; what `apply` would raise."""
        try:
            self.apply(row, repository)
        except RowError as error:
            return error.reason, error.detail
        return None


def rules_of(profile: str, overrides: Sequence[str]) -> RuleSet:
    """The rules of a profile ("" for none) with "name=value", "name" or "name=off" laid over them.

    Raises ConfigError for an unknown profile or rule and for a value of the wrong kind.
    """
    chosen: dict[str, Value | None] = {}
    for text in (*_settings_of(profile), *overrides):
        name, _, value = text.partition("=")
        rule = _rule_of(name.strip())
        chosen[rule.name] = parse_value(rule, value.strip())
    values = ((name, chosen.get(name)) for name in RULES)
    return RuleSet(tuple((name, value) for name, value in values if value is not None))


def describe_rules(profile: str = "") -> list[dict[str, Any]]:
    """The rules of a profile; with "" all rules, with their value in every profile."""
    if profile:
        return [
            {
                "rule": name,
                "value": format_value(value, max_words=_ALL_WORDS),
                "does": "rejects" if RULES[name].fault else "changes",
                "needs": ", ".join(sorted({_group(need) for need in RULES[name].needs})),
                "what": RULES[name].sentence,
            }
            for name, value in rules_of(profile, ()).values
        ]
    sets = {name: dict(rules_of(name, ()).values) for name in PROFILES}
    return [
        {
            "rule": rule.name,
            **{
                name: format_value(values.get(rule.name), max_words=2)
                for name, values in sets.items()
            },
            "what": rule.sentence,
        }
        for rule in RULES.values()
    ]


def _settings_of(profile: str) -> tuple[str, ...]:
    if profile and profile not in PROFILES:
        meant = _meant(profile, PROFILES) or ", ".join(PROFILES)
        raise ConfigError(f"mine.profile: no profile {profile!r} (did you mean {meant}?)")
    return PROFILES[profile] if profile else ()


def _rule_of(name: str) -> Rule:
    if name not in RULES:
        meant = _meant(name, RULES)
        hint = f"did you mean {meant}?" if meant else "type: katydid rules"
        raise ConfigError(f"mine.rules: no rule {name!r} ({hint})")
    return RULES[name]


def _meant(name: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(name, known, n=1)), "")


def _known(row: PullRequest, repository: RepositoryFacts) -> set[str]:
    """Fields of the row that a host told, and facts that are not None."""
    told = {source.field for source in row.provenance if source.source != "git"}
    return told | {name for name in _FACTS if getattr(repository, name) is not None}


def _group(need: str) -> str:
    if need not in _FACTS:
        return "github"
    return need if need == "num_pull_requests" else "repository"
