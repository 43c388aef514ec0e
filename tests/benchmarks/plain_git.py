"""What plain git says of squash merges, without any code of ours. In: a repository. Out: facts.

    plain = PlainGit("/data/git/click.git", folder)
    plain.squashes()  ->  [Squash(number=12, sha="...", parent="...", head="...")]
    plain.file_sets([("base", "tip")])  ->  [{"a.py"}]

The repository is read through one of our own over the same objects, which has a commit graph, so
that thousands of merge bases cost minutes and not hours. Renames are not looked for, which would
read file contents that a partial copy may lack.
"""

import re
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

_NUMBERED = re.compile(r"\(#(\d+)\)$")
_NUM_THREADS = 2


class Squash(NamedTuple):
    """A commit of the default branch's own line that names a number, with one parent."""

    number: int
    sha: str
    parent: str
    head: str | None
    """refs/pull/N/head."""


class Branch(NamedTuple):
    """What a head changes since it left the default branch, beside what the squash changes."""

    squash: Squash
    base: str
    files: frozenset[str]
    squashed_files: frozenset[str]

    @property
    def is_same(self) -> bool:
        """Whether both change the very same paths."""
        return self.files == self.squashed_files


class PlainGit:
    """Git commands on a repository."""

    def __init__(self, path: str, folder: Path) -> None:
        where = self._run(path, "rev-parse", "--path-format=absolute", "--git-path", "objects")
        refs = self._run(path, "for-each-ref", "--format=create %(refname) %(objectname)")
        head = self._run(path, "rev-parse", "HEAD").strip()
        self._path = str(folder / "plain.git")
        subprocess.run(["git", "init", "--quiet", "--bare", self._path], check=True)
        Path(self._path, "objects", "info", "alternates").write_text(where)
        self.ask("update-ref", "--stdin", stdin=refs)
        self.ask("update-ref", "--no-deref", "HEAD", head)
        self.ask("commit-graph", "write", "--reachable", "--no-progress")

    def ask(self, *arguments: str, stdin: str = "") -> str:
        """What a command prints."""
        return self._run(self._path, *arguments, stdin=stdin)

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether `one` is reachable from `other`."""
        command = ["git", "-C", self._path, "merge-base", "--is-ancestor", one, other]
        return subprocess.run(command, check=False).returncode == 0

    def heads(self) -> dict[int, str]:
        """Number -> refs/pull/N/head."""
        refs = self.ask("for-each-ref", "--format=%(refname) %(objectname)", "refs/pull/*/head")
        pairs = (line.split(" ") for line in refs.splitlines())
        return {int(name.split("/")[2]): sha for name, sha in pairs}

    def squashes(self) -> list[Squash]:
        """The earliest of each number."""
        heads = self.heads()
        log = ("log", "--first-parent", "--no-merges", "--reverse", "--format=%H %P %s", "HEAD")
        found: dict[int, Squash] = {}
        for line in self.ask(*log).splitlines():
            sha, parent, subject = (*line.split(" ", 2), "")[:3]
            match = _NUMBERED.search(subject)
            if match and int(match[1]) not in found:
                number = int(match[1])
                found[number] = Squash(number, sha, parent, heads.get(number))
        return list(found.values())

    def branches(self, squashes: Sequence[Squash]) -> list[Branch]:
        """Those with a head of which the merge base with the squash's parent is known."""
        known = [squash for squash in squashes if squash.head]
        with ThreadPoolExecutor(_NUM_THREADS) as pool:
            bases = list(pool.map(self._merge_base, known))
        pairs = [(s, base) for s, base in zip(known, bases, strict=True) if base]
        branches = self.file_sets([(base, s.head or "") for s, base in pairs])
        squashed = self.file_sets([(s.parent, s.sha) for s, _ in pairs])
        return [
            Branch(squash, base, files, squashed_files)
            for (squash, base), files, squashed_files in zip(pairs, branches, squashed, strict=True)
        ]

    def file_sets(self, pairs: Sequence[tuple[str, str]]) -> list[frozenset[str]]:
        """The paths in which two commits differ, for each pair."""
        names = "".join(f"{sha}^{{tree}}\n" for pair in pairs for sha in pair)
        trees = self.ask("cat-file", "--batch-check=%(objectname)", stdin=names).splitlines()
        lines = [f"{old} {new}" for old, new in zip(trees[::2], trees[1::2], strict=True)]
        options = ("--stdin", "-r", "--no-renames", "--name-only")
        output = self.ask("diff-tree", *options, stdin="".join(f"{line}\n" for line in lines))
        sets: list[set[str]] = []
        for line in output.splitlines():
            if len(sets) < len(lines) and line == lines[len(sets)]:
                sets.append(set())
            else:
                sets[-1].add(line)
        return [frozenset(paths) for paths in sets]

    def _merge_base(self, squash: Squash) -> str:
        command = ["git", "-C", self._path, "merge-base", squash.parent, squash.head or ""]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        return done.stdout.partition("\n")[0]

    @staticmethod
    def _run(path: str, *arguments: str, stdin: str = "") -> str:
        command = ["git", "-C", path, *arguments]
        done = subprocess.run(command, check=True, input=stdin.encode(), capture_output=True)
        return done.stdout.decode("utf-8", "replace")
