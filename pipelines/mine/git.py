"""The only door to git. In: a path or URL. Out: objects, refs, trees, differences; nothing runs.

    with open_repository("/data/git/click.git") as repository:
        for entry in repository.tree_entries("HEAD"): ...

A repository is untrusted: its configuration may name programs for hooks, pagers, diffs, filters,
signatures or transports. Only plumbing commands run, in git directories of our own that see nothing
of a repository but its objects or its refs, and that never fetch what is missing.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pipelines.mine.commits import RawCommit, decode_path, parse_commit
from pipelines.mine.coprocess import Answer, Coprocess, Reader
from pipelines.mine.environment import (
    inherited_environment,
    isolated_environment,
    refs_environment,
    safe_environment,
)
from pipelines.mine.git_dirs import GitDirs, find_git_dirs
from pipelines.mine.objects import ObjectReader
from schemas.errors import InputError

MAX_COMMIT_BYTES = 1_048_576
"""A larger commit object counts as missing: nobody writes that much by hand."""
MAX_TREE_ENTRIES = 500_000
"""Files and folders of one commit; a few objects can unfold to millions of paths."""
_MAX_TREE_BYTES = 134_217_728
_MAX_TREE_OBJECT = 16_777_216
_MAX_QUESTIONS = 1024
"""`git diff-tree` keeps the top tree of each commit that it has compared."""


class OutputTooLarge(InputError):
    """Git's answer is over a limit."""


@dataclass(frozen=True, kw_only=True)
class TreeEntry:
    """A leaf of a tree: mode "100644", "100755", "120000" (link) or "160000" (submodule)."""

    mode: str
    type: str
    sha: str
    size: int | None
    """Bytes; None for what is no blob or is not in the repository."""
    path: str


def open_repository(path: str) -> "GitRepository":
    """Open a repository, bare or not. Raises InputError when there is none at the path."""
    return GitRepository(find_git_dirs(path))


class GitRepository:
    """An open repository. A context manager, since it keeps processes and a temporary folder."""

    def __init__(self, dirs: GitDirs) -> None:
        self.git_dir = str(dirs.own)
        self._folder = tempfile.TemporaryDirectory(prefix="katydid-git-")
        folder = Path(self._folder.name)
        plain = inherited_environment() | safe_environment(self._folder.name)
        object_format = self._object_format(dirs.shared / "config", plain)
        objects = dirs.shared / "objects"
        self._refs = plain | refs_environment(folder / "refs-only", dirs, object_format)
        isolated = isolated_environment(folder / "objects-only", objects, object_format)
        self._isolated = inherited_environment() | isolated
        self._reader = ObjectReader(folder, self._isolated)
        self._asked: Coprocess | None = None

    def _object_format(self, config: Path, environment: Mapping[str, str]) -> str:
        """The one setting of a repository that counts: which hash function names objects."""
        if not config.exists():
            return "sha1"
        ask = ("config", "--file", str(config), "--no-includes", "--default", "sha1")
        answer = _run(self.git_dir, environment, (*ask, "extensions.objectFormat"))
        return "sha256" if answer.strip().lower() == b"sha256" else "sha1"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes and remove the folder."""
        self._reader.close()
        if self._asked is not None:
            self._asked.close()
        self._folder.cleanup()

    def run(self, *arguments: str, stdin: bytes = b"", max_bytes: int | None = None) -> bytes:
        """What a git command prints about objects.

        Raises OutputTooLarge for more than `max_bytes`, InputError when git fails.
        """
        with tempfile.TemporaryFile() as questions:
            questions.write(stdin)
            questions.seek(0)
            return _run(self.git_dir, self._isolated, arguments, questions, max_bytes)

    def ask(
        self, arguments: Sequence[str], questions: Iterable[bytes], read: Reader[Answer]
    ) -> Iterator[Answer]:
        """What a git command about objects answers to lines; it stays for the next same call."""
        command = ("git", *arguments)
        if self._asked is None or self._asked.command != command:
            if self._asked is not None:
                self._asked.close()
            self._asked = Coprocess(
                command, Path(self._folder.name), self._isolated, max_questions=_MAX_QUESTIONS
            )
        return self._asked.ask(questions, read)

    def _ask(self, *arguments: str) -> bytes:
        """What a git command prints about refs and settings."""
        return _run(self.git_dir, self._refs, arguments)

    def named_refs(self) -> dict[str, str]:
        """Ref name -> object, which need not be a commit, nor be in the repository."""
        lines = self._ask("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        named = (line.partition(b" ") for line in lines)
        return {decode_path(name): sha.decode() for sha, _, name in named}

    def refs(self) -> dict[str, str]:
        """Ref name -> commit, tags peeled; refs that lead to no commit here are left out."""
        named = self.named_refs()
        kinds = self._kinds(named.values())
        kinds |= self._peel([sha for sha, (_, kind) in kinds.items() if kind == "tag"])
        commits = {sha: name for sha, (name, kind) in kinds.items() if kind == "commit"}
        return {name: commits[sha] for name, sha in named.items() if sha in commits}

    def _peel(self, tags: Sequence[str]) -> dict[str, tuple[str, str]]:
        """Tag -> what it leads to; where git dies of one, the others are asked again."""
        try:
            found = self._kinds(f"{tag}^{{commit}}" for tag in tags)
            return dict(zip(tags, found.values(), strict=True))
        except InputError:
            middle = len(tags) // 2
            halves = (tags[:middle], tags[middle:]) if middle else ()
            return {tag: kind for half in halves for tag, kind in self._peel(half).items()}

    def _kinds(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """Object or revision -> (object name, kind), by headers only; a tag is not followed."""
        asked = list(dict.fromkeys(names))
        stdin = "".join(f"{name}\n" for name in asked).encode()
        output = self.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=stdin)
        answers = (line.rpartition(" ") for line in output.decode().splitlines())
        return {name: (sha, kind) for name, (sha, _, kind) in zip(asked, answers, strict=True)}

    def head(self, refs: dict[str, str]) -> str:
        """The default branch's commit: HEAD, else main, master or the only branch."""
        try:
            verified = self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}", "--")
            return verified.decode().split("\n")[0]
        except InputError:
            branches = [name for name in refs if name.startswith("refs/heads/")]
        only = branches if len(branches) == 1 else []
        for name in ("refs/heads/main", "refs/heads/master", *only):
            if name in refs:
                return refs[name]
        raise InputError(f"{self.git_dir}: HEAD leads to no commit; point it to a branch with some")

    def tree_entries(
        self, commit: str, paths: Sequence[str] = (), *, is_recursive: bool = True
    ) -> list[TreeEntry]:
        """Every leaf of a commit's tree, in git's order; with `paths`, of those and below.

        A path that ends with "/" stands for what is in the folder. Raises OutputTooLarge for over
        `MAX_TREE_ENTRIES` files and folders.
        """
        # With "-t" folders count too: even a tree without any file can unfold without end.
        depth = ("-r", "-t") if is_recursive else ()
        listing = ("ls-tree", *depth, "-z", "--full-tree", commit)
        output = self.run(*listing, "--", *paths, max_bytes=_MAX_TREE_BYTES)
        if output.count(b"\0") > MAX_TREE_ENTRIES:
            raise OutputTooLarge(
                f"{self.git_dir}: commit {commit} has over {MAX_TREE_ENTRIES} files and folders; "
                "leave the repository out of mine.repos"
            )
        split = (_split_entry(record) for record in output.split(b"\0") if record)
        entries = [entry for entry in split if entry[1] != "tree"]
        sizes = self.sizes([sha for mode, kind, sha, path in entries if kind == "blob"])
        return [
            TreeEntry(mode=mode, type=kind, sha=sha, size=sizes.get(sha), path=path)
            for mode, kind, sha, path in entries
        ]

    def empty_tree(self, sha: str) -> str:
        """The name of the tree without entries, in the hash function that made `sha`."""
        return hashlib.new("sha1" if len(sha) == 40 else "sha256", b"tree 0\0").hexdigest()

    def sizes(self, shas: Iterable[str]) -> dict[str, int]:
        """Object name -> bytes; what is missing is not in the result."""
        return self._reader.sizes(shas)

    def read_commits(self, shas: Iterable[str]) -> Iterator[tuple[str, RawCommit | None]]:
        """(name, commit), in order; None for what is missing or no commit."""
        for sha, data in self._reader.read(shas, kind="commit", max_bytes=MAX_COMMIT_BYTES):
            yield sha, None if data is None else parse_commit(sha, data)

    def read_trees(self, shas: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """(name, content), in order; None for what is missing, corrupt, no tree or over 16 MiB."""
        return self._reader.read(shas, kind="tree", max_bytes=_MAX_TREE_OBJECT)

    def read_blobs(self, shas: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """(name, content), in order; None for what is missing, corrupt or no blob.

        Contents of any size: look up `sizes` first.
        """
        return self._reader.read(shas, kind="blob")


def _split_entry(record: bytes) -> tuple[str, str, str, str]:
    facts, _, path = record.partition(b"\t")
    mode, kind, sha = facts.decode("ascii").split(" ")
    return mode, kind, sha, decode_path(path)


def _run(
    git_dir: str,
    environment: Mapping[str, str],
    arguments: Sequence[str],
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    max_bytes: int | None = None,
) -> bytes:
    with tempfile.TemporaryFile() as errors:
        command = ["git", *arguments]
        with subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=environment["GIT_DIR"],
            env=environment,
        ) as process:
            assert process.stdout is not None
            output = process.stdout.read(-1 if max_bytes is None else max_bytes + 1)
            if max_bytes is not None and len(output) > max_bytes:
                process.kill()
                raise OutputTooLarge(
                    f"{git_dir}: git {arguments[0]} lists over {max_bytes} bytes; "
                    "leave the repository out of mine.repos"
                )
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip().rpartition("\n")[2][-200:]
    if process.returncode:
        raise InputError(f"{git_dir}: git {arguments[0]} failed: {said}")
    return output
