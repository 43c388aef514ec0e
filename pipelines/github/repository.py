"""What GitHub says of a repository itself. In: the folder that `hydrate` fills. Out: facts.

    read_repository("/data/github", "acme/shop").stars  ->  1234

Every GraphQL answer tells it and no REST answer does; of those, the one about the pull request that
changed last is the newest.
"""

from typing import Any

from pipelines.github.answers import integer, mapping, text
from pipelines.github.archive import ResponseArchive, is_repo
from pipelines.github.graphql_facts import data_of
from pipelines.github.journal import read_journal
from pipelines.github.read import GRAPHQL, read_source
from transforms.filters.rule import RepositoryFacts


def read_repository(archive_folder: str, repo: str) -> RepositoryFacts:
    """Stars, closed issues, language, whether it is a fork; None for what nobody told.

    Raises InputError when the folder is no archive or the answer is absent or corrupt.
    """
    ResponseArchive(archive_folder).check_exists()
    lines = read_journal(archive_folder, repo).known.values() if is_repo(repo) else ()
    newest = max((line for line in lines if _is_telling(line)), key=_age, default=None)
    if newest is None:
        return RepositoryFacts()
    answer = read_source(archive_folder, newest["sources"][0])
    told = mapping(data_of(answer).get("repository"))
    is_fork = told.get("isFork")
    return RepositoryFacts(
        stars=integer(told.get("stargazerCount")),
        closed_issues=integer(mapping(told.get("closedIssues")).get("totalCount")),
        language=text(mapping(told.get("primaryLanguage")).get("name")),
        is_fork=is_fork if isinstance(is_fork, bool) else None,
    )


def _is_telling(line: dict[str, Any]) -> bool:
    return bool(line["sources"]) and line["sources"][0].startswith(f"{GRAPHQL}:")


def _age(line: dict[str, object]) -> tuple[str, str]:
    return str(line["updated"]), str(line["sources"])
