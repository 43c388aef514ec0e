"""What the archive of GitHub's answers tells. In: the folder that `hydrate` fills. Out: facts.

    known = known_pull_requests("/data/github", "acme/shop")
    facts = read_facts("/data/github", known[12].sources, 12)

Nothing here asks the network. A source is "kind:address": what kind of answer, and its SHA-256; or
what `pipelines.github.gharchive` makes of it. What GitHub answered goes before what events tell.
"""

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pipelines.github.archive import ResponseArchive, is_repo
from pipelines.github.facts import KnownPullRequest, PullRequestFacts
from pipelines.github.gharchive import PREFIX, known_from_index, read_indexed_facts
from pipelines.github.graphql_facts import facts_of_nodes
from pipelines.github.journal import read_journal
from pipelines.github.rest_facts import facts_of_answers
from schemas.errors import InputError

GRAPHQL = "graphql"
"""The kind of a source that is a GraphQL answer; the others are the parts of REST answers."""


def known_pull_requests(archive_folder: str, repo: str) -> dict[int, KnownPullRequest]:
    """Number -> the latest knowledge; {} for a repository that was never asked about.

    Raises InputError when the folder is no archive or its journal is corrupt.
    """
    ResponseArchive(archive_folder).check_exists()
    if not is_repo(repo):
        return {}
    known = known_from_index(archive_folder, repo)
    for number, pull in known_from_journal(archive_folder, repo).items():
        known[number] = _with_merge(pull, known.get(number))
    return dict(sorted(known.items()))


def _with_merge(pull: KnownPullRequest, heard: KnownPullRequest | None) -> KnownPullRequest:
    """A merge that GitHub's last answer could not know of; nothing can undo one."""
    if heard is None or heard.state != "merged" or pull.state == "merged":
        return pull
    sources = (*pull.sources, *heard.sources)
    merge_sha = heard.merge_sha or pull.merge_sha
    return replace(pull, state="merged", merge_sha=merge_sha, sources=sources)


def known_from_journal(archive_folder: str, repo: str) -> dict[int, KnownPullRequest]:
    """The same of GitHub's own answers only."""
    return {
        number: KnownPullRequest(
            number=number,
            state=line["state"],
            base_sha=line["base"],
            head_sha=line["head"],
            merge_sha=line["merge"],
            sources=tuple(line["sources"]),
        )
        for number, line in read_journal(archive_folder, repo).known.items()
    }


def read_facts(archive_folder: str, sources: tuple[str, ...], number: int) -> PullRequestFacts:
    """The facts of one pull request from the answers that its sources name.

    Raises InputError for an answer that is absent, corrupt or does not hold the pull request.
    """
    told = tuple(source for source in sources if source.startswith(PREFIX))
    if told and len(told) == len(sources):
        return read_indexed_facts(archive_folder, told, number)
    facts = _read_answers(archive_folder, sources[: len(sources) - len(told)], number)
    if not told:
        return facts
    heard = read_indexed_facts(archive_folder, told, number)
    return replace(
        facts,
        state=heard.state,
        merge_sha=heard.merge_sha or facts.merge_sha,
        merged_at=heard.merged_at,
        closed_at=heard.closed_at,
        merge_source=heard.source,
    )


def _read_answers(archive_folder: str, sources: tuple[str, ...], number: int) -> PullRequestFacts:
    parts = [(source.partition(":")[0], read_source(archive_folder, source)) for source in sources]
    if parts and parts[0][0] == GRAPHQL:
        facts = facts_of_nodes([answer for _, answer in parts], number)
    else:
        facts = facts_of_answers(parts, number)
    if facts is None:
        raise InputError(
            f"{archive_folder}: the answers about pull request {number} do not hold it; "
            "delete the repository's journal.jsonl there and type: katydid hydrate -c my.toml"
        )
    return facts


@lru_cache(maxsize=8)
def read_source(archive_folder: str, source: str) -> Any:
    """One answer holds a page of pull requests, which are mostly read one after the other."""
    return json.loads(ResponseArchive(archive_folder).get(source.partition(":")[2]))
