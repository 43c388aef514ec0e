"""Submodules as repositories. In: a repository and its links. Out: where they lie, if that is here.

    find_submodules(repository, head, links, place).found  ->  {"vendor/lib": Path("/data/lib.git")}

".gitmodules" is a stranger's text, read as data by git's own parser. No URL in it is ever fetched:
a submodule is found in the parent's own ".git/modules", at a path in the folder that the parent
came from, or it is a repository of the run already; all others are reported as missing.
"""

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipelines.mine.clones import is_url, name_of_url
from pipelines.mine.git import GitRepository
from pipelines.mine.sources import is_repository, stays_below
from schemas.errors import InputError

_MAX_BYTES = 1_048_576
_KEY = re.compile(r"submodule\.(.+)\.(path|url)", re.S)
_SCP = re.compile(r"(?:[\w.-]+@)?[\w.-]+:(?!:|//)([^\x00-\x20]+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a parent lies and what may be opened from there."""

    name: str
    location: str
    path: Path
    root: Path | None
    """The folder that a submodule may lie in."""
    withheld: tuple[Path, ...]
    """Paths of which nothing may be opened."""
    known: frozenset[str]
    """Names of the run's repositories, as given and as "owner/name" of where they lie."""


@dataclass(frozen=True, kw_only=True)
class Submodules:
    """What became of each link, by its path in the parent."""

    found: dict[str, Path]
    missing: list[str]


@dataclass(frozen=True, kw_only=True)
class _Link:
    name: str
    url: str


def find_submodules(
    repository: GitRepository, head: str, links: Iterable[str], place: Place
) -> Submodules:
    """Look for the submodules at the given paths; those that are in the run already are neither."""
    told = _read_links(repository, head)
    found: dict[str, Path] = {}
    missing = []
    for path in sorted(links):
        link = told.get(path)
        here = None if link is None else _find(link, place)
        if here is not None:
            found[path] = here
        elif link is None or not _names(link.url, place) & place.known:
            missing.append(path)
    return Submodules(found=found, missing=missing)


def location_names(location: str) -> set[str]:
    """The last two parts of a path or URL, which name a repository on a server."""
    return {name_of_url(location)} - {""}


def _read_links(repository: GitRepository, head: str) -> Mapping[str, _Link]:
    """Path -> link, as the commit's ".gitmodules" has it; nothing for what git cannot parse."""
    entries = repository.tree_entries(head, [".gitmodules"], is_recursive=False)
    shas = [e.sha for e in entries if e.mode.startswith("100") and 0 < (e.size or 0) <= _MAX_BYTES]
    if not shas:
        return {}
    try:
        output = repository.run("config", "--no-includes", "-z", "--blob", shas[0], "--list")
    except InputError:
        return {}  # Each of its links is then reported as missing.
    sections: dict[str, dict[str, str]] = {}
    for record in output.decode("utf-8", "replace").split("\0"):
        key, _, value = record.partition("\n")
        match = _KEY.fullmatch(key)
        if match:
            sections.setdefault(match[1], {})[match[2]] = value
    return {
        section["path"]: _Link(name=name, url=section.get("url", ""))
        for name, section in sorted(sections.items())
        if "path" in section
    }


def _find(link: _Link, place: Place) -> Path | None:
    """The first place that holds a repository and may be opened."""
    if place.root is None:
        return None
    git_dir = place.path / ".git" if (place.path / ".git").is_dir() else place.path
    own = _usable([git_dir / "modules" / link.name], git_dir / "modules", place)
    return own or _usable(_local_paths(link.url, place), place.root, place)


def _usable(paths: Sequence[Path], root: Path, place: Place) -> Path | None:
    for path in paths:
        if _CONTROL.search(str(path)) or not stays_below(path, root) or not is_repository(path):
            continue
        resolved = path.resolve()
        if not any(resolved.is_relative_to(withheld) for withheld in place.withheld):
            return resolved
    return None


def _local_paths(url: str, place: Place) -> list[Path]:
    if url.startswith(("./", "../")):
        path = posixpath.normpath(f"{_base(place.location)}/{url}")
    elif url.startswith("/"):
        path = posixpath.normpath(url)
    elif url.startswith("file:///"):
        path = posixpath.normpath(unquote(urlsplit(url).path))
    else:
        return []
    return [Path(path), Path(f"{path}.git")]


def _names(url: str, place: Place) -> set[str]:
    """What the run may call the repository at a URL."""
    if url.startswith(("./", "../")):
        beside = posixpath.normpath(f"{place.name}/{url}")
        path = _base(place.location)
        path = urlsplit(path).path if is_url(path) else path
        return {beside.removesuffix(".git")} | location_names(posixpath.normpath(f"{path}/{url}"))
    match = _SCP.fullmatch(url)
    if match:
        return location_names("/" + match[1])
    return location_names(url) if is_url(url) else set()


def _base(location: str) -> str:
    return location.rstrip("/").removesuffix("/.git")
