"""Where the repositories of a run lie. In: a `RepositorySpec`. Out: one `Source` per repository.

    find_sources(spec).sources  ->  [Source(spec=RepositorySpec(name="acme/shop", ...), ...), ...]

A location is a URL, a repository (bare or a checkout), a git bundle, a tarball, or a folder of
these: "shop.git", "shop.bundle" and, one level deeper, "acme/shop.git". Nothing that such a folder
holds may lead out of it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from pipelines.mine.archives import (
    SUFFIXES,
    import_archive,
    is_archive,
    name_of_archive,
    read_notes,
)
from pipelines.mine.clones import is_url, name_of_url, update_clone
from pipelines.mine.commits import decode_path
from pipelines.mine.inventory import RepositorySpec, named
from schemas.errors import InputError

_CONTAINERS = (".git", "repo", "repo.git")
"""A checkout's history is in ".git"; mirrors often call theirs "repo"."""
_NUM_SHOWN = 5
_MAX_LINK_BYTES = 4096
_MAX_ALTERNATES_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Source:
    """One repository, not yet read."""

    spec: RepositorySpec
    root: Path | None
    """The folder that its submodules may lie in; None when it is not on this machine."""


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What a location holds."""

    sources: list[Source]
    notes: list[str]
    is_folder: bool
    """A folder of repositories: one that cannot be read does not end the run."""


def find_sources(spec: RepositorySpec) -> Sources:
    """The repositories at a location. Raises InputError when there is none."""
    if is_url(spec.location):
        named_spec = named(spec, name_of_url(spec.location) or "repository")
        return Sources(sources=[Source(spec=named_spec, root=None)], notes=[], is_folder=False)
    path = Path(spec.location)
    if not path.exists():
        raise InputError(
            f"{spec.origin}: {path} is no folder and no file; give a repository's path"
        )
    if is_repository(path) or is_archive(path):
        source = Source(spec=named(spec, _name(path.resolve())), root=path.resolve().parent)
        return Sources(sources=[source], notes=[], is_folder=False)
    if not path.is_dir():
        raise InputError(
            f"{spec.origin}: {path} is no git bundle and no tarball ({', '.join(SUFFIXES)})"
        )
    return _find_in_folder(spec, path.resolve())


def fetch_source(source: Source, clone_dir: Path) -> tuple[Path, list[str]]:
    """The path of a repository that git can read, and what its import left out."""
    location = source.spec.location
    if is_url(location):
        return update_clone(location, clone_dir), []
    path = Path(location).resolve()
    if not path.is_file():
        return path, []
    imported = import_archive(path, clone_dir)
    return imported, [f"{source.spec.name}: {note}" for note in read_notes(imported)]


def is_repository(path: Path) -> bool:
    """Whether a folder looks like a repository, bare or a checkout."""
    if (path / ".git").exists():
        return True
    return (path / "HEAD").is_file() and (path / "objects").is_dir()


def stays_below(path: Path, root: Path) -> bool:
    """Whether a repository and its history lie below a folder, whatever links say."""
    git_dir = _git_dir(path)
    # A working tree's history lies where "commondir" says.
    if (git_dir / "commondir").exists():
        return False
    top, parts = root.resolve(), chain((path,), _parts(git_dir))
    # `Path.resolve` raises where links lead in a circle.
    return all(Path(os.path.realpath(part)).is_relative_to(top) for part in parts)


def _parts(git_dir: Path) -> Iterator[Path]:
    """What git reads of a git directory, links one by one; alternates name more, and they too."""
    yield from (git_dir, *(git_dir / name for name in ("HEAD", "refs", "packed-refs")))
    yield from _links(git_dir / "refs")
    todo, seen = [git_dir / "objects"], set[Path]()
    while todo:
        objects = todo.pop()
        yield objects
        real = Path(os.path.realpath(objects))
        if real not in seen:
            seen.add(real)
            yield from _links(objects)
            todo += _alternates(objects)


def _links(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        paths = (Path(parent) / name for name in (*folders, *files))
        yield from (path for path in paths if path.is_symlink())


def _alternates(objects: Path) -> list[Path]:
    link = objects / "info" / "alternates"
    if not link.is_file():
        return []
    with link.open("rb") as file:
        data = file.read(_MAX_ALTERNATES_BYTES + 1)
    lines = [line for line in data.split(b"\n") if line and not line.startswith(b"#")]
    # Nobody's mirrors need that many, nor names that git has to quote; "/" is outside.
    if len(data) > _MAX_ALTERNATES_BYTES or any(
        line[:1] == b'"' or b"\0" in line for line in lines
    ):
        return [Path("/")]
    return [objects / os.fsdecode(line) for line in lines]


def _git_dir(path: Path) -> Path:
    link = path / ".git"
    if not link.is_file():
        return link if link.exists() else path
    with link.open("rb") as file:
        target = file.read(_MAX_LINK_BYTES).removeprefix(b"gitdir:").strip()
    return path / os.fsdecode(target.replace(b"\0", b""))


def _find_in_folder(spec: RepositorySpec, folder: Path) -> Sources:
    usable: list[Path] = []
    others: list[Path] = []
    try:
        for path, is_usable in _walk(folder):
            (usable if is_usable else others).append(path)
    except PermissionError as error:
        raise InputError(f"{spec.origin}: {error.filename} cannot be read") from None
    if not usable:
        raise InputError(
            f"{spec.origin}: {folder} is no git repository and holds none; "
            "give the path of a repository, a bundle, a tarball, or a folder of these"
        )
    sources = [Source(spec=_below(spec, folder, path), root=folder) for path in usable]
    names = [decode_path(os.fsencode(path.relative_to(folder))) for path in others]
    notes = [f"{folder}: {shown(names)} left out, since they are no repository"] if names else []
    return Sources(sources=sources, notes=notes, is_folder=True)


def shown(names: list[str]) -> str:
    """ "3 entries (a, b, c)", with the first few of many; names are of strangers."""
    first = [ascii(name[:80])[1:-1] for name in names[:_NUM_SHOWN]]
    more = ", ..." if len(names) > _NUM_SHOWN else ""
    return f"{len(names)} {'entry' if len(names) == 1 else 'entries'} ({', '.join(first)}{more})"


def _walk(folder: Path) -> Iterator[tuple[Path, bool]]:
    """(path, usable) of each entry; of a folder that is no repository, of what it holds."""
    for path in sorted(folder.iterdir()):
        if _is_usable(path, folder) or not path.is_dir() or path.is_symlink():
            yield path, _is_usable(path, folder)
            continue
        inner = [(below, _is_usable(below, folder)) for below in sorted(path.iterdir())]
        is_owner = any(is_usable for _, is_usable in inner)
        yield from inner if is_owner else [(path, False)]


def _is_usable(path: Path, folder: Path) -> bool:
    if is_archive(path):
        return path.resolve().is_relative_to(folder)
    return path.is_dir() and is_repository(path) and stays_below(path, folder)


def _below(spec: RepositorySpec, folder: Path, path: Path) -> RepositorySpec:
    parts = list(path.relative_to(folder).parts)
    if parts[-1] in _CONTAINERS and len(parts) > 1:
        parts.pop()
    parts[-1] = _name(folder.joinpath(*parts))
    name = decode_path(os.fsencode("/".join(parts)))
    own = replace(spec, name=f"{spec.name}/{name}" if spec.name else "", location=str(path))
    return named(own, name)


def _name(path: Path) -> str:
    if path.is_file():
        return name_of_archive(path) or "repository"
    folder = path.parent if path.name in _CONTAINERS else path
    return folder.name.removesuffix(".git") or "repository"
