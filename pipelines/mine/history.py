"""The commit graph in memory. In: a repository, tips. Out: landing order, ranges, merge bases.

    history = read_history(repository, head, heads.values())
    history.split("main-parent", "branch-tip")  ->  (commits only on the branch, merge base)

Git answers each of these with a process; a history with a thousand pull requests asks thousands
of times. About 0.4 kB of memory per commit.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from sys import intern

from pipelines.mine.commits import RawCommit
from pipelines.mine.git import GitRepository
from pipelines.mine.messages import Mention, parse_mention, parse_reverts
from schemas.errors import InputError

_OURS, _THEIRS, _BOTH = 1, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What is kept of a commit."""

    parents: tuple[str, ...]
    """Those that are in the repository."""
    author: tuple[str, str, int]
    """Name, email, seconds; a rebase keeps all three."""
    committed_at: int
    mention: Mention | None
    reverts: tuple[str, ...] = ()
    """Commits, or "#N", that its message says it takes back."""
    is_cut: bool = False
    """A parent is not in the repository: a shallow or damaged clone."""


class History:
    """Commits by name; `head` is the default branch's."""

    def __init__(self, nodes: dict[str, Node], head: str) -> None:
        self.nodes = nodes
        self.head = head
        self.first_parents = list(self._first_parents())
        """The default branch's own line, oldest first."""
        self.landed = self._landing_order()
        """Commit -> the commit of that line with which it became reachable; in landing order."""
        self._level = self._levels()

    def split(self, ours: str | None, theirs: str) -> tuple[list[str], str | None]:
        """Commits reachable from `theirs` only, oldest first, and the (best) merge base.

        Both sides are painted downwards, highest level first, as in git's merge-base.
        """
        flags = {theirs: _THEIRS}
        if ours is not None:
            flags[ours] = flags.get(ours, 0) | _OURS
        queue = [(-self._level[sha], sha) for sha in flags]
        heapq.heapify(queue)
        num_open = sum(flag == _THEIRS for flag in flags.values())
        only_theirs: list[str] = []
        base = None
        while queue and num_open:
            _, sha = heapq.heappop(queue)
            flag = flags[sha]
            if flag == _THEIRS:
                num_open -= 1
                only_theirs.append(sha)
            elif flag == _BOTH and base is None:
                base = sha
            for parent in self.nodes[sha].parents:
                old = flags.get(parent, 0)
                flags[parent] = old | flag
                num_open += (flags[parent] == _THEIRS) - (old == _THEIRS)
                if not old:
                    heapq.heappush(queue, (-self._level[parent], parent))
        common = [(level, sha) for level, sha in queue if flags[sha] == _BOTH]
        if base is None and common:
            base = min(common)[1]
        return only_theirs[::-1], base

    def branch_commits(self, head: str, limit: int) -> list[str]:
        """Commits of a branch that the default branch has not, oldest first.

        [] when there are over `limit`.
        """
        found: dict[str, None] = {}
        stack = [head]
        while stack and len(found) <= limit:
            sha = stack.pop()
            if sha not in self.landed and sha not in found:
                found[sha] = None
                stack.extend(self.nodes[sha].parents)
        return sorted(found, key=lambda sha: (self._level[sha], sha)) if len(found) <= limit else []

    def fork_point(self, commits: Iterable[str]) -> str | None:
        """Where a branch of these commits last met the default branch (the best merge base)."""
        parents = (parent for sha in commits for parent in self.nodes[sha].parents)
        met = [(self._level[sha], sha) for sha in parents if sha in self.landed]
        return max(met)[1] if met else None

    def root_commits(self) -> tuple[str, ...]:
        """Commits without parents: that of the default branch's own line, then those of histories
        merged into it, sorted. () where the own line is cut off, as in a shallow clone."""
        own = self.first_parents[0]
        if self.nodes[own].is_cut:
            return ()
        begun = [sha for sha in self.landed if not self.nodes[sha].parents]
        return (own, *sorted(sha for sha in begun if sha != own and not self.nodes[sha].is_cut))

    def _first_parents(self) -> Iterator[str]:
        line = [self.head]
        while self.nodes[line[-1]].parents:
            line.append(self.nodes[line[-1]].parents[0])
        yield from reversed(line)

    def _landing_order(self) -> dict[str, str]:
        landed: dict[str, str] = {}
        for tip in self.first_parents:
            news: dict[str, None] = {}
            stack = list(self.nodes[tip].parents)
            while stack:
                sha = stack.pop()
                if sha not in landed and sha not in news:
                    news[sha] = None
                    stack.extend(self.nodes[sha].parents)
            by_time = sorted(news, key=lambda sha: (self.nodes[sha].committed_at, sha))
            landed.update(dict.fromkeys([*by_time, tip], tip))
        return landed

    def _levels(self) -> dict[str, int]:
        """Length of the longest way to a root: a parent's level is always lower."""
        levels: dict[str, int] = {}
        for tip in self.nodes:
            stack = [tip]
            while stack:
                sha = stack[-1]
                todo = [parent for parent in self.nodes[sha].parents if parent not in levels]
                if not todo:
                    parents = self.nodes[sha].parents
                    levels[sha] = 1 + max((levels[parent] for parent in parents), default=0)
                    stack.pop()
                else:
                    stack.extend(todo)
        return levels


def read_history(repository: GitRepository, head: str, tips: Iterable[str]) -> History:
    """The graph of all commits reachable from `head` and `tips`; missing commits are left out."""
    commits = walk_commits(repository, [head, *tips])
    nodes = {intern(commit.sha): _node(commit) for commit in commits}
    if head not in nodes:
        raise InputError(f"{repository.git_dir}: commit {head} cannot be read; clone it again")
    for sha, node in nodes.items():
        if any(parent not in nodes for parent in node.parents):
            known = tuple(parent for parent in node.parents if parent in nodes)
            nodes[sha] = replace(node, parents=known, is_cut=True)
    return History(nodes, head)


def walk_commits(repository: GitRepository, tips: Iterable[str]) -> Iterator[RawCommit]:
    """Every commit reachable from the tips, once; shallow and damaged histories just end."""
    seen = set(tips)
    frontier = sorted(seen)
    while frontier:
        news: list[str] = []
        for _, commit in repository.read_commits(frontier):
            if commit is not None:
                yield commit
                news += dict.fromkeys(sha for sha in commit.parents if sha not in seen)
                seen.update(commit.parents)
        frontier = news


def _node(commit: RawCommit) -> Node:
    author = commit.author
    # The same names come again and again: a third of the memory.
    return Node(
        parents=tuple(map(intern, commit.parents)),
        author=(intern(author.name), intern(author.email), author.time),
        committed_at=commit.committer.time,
        mention=parse_mention(commit.message, len(commit.parents)),
        reverts=parse_reverts(commit.message),
    )
