"""Where a repository's files lie. In: a path. Out: its git directory and the one that it shares.

    find_git_dirs("/data/git/click")  ->  GitDirs(own=Path("/data/git/click/.git"), shared=...)

Nothing of a repository is opened before all of it is known to be files and folders: a named pipe in
the place of any file would be waited for without end, and so would a device be read.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import InputError, StageError

_HEAD = re.compile(rb"(?:ref: )?refs/[^\x00-\x20\x7f]+\n?|[0-9a-f]{40}(?:[0-9a-f]{24})?\n?")
_MAX_HEAD_BYTES = 4096


@dataclass(frozen=True, kw_only=True)
class GitDirs:
    """A linked worktree has a HEAD of its own and shares everything else."""

    own: Path
    shared: Path

    def head(self) -> bytes | None:
        """What HEAD says: "ref: refs/heads/main" or a commit; None for anything else."""
        path = self.own / "HEAD"
        # In old repositories HEAD is a link whose target is the ref.
        data = os.fsencode(path.readlink()) if path.is_symlink() else _read(path)
        if not _HEAD.fullmatch(data):
            return None
        return data if not data.startswith(b"refs/") else b"ref: " + data


def find_git_dirs(path: str) -> GitDirs:
    """Raises InputError when there is no repository at the path, or one that cannot be read."""
    try:
        from git import InvalidGitRepositoryError
        from git.repo.fun import find_worktree_git_dir, is_git_dir
    except ImportError as error:
        raise StageError(f"git cannot be used: {error}; install git and GitPython") from None
    found = Path(path) / ".git" if (Path(path) / ".git").exists() else Path(path)
    linked = find_worktree_git_dir(found)
    own = (found.parent / linked if linked else found).resolve()
    try:
        if (own / "HEAD").exists() or (own / "HEAD").is_symlink():
            _check_files(own)
            if is_git_dir(own):
                return GitDirs(own=own, shared=_shared(own))
    except InvalidGitRepositoryError:
        pass  # A worktree whose repository is gone is none.
    except InputError:
        raise
    except (ValueError, OSError) as error:
        raise InputError(f"{path}: git cannot read it: {type(error).__name__}") from None
    raise InputError(f"{path} is no git repository; clone it there first")


def _shared(own: Path) -> Path:
    link = own / "commondir"
    shared = (own / os.fsdecode(_read(link)).rstrip("\r\n")).resolve() if link.exists() else own
    if shared != own:
        _check_files(shared)
    return shared


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MAX_HEAD_BYTES)


def _check_files(folder: Path) -> None:
    """Links are followed; those that lead nowhere are nothing to git either."""
    seen: set[tuple[int, int]] = set()
    folders = [os.fspath(folder)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                facts = _facts(entry)
                if facts is None or (facts.st_dev, facts.st_ino) in seen:
                    continue
                if stat.S_ISDIR(facts.st_mode):
                    seen.add((facts.st_dev, facts.st_ino))
                    folders.append(entry.path)
                elif not (stat.S_ISREG(facts.st_mode) or stat.S_ISSOCK(facts.st_mode)):
                    raise InputError(f"{entry.path} is a pipe or a device; remove it")


def _facts(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat()
    except OSError:
        return None
