"""GitHub's knowledge, laid over what git shows. In: candidates or rows, facts. Out: them, joined.

    join_candidates(found, known, history, heads, config)  ->  [Candidate(sources=(...)), ...]
    join_row(row, facts)  ->  PullRequest(title=..., provenance=(FieldSource("title", "github"),))

GitHub decides the state; only where it says "not merged" and the default branch has it, by number,
patches or a merge, git does: projects land by hand what they then close. Patches, commits and base
contents always come from git.

Issues are those that GitHub links, then those that closing keywords name, in commits as in GitHub's
title and description: REST and events link none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipelines.github.facts import KnownPullRequest, PullRequestFacts
from pipelines.mine.candidates import (
    Candidate,
    from_head,
    from_landed,
    in_landing_order,
    without_row,
)
from pipelines.mine.config import MineConfig
from pipelines.mine.history import History
from pipelines.mine.messages import linked_issue_numbers, parse_reverts
from pipelines.mine.scope import EVERYTHING, PathScope
from schemas.discussion import FieldSource, LinkedIssue
from schemas.reasons import Reason
from schemas.tables import PullRequest

_FIELDS = (
    "author",
    "author_kind",
    "body",
    "checks",
    "closed_at",
    "created_at",
    "events",
    "labels",
    "merged_at",
    "title",
)
"""Facts that take the place of what git tells; None among them says nothing."""


def join_candidates(
    candidates: Iterable[Candidate],
    known: Mapping[int, KnownPullRequest],
    history: History,
    heads: Mapping[int, str],
    config: MineConfig,
) -> list[Candidate]:
    """Candidates with GitHub's state and sources, and those that only GitHub knows of."""
    found = {candidate.number: candidate for candidate in candidates}
    for number, pull in sorted(known.items()):
        head = pull.head_sha if pull.head_sha in history.nodes else heads.get(number)
        joined = _joined(found.get(number), pull, head, history, config)
        found[number] = joined._replace(sources=pull.sources)
    return in_landing_order(found.values(), history)


def mark_reverted(candidates: Iterable[Candidate], history: History) -> list[Candidate]:
    """Candidates with the first commit of the default branch that says it takes them back."""
    reverted: dict[str, str] = {}
    for sha in history.landed:
        for target in history.nodes[sha].reverts:
            reverted.setdefault(target, sha)
    rank = {sha: index for index, sha in enumerate(history.landed)}
    return [_with_revert(candidate, reverted, rank) for candidate in candidates]


def join_row(
    row: PullRequest, facts: PullRequestFacts, scope: PathScope = EVERYTHING
) -> PullRequest:
    """The row with what the facts tell, and where each such field comes from.

    Comments at files out of scope quote them, so they are left out.
    """
    told = {name: getattr(facts, name) for name in _FIELDS if getattr(facts, name) is not None}
    merge_source = facts.merge_source or facts.source
    sources = {
        name: merge_source if name in ("merged_at", "closed_at") else facts.source for name in told
    }
    if facts.events is not None:
        told["events"] = tuple(
            event for event in facts.events if event.path is None or scope.includes(event.path)
        )
    linked = _linked(facts.linked_issues or (), _with_keywords(row, facts))
    if facts.linked_issues is not None or linked != row.linked_issues:
        told["linked_issues"] = linked
        sources["linked_issues"] = facts.source
    reverts = tuple(dict.fromkeys((*row.reverts, *parse_reverts(facts.body or ""))))
    if reverts != row.reverts:
        told["reverts"], sources["reverts"] = reverts, facts.source
    if facts.state == row.state:
        sources["state"] = merge_source
    if facts.merge_sha is not None and facts.merge_sha == row.merge_commit:
        sources["merge_commit"] = merge_source
    return replace(
        row,
        **told,
        source=f"git+{facts.source}",
        provenance=tuple(FieldSource(field=f, source=s) for f, s in sorted(sources.items())),
    )


def _joined(
    candidate: Candidate | None,
    pull: KnownPullRequest,
    head: str | None,
    history: History,
    config: MineConfig,
) -> Candidate:
    merge = pull.merge_sha if pull.merge_sha in history.landed else None
    if pull.state == "merged" and merge is not None:
        is_told = candidate is not None and candidate.merge_commit == merge
        if candidate is not None and (is_told or candidate.merge_kind == "rebase"):
            return candidate
        if candidate is not None and candidate.defect is None and candidate.result == merge:
            # A fast-forward: git shows the commit, and only GitHub that it was merged by it.
            return candidate._replace(state="merged", merge_commit=merge)
        return _landed(pull.number, merge, head, history, config)
    if candidate is not None and candidate.state == "merged":
        return candidate
    state = pull.state or "unknown"
    merge_commit = pull.merge_sha if state == "merged" else None
    if candidate is not None and candidate.defect is None:
        return candidate._replace(state=state, merge_commit=merge_commit)
    if head is None:
        name = pull.head_sha or pull.merge_sha or ""
        return without_row(pull.number, name, Reason.MISSING_COMMIT, state)
    if head in history.landed:
        return without_row(pull.number, head, state=state)
    return from_head(history, pull.number, head, config, state=state, merge_commit=merge_commit)


def _landed(
    number: int, merge: str, head: str | None, history: History, config: MineConfig
) -> Candidate:
    """What GitHub says was merged with this commit.

    A squash names its number, a merge has two parents; the last commit of a rebase has neither, and
    without the branch nobody could tell how many came before it.
    """
    node = history.nodes[merge]
    is_named = node.mention is not None and node.mention.number == number
    if is_named or len(node.parents) > 1:
        return from_landed(history, number, merge, head, config)
    if head is None:
        return without_row(number, merge, Reason.MISSING_COMMIT, "merged")
    if head in history.landed:
        return without_row(number, head, state="merged")
    return from_head(
        history, number, head, config, state="merged", merge_kind="rebase", merge_commit=merge
    )


def _with_revert(
    candidate: Candidate, reverted: Mapping[str, str], rank: Mapping[str, int]
) -> Candidate:
    if candidate.state != "merged":
        return candidate
    names = (candidate.merge_commit or "", candidate.result, f"#{candidate.number}")
    found = [sha for name in names if (sha := reverted.get(name)) is not None]
    return candidate._replace(reverted_by=min(found, key=rank.__getitem__)) if found else candidate


def _with_keywords(row: PullRequest, facts: PullRequestFacts) -> tuple[LinkedIssue, ...]:
    """The row's issues and those that the title and description of the facts close."""
    known = {issue.number: issue for issue in row.linked_issues}
    for number in linked_issue_numbers(f"{facts.title or ''}\n{facts.body or ''}"):
        if number != row.number:
            known.setdefault(number, LinkedIssue(number=number, title="", body=""))
    return tuple(issue for _, issue in sorted(known.items()))


def _linked(
    references: tuple[LinkedIssue, ...], keywords: tuple[LinkedIssue, ...]
) -> tuple[LinkedIssue, ...]:
    """References first; keywords add what GitHub does not link, as "fixes" in a commit message."""
    known = {issue.number for issue in references if issue.repo is None}
    return (*references, *(issue for issue in keywords if issue.number not in known))
