"""Which pull requests a repository's history holds. In: a history, refs. Out: `Candidate`s.

    find_candidates(repository, history, {12: "3f2a..."}, config)  ->  [Candidate(number=12, ...)]

By their own words: merge commits and squash commits that name a number. On the default branch's
own line they are believed; deeper commits (of a release branch that was merged, or of a fork that
numbers its own pull requests) only if `refs/pull/N/head` agrees.
By patches: heads of which every commit is on the default branch with the same change ("rebase").
By reachability: heads that became reachable with a commit that says nothing ("none", merged).
Order is that of landing on the default branch, so that later arrivals only append.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from pipelines.mine.config import MineConfig
from pipelines.mine.evidence import changes_same_files, patch_identities, shares_author
from pipelines.mine.git import GitRepository
from pipelines.mine.history import History


class Candidate(NamedTuple):
    """A pull request as the graph shows it; its patches are the difference base -> result."""

    number: int
    state: str
    merge_kind: str
    base: str | None
    """None when the change starts from nothing, or when the base is not in the repository."""
    head: str
    result: str
    merge_commit: str | None
    commits: tuple[str, ...]
    """The series, oldest first, without merge commits."""
    is_complete: bool = True
    """False when base or head is not in the repository."""


def find_candidates(
    repository: GitRepository, history: History, heads: Mapping[int, str], config: MineConfig
) -> list[Candidate]:
    """The pull requests of a repository in landing order; `heads` is number -> refs/pull/N/head."""
    named = _named(repository, history, heads, config)
    found = {candidate.number: candidate for candidate in named}
    explained = {candidate.head for candidate in named}
    rest = {n: sha for n, sha in sorted(heads.items()) if n not in found and sha not in explained}
    reached = [c for c in _reachable(history, rest) if _is_wanted(c, config)]
    found |= {c.number: c for c in reached}
    unreached = {n: sha for n, sha in rest.items() if n not in found and sha not in history.landed}
    found |= {c.number: c for c in _rebased(repository, history, unreached, config)}
    if config.include_unmerged:
        left = {n: sha for n, sha in unreached.items() if n not in found}
        found |= {c.number: c for c in _unmerged(history, left, config)}
    rank = {sha: index for index, sha in enumerate(history.landed)}
    last = len(rank)
    return sorted(found.values(), key=lambda c: (rank.get(c.merge_commit or "", last), c.number))


def _is_wanted(candidate: Candidate, config: MineConfig) -> bool:
    return candidate.state == "merged" or config.include_unmerged


def _named(
    repository: GitRepository, history: History, heads: Mapping[int, str], config: MineConfig
) -> list[Candidate]:
    """One candidate per number: the earliest on the own line, else the earliest of the others."""
    chosen: dict[int, str] = {}
    own_line = set(history.first_parents)
    for is_own in (True, False):
        for sha in history.landed:
            mention = history.nodes[sha].mention
            if mention is None or (sha in own_line) is not is_own or mention.number in chosen:
                continue
            if is_own or _agrees(history, sha, heads.get(mention.number)):
                chosen[mention.number] = sha
    return [
        _from_merge(history, number, sha)
        if (mention := history.nodes[sha].mention) and mention.is_merge
        else _from_squash(repository, history, number, sha, heads.get(number), config)
        for number, sha in chosen.items()
    ]


def _agrees(history: History, sha: str, head: str | None) -> bool:
    """Whether refs/pull/N/head confirms that a commit off the own line brought in number N."""
    node = history.nodes[sha]
    if head is None or head not in history.nodes:
        return False
    if len(node.parents) > 1:
        return head in node.parents[1:]
    return shares_author(history, sha, head)


def _from_squash(
    repository: GitRepository,
    history: History,
    number: int,
    sha: str,
    head: str | None,
    config: MineConfig,
) -> Candidate:
    node = history.nodes[sha]
    base = node.parents[0] if node.parents else None
    branch = history.split(base, head)[0] if head and head in history.nodes else []
    # "(#12)" may stand for another change than refs/pull/12/head.
    is_known = bool(head and branch) and (
        any(shares_author(history, sha, commit) for commit in branch)
        or changes_same_files(repository, history, sha, branch[-1], config)
    )
    series = _series(history, branch if is_known else (), sha)
    return Candidate(
        number=number,
        state="merged",
        merge_kind="squash",
        base=base,
        head=head if head and is_known else sha,
        result=sha,
        merge_commit=sha,
        commits=series if len(series) <= config.max_commits else (sha,),
        is_complete=not node.is_cut,
    )


def _from_merge(history: History, number: int, sha: str) -> Candidate:
    node = history.nodes[sha]
    ours, theirs = node.parents[:1], node.parents[-1:]
    is_whole = len(node.parents) > 1 and not node.is_cut
    head = theirs[0] if theirs else sha
    commits, base = history.split(ours[0], head) if is_whole else ([], None)
    return Candidate(
        number=number,
        state="merged",
        merge_kind="merge",
        base=base,
        head=head,
        result=head,
        merge_commit=sha,
        commits=_series(history, commits, head),
        is_complete=is_whole and base is not None,
    )


def _reachable(history: History, heads: Mapping[int, str]) -> Iterator[Candidate]:
    """Heads on the default branch that no commit names: merges by hand, and fast-forwards.

    A head on the branch's own line may be a fast-forward, or was reset to what others had done;
    git cannot tell, so its state is "unknown". Where a series began is told by its merge commit
    only; without one it is its last commit alone.
    """
    own_line = set(history.first_parents)
    merges: dict[str, str] = {}
    for sha in history.landed:
        for parent in history.nodes[sha].parents[1:]:
            merges.setdefault(parent, sha)
    for number, head in heads.items():
        node = history.nodes.get(head)
        # A head that a merge or another number made was moved there after the fact.
        if head not in history.landed or node is None or len(node.parents) != 1 or node.mention:
            continue
        commits: list[str] = [head]
        base: str | None = node.parents[0]
        if head in merges and head not in own_line:
            commits, base = history.split(history.nodes[merges[head]].parents[0], head)
        is_merged = head not in own_line
        yield Candidate(
            number=number,
            state="merged" if is_merged else "unknown",
            merge_kind="none",
            base=base,
            head=head,
            result=head,
            merge_commit=merges.get(head, head) if is_merged else None,
            commits=_series(history, commits, head),
            is_complete=base is not None,
        )


def _rebased(
    repository: GitRepository, history: History, heads: Mapping[int, str], config: MineConfig
) -> Iterator[Candidate]:
    """Heads of which every commit has a twin, equal in author and patch, on the default branch."""
    twins: dict[tuple[str, str, int], list[str]] = {}
    for sha in history.landed:
        twins.setdefault(history.nodes[sha].author, []).append(sha)
    series: dict[int, tuple[str, ...]] = {}
    for number, sha in heads.items():
        commits = history.branch_commits(sha, config.max_commits)
        own = tuple(commit for commit in commits if len(history.nodes[commit].parents) == 1)
        if own and all(history.nodes[commit].author in twins for commit in own):
            series[number] = own
    authors = {history.nodes[sha].author for own in series.values() for sha in own}
    asked = {sha for own in series.values() for sha in own}
    asked |= {sha for author in authors for sha in twins[author]}
    identities = patch_identities(repository, history, sorted(asked), config)
    for number, own in series.items():
        landed = [_twin(identities, sha, twins[history.nodes[sha].author]) for sha in own]
        if all(landed):
            yield _from_head(history, number, heads[number], landed[0])


def _twin(identities: Mapping[str, str], sha: str, twins: Sequence[str]) -> str | None:
    """The commit of the default branch that makes the same change."""
    same = [twin for twin in twins if sha in identities and identities.get(twin) == identities[sha]]
    return same[0] if same else None


def _from_head(history: History, number: int, head: str, merge_commit: str | None) -> Candidate:
    commits, base = history.split(history.head, head)
    return Candidate(
        number=number,
        state="merged" if merge_commit else "unknown",
        merge_kind="rebase" if merge_commit else "none",
        base=base,
        head=head,
        result=head,
        merge_commit=merge_commit,
        commits=_series(history, commits, head),
        is_complete=base is not None,
    )


def _unmerged(
    history: History, heads: Mapping[int, str], config: MineConfig
) -> Iterator[Candidate]:
    for number, sha in heads.items():
        if sha in history.nodes and history.branch_commits(sha, config.max_commits):
            yield _from_head(history, number, sha, None)


def _series(history: History, commits: Sequence[str], fallback: str) -> tuple[str, ...]:
    """Merge commits bring other people's work in; they are no part of the series."""
    own = tuple(sha for sha in commits if len(history.nodes[sha].parents) < 2)
    return own or (fallback,)
