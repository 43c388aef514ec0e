"""Commits in memory, written at once by `git fast-import`. In: trees as dicts. Out: a repository.

store = CommitStore()
first = store.commit("Start", ADA, ADA, 1_700_000_000, [], {"a.py": b"x = 1\n"})
store.refs["refs/heads/main"] = first
shas = store.write(folder)
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

Tree = dict[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Person:
    """An invented author or committer."""

    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class StoredCommit:
    """A commit whose parents are indices into the store."""

    message: str
    author: Person
    authored_at: int
    committer: Person
    committed_at: int
    parents: tuple[int, ...]
    tree: Tree


class CommitStore:
    """Commits by index, refs by name."""

    def __init__(self) -> None:
        self.commits: list[StoredCommit] = []
        self.refs: dict[str, int] = {}

    def add(self, commit: StoredCommit) -> int:
        """Its index."""
        self.commits.append(commit)
        return len(self.commits) - 1

    def write(self, folder: Path) -> list[str]:
        """Make a bare repository with HEAD at main; the commits' names by index."""
        git = ["git", "--git-dir", str(folder)]
        subprocess.run([*git, "init", "--quiet", "--bare", "-b", "main"], check=True)
        marks = folder / "marks"
        importer = [*git, "fast-import", "--quiet", "--force", f"--export-marks={marks}"]
        subprocess.run(importer, input=self._stream(), check=True)
        pairs = (line.split() for line in marks.read_text().splitlines())
        shas = {int(mark[1:]): sha for mark, sha in pairs}
        marks.unlink()
        return [shas[index + 1] for index in range(len(self.commits))]

    def _stream(self) -> bytes:
        parts: list[bytes] = []
        for index, commit in enumerate(self.commits):
            parts.append(b"" if commit.parents else b"reset refs/scratch/x\n")
            parts.append(f"commit refs/scratch/x\nmark :{index + 1}\n".encode())
            for role, person, time in (
                ("author", commit.author, commit.authored_at),
                ("committer", commit.committer, commit.committed_at),
            ):
                parts.append(f"{role} {person.name} <{person.email}> {time} +0000\n".encode())
            parts.append(_data(commit.message.encode()))
            for place, parent in enumerate(commit.parents):
                parts.append(f"{'merge' if place else 'from'} :{parent + 1}\n".encode())
            before = self.commits[commit.parents[0]].tree if commit.parents else {}
            parts += [f"D {path}\n".encode() for path in sorted(before.keys() - commit.tree)]
            for path, content in sorted(commit.tree.items()):
                if before.get(path) != content:
                    parts.append(f"M 100644 inline {path}\n".encode() + _data(content))
        for name, index in sorted(self.refs.items()):
            parts.append(f"reset {name}\nfrom :{index + 1}\n".encode())
        parts.append(b"reset refs/scratch/x\nfrom " + b"0" * 40 + b"\n")
        return b"".join(parts)


def _data(content: bytes) -> bytes:
    return b"data %d\n" % len(content) + content + b"\n"
