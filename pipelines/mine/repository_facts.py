"""What rules may ask about a repository. In: its name, what is known of it. Out: `RepositoryFacts`.

    facts_for_rules(rules, mined, {12: ...}, config).stars  ->  12300

From 1,000 on numbers are cut to three digits: a star more must not make every shard of a large
repository be read anew.
"""

from collections.abc import Mapping

from pipelines.github.facts import KnownPullRequest
from pipelines.mine.config import MineConfig
from pipelines.mine.repositories import MinedRepository
from schemas.errors import ConfigError
from transforms.filters.rule import RepositoryFacts
from transforms.filters.rules import RuleSet

_NUM_DIGITS = 3


def facts_for_rules(
    rules: RuleSet,
    mined: MinedRepository,
    known: Mapping[int, KnownPullRequest],
    num_pull_requests: int,
    config: MineConfig,
) -> RepositoryFacts:
    """What the rules need and no more. Raises ConfigError when the host was never asked.

    Without a pull request there is nothing to ask about, nor had the host anything to tell.
    """
    if num_pull_requests == 0:
        return RepositoryFacts()
    told = _told(mined.name, config) if "repository" in rules.needs else RepositoryFacts()
    if ("github" in rules.needs and not known) or (
        "repository" in rules.needs and told == RepositoryFacts()
    ):
        raise ConfigError(_without(rules, mined.name))
    counted = _rounded(num_pull_requests) if "num_pull_requests" in rules.needs else None
    return RepositoryFacts(
        license=mined.license,
        stars=_rounded(told.stars),
        closed_issues=_rounded(told.closed_issues),
        language=told.language,
        is_fork=told.is_fork,
        num_pull_requests=counted,
    )


def _told(name: str, config: MineConfig) -> RepositoryFacts:
    if not config.github_archive:
        return RepositoryFacts()
    from pipelines.github.repository import read_repository

    return read_repository(config.github_archive, name)


def _without(rules: RuleSet, name: str) -> str:
    needing = [*rules.needing("github"), *rules.needing("repository")]
    off = ", ".join(f'"{rule}=off"' for rule in sorted(set(needing)))
    return (
        f"{name}: rules need what only GitHub knows; set mine.github_archive and type: "
        f"katydid hydrate -s github.api=graphql -s github.repos='[\"{name}\"]'; "
        f"or add -s mine.rules='[{off}]'"
    )


def _rounded(number: int | None) -> int | None:
    """12345 -> 12300."""
    if number is None:
        return None
    step = int(10 ** max(len(str(number)) - _NUM_DIGITS, 0))
    return number // step * step
