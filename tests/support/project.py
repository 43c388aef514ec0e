"""A project under construction, of which all is known. In: a seed, a size. Out: commits, refs.

    project = Project(seed=1, num_pulls=60)
    branch = project.open(7, num_commits=2)
    project.main = project.merge(branch, "Merge pull request #7 from ada/fix")

Several pull requests are open at once and main moves on between, so that contexts shift as in real
life; no two touch one line, so that nothing conflicts. A line is edited at most once ever.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from commit_store import CommitStore, Person, StoredCommit, Tree

MERGER = Person(name="Mo Merge", email="mo@example.com")
AUTHORS = tuple(
    Person(name=f"{name} Doe", email=f"{name.lower()}@example.com")
    for name in ("Ada", "Bob", "Cleo", "Dan", "Eve")
)
_LINES_PER_FILE = 60


@dataclass(frozen=True)
class Edit:
    """Replaces a line; without `old` the whole file, where `new` None removes it."""

    path: str
    old: bytes | None
    new: bytes | None

    def apply(self, tree: Tree) -> None:
        """Change a tree in place; the line must be there, once."""
        if self.new is None:
            del tree[self.path]
        elif self.old is None:
            tree[self.path] = self.new
        else:
            assert tree[self.path].count(self.old) == 1
            tree[self.path] = tree[self.path].replace(self.old, self.new)


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one commit does, to whatever tree."""

    message: str
    author: Person
    authored_at: int
    edits: tuple[Edit, ...]


@dataclass(kw_only=True)
class Branch:
    """A pull request while it is open; commits are indices into the store."""

    number: int
    author: Person
    base: int
    """Where it left main, or the commit of main that was last merged into it."""
    tip: int
    work: list[Work] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)


def apply_work(tree: Tree, works: Sequence[Work]) -> Tree:
    """A new tree in which the work is done."""
    result = dict(tree)
    for work in works:
        for edit in work.edits:
            edit.apply(result)
    return result


class Project:
    """Main and the pull requests that are open."""

    def __init__(self, seed: int, num_pulls: int) -> None:
        self.chance = random.Random(seed)
        self.store = CommitStore()
        self.time = 1_700_000_000
        self._serial = 0
        self._moved: set[int] = set()
        tree = {
            f"src/part{index:03d}.txt": b"".join(
                b"part %d says line %d;\n" % (index, line) for line in range(_LINES_PER_FILE)
            )
            for index in range(4 + num_pulls // 2)
        }
        # Two edits next to each other would conflict; with one line between they do not.
        self._free = [
            (path, line) for path in tree for line in tree[path].splitlines(keepends=True)[::2]
        ]
        self.chance.shuffle(self._free)
        tree |= {_own_path(number): _words(number) for number in range(2 * num_pulls)}
        self.main = self.commit("Start", MERGER, [], tree)

    def tree(self, commit: int) -> Tree:
        """The files of a commit."""
        return self.store.commits[commit].tree

    def paths(self, before: int, after: int) -> frozenset[str]:
        """Every path that differs; a rename counts with both its names."""
        one, other = self.tree(before), self.tree(after)
        return frozenset(p for p in one.keys() | other.keys() if one.get(p) != other.get(p))

    def commit(
        self,
        message: str,
        author: Person,
        parents: Sequence[int],
        tree: Tree,
        *,
        authored_at: int | None = None,
        committer: Person | None = None,
    ) -> int:
        """The index of a new commit. Time does not pass where the committer is another."""
        self.time += 0 if committer else self.chance.randint(200, 4000)
        stored = StoredCommit(
            message=message,
            author=author,
            authored_at=self.time if authored_at is None else authored_at,
            committer=committer or author,
            committed_at=self.time,
            parents=tuple(parents),
            tree=tree,
        )
        return self.store.add(stored)

    def do(
        self,
        author: Person,
        message: str,
        *,
        number: int = 0,
        num_edits: int = 1,
        new_file: bool = False,
    ) -> Work:
        """Work on free lines and, with a number, on files of its own."""
        self._serial += 1
        self.time += 60
        edits: list[Edit] = []
        for _ in range(num_edits):
            path, line = self._free.pop()
            new = b"".join(b"edit %d.%d;\n" % (self._serial, n) for n in range(len(edits) + 1))
            edits.append(Edit(path, line, new))
        own = self._own_edits(number) if number else []
        own += [Edit(f"late/{self._serial}", None, b"late\n")] if new_file else []
        return Work(
            message=f"{message} {self._serial}",
            author=author,
            authored_at=self.time,
            edits=tuple(edits + own),
        )

    def _own_edits(self, number: int) -> list[Edit]:
        """A rename or a deletion (once per number), a binary or an added file, or nothing."""
        path, name = _own_path(number), f"own/{number // 40}/new{self._serial}"
        choice = self.chance.randint(0 if number not in self._moved else 2, 7)
        if choice < 2:
            self._moved.add(number)
            added = [Edit(name, None, _words(number))] if choice else []
            return [Edit(path, None, None), *added]
        if choice == 2:
            return [Edit(name + ".bin", None, b"\0%d" % self._serial)]
        return [Edit(name, None, _words(self._serial + 100_000))] if choice == 3 else []

    def advance(self, message: str) -> int:
        """A commit straight on main."""
        work = self.do(MERGER, message)
        tree = apply_work(self.tree(self.main), [work])
        self.main = self.commit(work.message, MERGER, [self.main], tree)
        return self.main

    def open(
        self, number: int, num_commits: int = 0, *, at: int | None = None, by: Person | None = None
    ) -> Branch:
        """A branch of main (or of a commit) with work on it."""
        start = self.main if at is None else at
        author = by or self.chance.choice(AUTHORS)
        branch = Branch(number=number, author=author, base=start, tip=start)
        for _ in range(num_commits or self.chance.randint(1, 5)):
            num_edits = self.chance.randint(1, 3)
            work = self.do(author, "Change, step", number=number, num_edits=num_edits)
            self.push(branch, [work])
        return branch

    def push(self, branch: Branch, works: Sequence[Work]) -> None:
        """More commits on a branch, committed by its author at the time of writing or now."""
        for work in works:
            tree = apply_work(self.tree(branch.tip), [work])
            branch.tip = self.commit(
                work.message, work.author, [branch.tip], tree, authored_at=work.authored_at
            )
            branch.work.append(work)
            branch.commits.append(branch.tip)
        self.point(branch.number, branch.tip)

    def point(self, number: int, commit: int) -> None:
        """Set refs/pull/N/head."""
        self.store.refs[f"refs/pull/{number}/head"] = commit

    def update(self, branch: Branch) -> None:
        """Merge main into a branch."""
        tree = apply_work(self.tree(self.main), branch.work)
        parents, branch.base = [branch.tip, self.main], self.main
        branch.tip = self.commit("Merge branch 'main' into fix", branch.author, parents, tree)
        self.point(branch.number, branch.tip)

    def merge(self, branch: Branch, message: str, extra: Sequence[Work] = ()) -> int:
        """A merge commit on main; with extra work it is an evil one."""
        tree = apply_work(self.tree(self.main), [*branch.work, *extra])
        self.main = self.commit(message, MERGER, [self.main, branch.tip], tree)
        return self.main

    def squash(self, branch: Branch, message: str) -> int:
        """One commit on main by the author."""
        tree = apply_work(self.tree(self.main), branch.work)
        self.time += 1000
        self.main = self.commit(message, branch.author, [self.main], tree, committer=MERGER)
        return self.main

    def rebase(self, works: Sequence[Work]) -> list[int]:
        """Commits anew on main, all at one moment, as GitHub's button does."""
        self.time += 4000
        landed = [self.main]
        for work in works:
            tree = apply_work(self.tree(landed[-1]), [work])
            commit = self.commit(
                work.message,
                work.author,
                landed[-1:],
                tree,
                authored_at=work.authored_at,
                committer=MERGER,
            )
            landed.append(commit)
        self.main = landed[-1]
        return landed[1:]

    def revert(self, branch: Branch, message: str) -> int:
        """Take a branch's work back on main."""
        tree = dict(self.tree(self.main))
        before = apply_work(self.tree(branch.base), [])
        for work in reversed(branch.work):
            for edit in reversed(work.edits):
                if edit.old is not None and edit.new is not None:
                    tree[edit.path] = tree[edit.path].replace(edit.new, edit.old)
                elif edit.new is None:
                    tree[edit.path] = before[edit.path]
                else:
                    del tree[edit.path]
        self.main = self.commit(message, MERGER, [self.main], tree)
        return self.main


def _own_path(number: int) -> str:
    return f"own/{number // 40}/file{number:03d}.txt"


def _words(number: int) -> bytes:
    chance = random.Random(number)
    return b"".join(b"word %d of file %d\n" % (chance.randrange(10**6), number) for _ in range(12))
