"""Which pull requests a repository's history holds. In: a history, refs. Out: `Candidate`s.

    find_candidates(repository, history, {12: "3f2a..."}, config)  ->  [Candidate(number=12, ...)]

Every number that a head or a commit names is one candidate, so that each is kept or counted.
By their own words: merge commits and squash commits that name a number. On the default branch's
own line they are believed; deeper commits (of a release branch that was merged, or of a fork that
numbers its own pull requests) only if `refs/pull/N/head` agrees.
By patches: heads of which every commit is on the default branch with the same change ("rebase").
By reachability: heads that became reachable with a commit that says nothing ("none", merged).
Order is that of landing on the default branch, so that later arrivals only append.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from pipelines.mine.config import MineConfig
from pipelines.mine.evidence import shares_author
from pipelines.mine.git import GitRepository
from pipelines.mine.history import History, Node
from pipelines.mine.rebases import find_rebased
from schemas.reasons import Reason

_MAX_ISSUES = 0.1
"""Share of numbers without a head up to which a repository counts as having all heads."""


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
    defect: str | None = None
    """The reason why it cannot become a row, where the graph alone shows one."""
    reverted_by: str | None = None
    sources: tuple[str, ...] = ()
    """Addresses of what GitHub says of it (`pipelines.github.read`)."""


def find_candidates(
    repository: GitRepository, history: History, heads: Mapping[int, str], config: MineConfig
) -> list[Candidate]:
    """The pull requests of a repository in landing order; `heads` is number -> refs/pull/N/head."""
    named = _named(history, heads, config)
    found = {candidate.number: candidate for candidate in named}
    explained = {candidate.head for candidate in named}
    rest = {n: sha for n, sha in sorted(heads.items()) if n not in found}
    unread = {n: sha for n, sha in rest.items() if sha not in history.nodes}
    found |= {n: without_row(n, sha, Reason.MISSING_COMMIT) for n, sha in unread.items()}
    own = {n: sha for n, sha in rest.items() if sha not in explained and n not in unread}
    found |= {c.number: c for c in _reachable(history, own)}
    unreached = {n: sha for n, sha in own.items() if sha not in history.landed}
    found |= {c.number: c for c in _rebased(repository, history, unreached, found.values(), config)}
    left = {n: sha for n, sha in unreached.items() if n not in found}
    found |= {n: from_head(history, n, sha, config) for n, sha in left.items()}
    found |= {n: without_row(n, sha) for n, sha in rest.items() if n not in found}
    said = _said(history)
    found |= {n: without_row(n, said[n], Reason.NO_PULL_REQUEST) for n in said if n not in found}
    return in_landing_order(found.values(), history)


def in_landing_order(candidates: Iterable[Candidate], history: History) -> list[Candidate]:
    """Those that landed as they did, then the others by number."""
    rank = {sha: index for index, sha in enumerate(history.landed)}
    last = len(rank)
    return sorted(candidates, key=lambda c: (rank.get(c.merge_commit or "", last), c.number))


def _named(history: History, heads: Mapping[int, str], config: MineConfig) -> list[Candidate]:
    """One candidate per number: the earliest on the own line, else the earliest of the others."""
    chosen: dict[int, str] = {}
    own_line = set(history.first_parents)
    owners = {sha: number for number, sha in sorted(heads.items(), reverse=True)}
    issues = _issue_numbers(history, heads)
    for is_own in (True, False):
        for sha in history.landed:
            node = history.nodes[sha]
            if node.mention is None or (sha in own_line) is not is_own:
                continue
            number = _number(node.mention.number, node, heads, owners)
            if number in chosen or number in issues:
                continue
            if is_own or _agrees(history, sha, heads.get(number)):
                chosen[number] = sha
    return [
        from_landed(history, number, sha, heads.get(number), config)
        for number, sha in chosen.items()
    ]


def _number(said: int, node: Node, heads: Mapping[int, str], owners: Mapping[str, int]) -> int:
    """What a commit says, unless it merged what is the head of another number only."""
    theirs = node.parents[1:]
    owned = [owners[sha] for sha in theirs if sha in owners]
    return said if heads.get(said) in theirs or not owned else owned[-1]


def _said(history: History) -> dict[int, str]:
    """Number -> the first commit that names it, whether that is believed or not."""
    mentions = ((history.nodes[sha].mention, sha) for sha in history.landed)
    said: dict[int, str] = {}
    for mention, sha in mentions:
        if mention is not None:
            said.setdefault(mention.number, sha)
    return said


def _issue_numbers(history: History, heads: Mapping[int, str]) -> set[int]:
    """Numbers in "(#N)" of issues: without a head, where nearly all others have theirs.

    On GitHub issues and pull requests share their numbers, and every pull request has a head.
    """
    nodes = (history.nodes[sha] for sha in history.first_parents)
    said = {node.mention.number for node in nodes if node.mention}
    unknown = said - heads.keys()
    is_full = len(unknown) <= _MAX_ISSUES * len(said)
    return {number for number in unknown if number < max(heads, default=0)} if is_full else set()


def _agrees(history: History, sha: str, head: str | None) -> bool:
    """Whether refs/pull/N/head confirms that a commit off the own line brought in number N."""
    node = history.nodes[sha]
    if head is None or head not in history.nodes:
        return False
    if len(node.parents) > 1:
        return head in node.parents[1:]
    return shares_author(history, sha, head)


def from_landed(
    history: History, number: int, sha: str, head: str | None, config: MineConfig
) -> Candidate:
    """The pull request that a merge or squash commit brought in."""
    mention = history.nodes[sha].mention
    is_merge = len(history.nodes[sha].parents) > 1 or (mention is not None and mention.is_merge)
    if is_merge:
        return _from_merge(history, number, sha, head)
    return _from_squash(history, number, sha, head, config)


def _from_squash(
    history: History, number: int, sha: str, head: str | None, config: MineConfig
) -> Candidate:
    """With the branch where there is one; whoever reads it checks that it is the same change."""
    node = history.nodes[sha]
    base = node.parents[0] if node.parents else None
    branch, fork = history.split(base, head) if head and head in history.nodes else ([], None)
    series = _series(history, branch, sha)
    alone = Candidate(
        number=number,
        state="merged",
        merge_kind="squash",
        base=base,
        head=sha,
        result=sha,
        merge_commit=sha,
        commits=(sha,),
        defect=Reason.MISSING_COMMIT if node.is_cut else None,
    )
    if head is None or fork is None or node.is_cut or len(series) > config.max_commits:
        return alone
    return alone._replace(base=fork, head=head, result=head, commits=series) if branch else alone


def _from_merge(history: History, number: int, sha: str, head: str | None) -> Candidate:
    """An octopus merge brings in several; the head says which of its parents is this one."""
    node = history.nodes[sha]
    ours, theirs = node.parents[:1], node.parents[1:]
    is_whole = bool(theirs) and not node.is_cut
    tip = head if head in theirs else theirs[-1] if theirs else sha
    assert tip is not None
    commits, base = history.split(ours[0], tip) if is_whole else ([], None)
    return Candidate(
        number=number,
        state="merged",
        merge_kind="merge",
        base=base,
        head=tip,
        result=tip,
        merge_commit=sha,
        commits=_series(history, commits, tip),
        defect=None if is_whole and base is not None else Reason.MISSING_COMMIT,
    )


def _reachable(history: History, heads: Mapping[int, str]) -> Iterator[Candidate]:
    """Heads on the default branch that no commit names: merges by hand, and fast-forwards.

    Only what a merge commit brought in is merged. A head on the branch's own line may be a
    fast-forward, or was reset to what others had done; one inside another's branch may have been
    closed before; git cannot tell, so their state is "unknown". Where a series began is told by
    its merge commit only; without one it is its last commit alone.
    """
    own_line = set(history.first_parents)
    merges: dict[str, str] = {}
    for sha in history.landed:
        for parent in history.nodes[sha].parents[1:]:
            merges.setdefault(parent, sha)
    for number, head in heads.items():
        node = history.nodes[head]
        is_merged = head in merges and head not in own_line
        # A head that a merge or another number made was moved there after the fact.
        is_moved = node.mention is not None or (len(node.parents) != 1 and not is_merged)
        if head not in history.landed or is_moved:
            continue
        commits: list[str] = [head]
        base: str | None = node.parents[0] if node.parents else None
        if is_merged:
            commits, base = history.split(history.nodes[merges[head]].parents[0], head)
        yield Candidate(
            number=number,
            state="merged" if is_merged else "unknown",
            merge_kind="none",
            base=base,
            head=head,
            result=head,
            merge_commit=merges[head] if is_merged else None,
            commits=_series(history, commits, head),
            defect=None if base is not None else Reason.MISSING_COMMIT,
        )


def _rebased(
    repository: GitRepository,
    history: History,
    heads: Mapping[int, str],
    found: Iterable[Candidate],
    config: MineConfig,
) -> Iterator[Candidate]:
    merged = [candidate for candidate in found if candidate.state == "merged"]
    taken = {sha for c in merged for sha in (*c.commits, c.merge_commit) if sha}
    landed = find_rebased(repository, history, heads, taken, config)
    for number, sha in landed.items():
        kind = {"state": "merged", "merge_kind": "rebase", "merge_commit": sha}
        yield from_head(history, number, heads[number], config, **kind)


def from_head(
    history: History,
    number: int,
    head: str,
    config: MineConfig,
    *,
    state: str = "unknown",
    merge_kind: str = "none",
    merge_commit: str | None = None,
) -> Candidate:
    """The pull request that a head holds, as the difference to where it left the default branch."""
    commits = history.branch_commits(head, config.max_commits)
    base = history.fork_point(commits)
    defect = Reason.MISSING_COMMIT if base is None else None
    return Candidate(
        number=number,
        state=state,
        merge_kind=merge_kind,
        base=base,
        head=head,
        result=head,
        merge_commit=merge_commit,
        commits=_series(history, commits, head),
        defect=defect if commits else Reason.TOO_LARGE,
    )


def without_row(
    number: int, head: str, defect: str = Reason.NO_OWN_COMMITS, state: str = "unknown"
) -> Candidate:
    """A number that cannot become a row."""
    return Candidate(
        number=number,
        state=state,
        merge_kind="none",
        base=None,
        head=head,
        result=head,
        merge_commit=None,
        commits=(head,),
        defect=defect,
    )


def _series(history: History, commits: Sequence[str], fallback: str) -> tuple[str, ...]:
    """Merge commits bring other people's work in; they are no part of the series."""
    own = tuple(sha for sha in commits if len(history.nodes[sha].parents) < 2)
    return own or (fallback,)
