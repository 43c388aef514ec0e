"""Tarballs as repositories. In: a tar archive. Out: a bare repository of ours, and notes.

    import_tarball(Path("/data/shop-1.2.tar.gz"), target)  ->  ["1 hard link, device or ..."]

Of a tarball of a git repository (the repository itself, or a checkout with its ".git"; both may
stand in one folder) only objects, refs, HEAD and the file "shallow" are taken: nothing that makes
git run a program or read elsewhere. Any other tarball is source code and becomes one commit of
nobody at time 0, the same for the same content.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipelines.mine.clones import run_git
from pipelines.mine.environment import inherited_environment, safe_environment
from pipelines.mine.fast_import import CommitWriter
from pipelines.mine.tarballs import TarLimits, TarMember, read_members
from schemas.errors import InputError

_LOOSE = re.compile(r"objects/[0-9a-f]{2}/[0-9a-f]{38}(?:[0-9a-f]{24})?")
_PACK = re.compile(r"objects/pack/pack-[0-9a-f]{40}(?:[0-9a-f]{24})?\.(?:pack|idx)")
_REF = re.compile(r"refs(?:/[^/.\x00-\x20\x7f][^/\x00-\x20\x7f]*)+(?<!\.lock)")
_SHA256_NAME = re.compile(r"objects/(?:[0-9a-f]{2}/[0-9a-f]{62}|pack/pack-[0-9a-f]{64}\.\w+)")
_NAME = rb"(?:[0-9a-f]{40}|[0-9a-f]{64})"
_CONTENTS = {
    "HEAD": re.compile(rb"ref: refs/heads/[^\x00-\x20\x7f]+\n|" + _NAME + rb"\n"),
    "shallow": re.compile(rb"(?:" + _NAME + rb"\n)+"),
    "refs": re.compile(_NAME + rb"\n"),
}
"""What a small file must hold; symbolic refs are left out, since HEAD is the only one needed."""
_MAX_SMALL_FILE = 1_048_576
_MARKS = {"HEAD": "HEAD", "objects": "objects", "refs": "refs", "packed-refs": "refs"}
"""What every repository holds."""
_LIMITS = TarLimits()


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What an archive holds, before anything of it is written."""

    top: str
    """The one folder that everything stands in; "" without one."""
    git_dir: str | None
    """Where in it a git repository lies; None for sources."""
    object_format: str


def import_tarball(path: Path, target: Path, limits: TarLimits = _LIMITS) -> list[str]:
    """Make `target` a bare repository; notes on what was left out.

    Raises InputError for an archive that is damaged, over a limit or empty.
    """
    survey = take_survey(path, limits)
    environment = inherited_environment() | safe_environment(str(target))
    target.mkdir()
    init = ("init", "--quiet", "--bare", "--template=", "--initial-branch=main")
    run_git((*init, f"--object-format={survey.object_format}"), environment)
    if survey.git_dir is not None:
        _copy_repository(read_members(path, limits), survey.git_dir, target)
        return []
    with CommitWriter(environment) as writer:
        left_out = _copy_sources(read_members(path, limits), survey.top, writer)
        if not writer.num_files:
            raise InputError(f"{path} holds no files; give another archive")
    return [f"{count} {what} left out" for what, count in sorted(left_out.items())]


def take_survey(path: Path, limits: TarLimits) -> Survey:
    """Read the whole archive once, within the limits."""
    tops: set[str] = set()
    marks: dict[str, set[str]] = {}
    is_sha256 = has_file_on_top = False
    for member in read_members(path, limits):
        if not member.name:
            continue
        parts = member.name.split("/")
        if len(tops) < 2:
            tops.add(parts[0])
        has_file_on_top |= len(parts) == 1 and member.kind != "folder"
        # A repository deeper than this is a test's material and part of the sources.
        for depth, part in enumerate(parts[:3]):
            if part in _MARKS:
                marks.setdefault("/".join(parts[:depth]), set()).add(_MARKS[part])
        is_sha256 |= _SHA256_NAME.search(member.name) is not None
    top = tops.pop() if len(tops) == 1 and not has_file_on_top else ""
    git_dirs = [folder for folder, found in marks.items() if len(found) == 3]
    git_dir = _choose(git_dirs, top, path)
    object_format = "sha256" if git_dir is not None and is_sha256 else "sha1"
    return Survey(top=top, git_dir=git_dir, object_format=object_format)


def _choose(git_dirs: list[str], top: str, path: Path) -> str | None:
    """The repository that the archive is of, if it is of one."""
    for folder in (top, f"{top}/.git".lstrip("/")):
        if folder in git_dirs:
            return folder
    if any(folder.endswith(".git") for folder in git_dirs):
        raise InputError(f"{path} holds several repositories; unpack it and give the folder")
    return None


def _copy_repository(members: Iterator[TarMember], git_dir: str, target: Path) -> None:
    prefix = f"{git_dir}/" if git_dir else ""
    for member in members:
        if member.kind != "file" or member.name is None or not member.name.startswith(prefix):
            continue
        name = member.name.removeprefix(prefix)
        if _LOOSE.fullmatch(name) or _PACK.fullmatch(name) or name == "packed-refs":
            _write(target / name, member.chunks())
        elif name in ("HEAD", "shallow") or _REF.fullmatch(name):
            data = b"".join(member.chunks()) if member.size <= _MAX_SMALL_FILE else b""
            if _CONTENTS[name.split("/")[0]].fullmatch(data):
                _write(target / name, iter([data]))


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    """Into a folder that is ours: no name in it is a link."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(chunks)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{path.name} of a tarball cannot be written: {error.strerror}") from None


def _copy_sources(members: Iterator[TarMember], top: str, writer: CommitWriter) -> Counter[str]:
    left_out: Counter[str] = Counter()
    for member in members:
        if member.kind == "folder" or member.name == "":
            continue
        if member.name is None:
            left_out["entries with an absolute name or one with '..'"] += 1
        elif ".git" in member.name.lower().split("/"):
            left_out["files of a '.git'"] += 1
        elif member.kind == "other":
            left_out["hard links, devices or sparse files"] += 1
        else:
            _copy_source(
                member, member.name.removeprefix(f"{top}/") if top else member.name, writer
            )
    return left_out


def _copy_source(member: TarMember, name: str, writer: CommitWriter) -> None:
    if member.kind == "link":
        data = member.target.encode("utf-8", "surrogateescape")
        writer.write(name, "120000", len(data), iter([data]))
    else:
        mode = "100755" if member.is_executable else "100644"
        writer.write(name, mode, member.size, member.chunks())
