"""The only door to git. In: a path or URL. Out: objects, refs, trees, differences; nothing runs.

    with open_repository("/data/git/click.git") as repository:
        for entry in repository.tree_entries("HEAD"): ...

A repository is untrusted: its configuration may name programs for hooks, pagers, diffs, filters,
signatures or transports. Only plumbing commands run, in an environment that turns each of those
off, that loads no other configuration, and that never fetches what is missing.
"""

import hashlib
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from pipelines.mine.commits import RawCommit, decode_path, parse_commit
from schemas.errors import InputError, StageError

if TYPE_CHECKING:
    from git import Repo

_OVERRIDES = (
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.alternateRefsCommand", "true"),
    ("core.sshCommand", "ssh -oBatchMode=yes"),
    ("core.gitProxy", ""),
    ("core.quotePath", "true"),
    ("credential.helper", ""),
    ("diff.suppressBlankEmpty", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("gpg.program", "false"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("protocol.allow", "never"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
    ("uploadpack.packObjectsHook", ""),
)
_WINDOW = 256
"""Object names written before answers are read: 256 x 65 bytes fit into any pipe."""
_MAX_HEADER = 4096


@dataclass(frozen=True, kw_only=True)
class TreeEntry:
    """A leaf of a tree: mode "100644", "100755", "120000" (link) or "160000" (submodule)."""

    mode: str
    type: str
    sha: str
    size: int | None
    """Bytes; None for what is no blob or is not in the repository."""
    path: str


def safe_environment(git_dir: str, *, protocols: str = "none") -> dict[str, str]:
    """Environment variables under which git reads `git_dir` and runs nothing that it names."""
    pairs = [*_OVERRIDES, ("safe.directory", git_dir)]
    environment = {
        "GIT_DIR": git_dir,
        "GIT_IMPLICIT_WORK_TREE": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_CONFIG_COUNT": str(len(pairs)),
    }
    for index, (key, value) in enumerate(pairs):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment


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
    except (ConfigParserError, ValueError, OSError) as error:
        raise InputError(f"{path}: git cannot read it: {type(error).__name__}") from None


class GitRepository:
    """An open repository. A context manager, since it keeps a `git cat-file` process."""

    def __init__(self, repo: "Repo") -> None:
        self._repo = repo
        self.git_dir = str(repo.git_dir)
        self._environment = safe_environment(self.git_dir)
        self._repo.git.update_environment(**self._environment)
        self._cat_file: subprocess.Popen[bytes] | None = None

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
        """End the processes."""
        self._stop_cat_file()
        self._repo.close()

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """What a git command prints. Raises InputError with what git says when it fails."""
        from git import GitCommandError

        with tempfile.TemporaryFile() as stream:
            stream.write(stdin)
            stream.seek(0)
            try:
                output = self._repo.git.execute(
                    ["git", *arguments],
                    istream=stream,
                    stdout_as_string=False,
                    strip_newline_in_stdout=False,
                )
            except GitCommandError as error:
                said = str(error.stderr).strip().removeprefix("stderr: ").strip("'")[-200:]
                message = f"{self.git_dir}: git {arguments[0]} failed: {said}"
                raise InputError(message) from None
        assert isinstance(output, bytes)
        return output

    def refs(self) -> dict[str, str]:
        """Ref name -> commit, tags peeled; refs that lead to no commit here are left out."""
        lines = self.run("for-each-ref", "--format=%(objectname) %(refname)").splitlines()
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
            verified = self.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", "--")
            return verified.decode().split("\n")[0]
        except InputError:
            branches = [name for name in refs if name.startswith("refs/heads/")]
        only = branches if len(branches) == 1 else []
        for name in ("refs/heads/main", "refs/heads/master", *only):
            if name in refs:
                return refs[name]
        raise InputError(f"{self.git_dir}: HEAD leads to no commit; point it to a branch with some")

    def tree_entries(self, commit: str) -> list[TreeEntry]:
        """Every leaf of a commit's tree, in git's order."""
        output = self.run("ls-tree", "-r", "-z", "--full-tree", commit)
        entries = [_split_entry(record) for record in output.split(b"\0") if record]
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
        for sha, kind, data in self._read_objects(shas):
            is_commit = data is not None and kind == "commit"
            yield sha, parse_commit(sha, data) if is_commit and data is not None else None

    def read_blobs(self, shas: Iterable[str]) -> Iterator[tuple[str, bytes | None]]:
        """(name, content), in order; None for what is missing, corrupt or no blob."""
        for sha, kind, data in self._read_objects(shas):
            yield sha, data if kind == "blob" else None

    def _read_objects(self, shas: Iterable[str]) -> Iterator[tuple[str, str, bytes | None]]:
        window: list[str] = []
        for sha in shas:
            window.append(sha)
            if len(window) == _WINDOW:
                yield from self._read_window(window)
                window = []
        yield from self._read_window(window)

    def _read_window(self, window: Sequence[str]) -> Iterator[tuple[str, str, bytes | None]]:
        """Ask for all, then read the answers; a corrupt object ends git, so ask again after it."""
        index = 0
        while index < len(window):
            stdin, stdout = self._start_cat_file()
            stdin.write("".join(f"{sha}\n" for sha in window[index:]).encode())
            stdin.flush()
            is_alive = True
            try:
                while is_alive and index < len(window):
                    is_alive, kind, data = _read_answer(stdout)
                    index += 1
                    yield window[index - 1], kind, data
            finally:
                if not is_alive or index < len(window):
                    self._stop_cat_file()

    def _start_cat_file(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._cat_file is None:
            self._cat_file = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=self.git_dir,
                env=os.environ | self._environment,
            )
        assert self._cat_file.stdin is not None
        assert self._cat_file.stdout is not None
        return self._cat_file.stdin, self._cat_file.stdout

    def _stop_cat_file(self) -> None:
        if self._cat_file is not None:
            self._cat_file.kill()
            self._cat_file.communicate()
            self._cat_file = None


def _split_entry(record: bytes) -> tuple[str, str, str, str]:
    facts, _, path = record.partition(b"\t")
    mode, kind, sha = facts.decode("ascii").split(" ")
    return mode, kind, sha, decode_path(path)


def _read_answer(stdout: IO[bytes]) -> tuple[bool, str, bytes | None]:
    """(git is alive, object type, content): "<name> <type> <size>", content, newline."""
    header = stdout.readline(_MAX_HEADER).split()
    if len(header) != 3:
        return bool(header), "", None
    size = int(header[2])
    data = stdout.read(size + 1)
    is_whole = len(data) == size + 1
    return is_whole, header[1].decode("ascii"), data[:-1] if is_whole else None
