"""The only door to git. In: a path or URL. Out: objects, refs, trees, differences; nothing runs.

    with open_repository("/data/git/click.git") as repository:
        for entry in repository.tree_entries("HEAD"): ...

A repository is untrusted: its configuration may name programs for hooks, pagers, diffs, filters,
signatures or transports. Only plumbing commands run, in an environment that turns each of those
off, that loads no other configuration, and that never fetches what is missing.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from pipelines.mine.commits import RawCommit, decode_path, parse_commit
from pipelines.mine.environment import (
    inherited_environment,
    isolated_environment,
    safe_environment,
)
from pipelines.mine.objects import ObjectReader
from schemas.errors import InputError, StageError

if TYPE_CHECKING:
    from git import Repo

MAX_COMMIT_BYTES = 1_048_576
"""A larger commit object counts as missing: nobody writes that much by hand."""
MAX_TREE_ENTRIES = 500_000
"""Files and folders of one commit; a few objects can unfold to millions of paths."""
_MAX_TREE_BYTES = 134_217_728
_MAX_TREE_OBJECT = 16_777_216


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
    try:
        from git import InvalidGitRepositoryError, NoSuchPathError, Repo
    except ImportError as error:
        raise StageError(f"git cannot be used: {error}; install git and GitPython") from None
    try:
        return GitRepository(Repo(path, expand_vars=False))
    except (InvalidGitRepositoryError, NoSuchPathError):
        raise InputError(f"{path} is no git repository; clone it there first") from None
    except InputError:
        raise
    except (ConfigParserError, ValueError, OSError) as error:
        raise InputError(f"{path}: git cannot read it: {type(error).__name__}") from None


class GitRepository:
    """An open repository. A context manager, since it keeps a process and a temporary folder."""

    def __init__(self, repo: "Repo") -> None:
        self._repo = repo
        self.git_dir = str(repo.git_dir)
        self._in_place = inherited_environment() | safe_environment(self.git_dir)
        object_format = self._ask("rev-parse", "--show-object-format").decode().strip()
        objects = Path(repo.common_dir).resolve() / "objects"
        self._folder = tempfile.TemporaryDirectory(prefix="katydid-git-")
        folder = Path(self._folder.name)
        isolated = isolated_environment(folder, objects, object_format)
        self._isolated = inherited_environment() | isolated
        self._reader = ObjectReader(folder, self._isolated)

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
        """End the process and remove the folder."""
        self._reader.close()
        self._folder.cleanup()
        self._repo.close()

    def run(self, *arguments: str, stdin: bytes = b"", max_bytes: int | None = None) -> bytes:
        """What a git command prints about objects.

        Raises OutputTooLarge for more than `max_bytes`, InputError when git fails.
        """
        with tempfile.TemporaryFile() as questions:
            questions.write(stdin)
            questions.seek(0)
            return _run(self.git_dir, self._isolated, arguments, questions, max_bytes)

    def _ask(self, *arguments: str) -> bytes:
        """What a git command prints about refs and settings."""
        return _run(self.git_dir, self._in_place, arguments, subprocess.DEVNULL, None)

    def refs(self) -> dict[str, str]:
        """Ref name -> commit, tags peeled; refs that lead to no commit here are left out."""
        lines = self._ask("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
        pairs = [line.split(b" ", 1) for line in lines]
        # for-each-ref would peel tags itself, but dies where an object is missing.
        stdin = b"".join(sha + b"^{commit}\n" for sha, _ in pairs)
        output = self.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=stdin)
        answers = (answer.decode().split(" ") for answer in output.splitlines())
        named = zip(pairs, answers, strict=True)
        return {decode_path(name): sha for (_, name), (sha, kind) in named if kind == "commit"}

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

    def tree_entries(self, commit: str) -> list[TreeEntry]:
        """Every leaf of a commit's tree, in git's order.

        Raises OutputTooLarge for over `MAX_TREE_ENTRIES` files and folders.
        """
        # With "-t" folders count too: even a tree without any file can unfold without end.
        listing = ("ls-tree", "-r", "-t", "-z", "--full-tree", commit)
        output = self.run(*listing, max_bytes=_MAX_TREE_BYTES)
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
        names = sorted(set(shas))
        stdin = "".join(f"{sha}\n" for sha in names).encode()
        form = "--batch-check=%(objectname) %(objectsize)"
        output = self.run("cat-file", form, stdin=stdin).decode()
        answers = (line.split(" ") for line in output.splitlines())
        return {sha: int(size) for sha, size in answers if size != "missing"}

    def read_commits(self, shas: Iterable[str]) -> Iterator[tuple[str, RawCommit | None]]:
        """(name, commit), in order; None for what is missing or no commit."""
        for sha, data in self._reader.read(shas, kind="commit", max_bytes=MAX_COMMIT_BYTES):
            yield sha, None if data is None else parse_commit(sha, data)

    def read_tree(self, sha: str) -> bytes | None:
        """A tree object's content; None for what is missing, corrupt, no tree or over 16 MiB."""
        return next(iter(self._reader.read([sha], kind="tree", max_bytes=_MAX_TREE_OBJECT)))[1]

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
    stdin: IO[bytes] | int,
    max_bytes: int | None,
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
        said = errors.read().decode("utf-8", "replace").strip()[-200:]
    if process.returncode:
        raise InputError(f"{git_dir}: git {arguments[0]} failed: {said}")
    return output
