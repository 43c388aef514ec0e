"""The repositories of a run. In: `MineConfig.repos`. Out: a `MinedRepository` each, sorted by name.

"shop=/data/git/shop.git"  ->  MinedRepository(name="shop", path="/data/git/shop.git", ...)
"""

import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pipelines.mine.clones import check_url, is_url, name_of_url, update_clone
from pipelines.mine.commits import decode_text
from pipelines.mine.config import MineConfig
from pipelines.mine.git import GitRepository, TreeEntry, open_repository
from schemas.errors import ConfigError, InputError
from schemas.ids import stable_id
from transforms.licenses import is_license_path, license_of_files

_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._+-]*(?:/[A-Za-z0-9][A-Za-z0-9._+-]*)*)=(.+)", re.S)
_HEAD_REF = re.compile(r"refs/(?:pull|merge-requests)/(\d{1,9})/head")
_MAX_LICENSE_BYTES = 200_000


@dataclass(frozen=True, kw_only=True)
class MinedRepository:
    """A repository on this machine and what its head commit says."""

    name: str
    path: str
    license: str
    head: str
    refs: dict[str, str]
    entries: tuple[TreeEntry, ...]
    """The head commit's tree."""

    @property
    def slug(self) -> str:
        """The name as part of a file name; a name that had to change keeps a hash of itself."""
        safe = re.sub(r"[^A-Za-z0-9_.]+", "-", self.name).strip("-.")
        return safe if safe == self.name else f"{safe}-{stable_id('slug', self.name)[:8]}"

    def pull_heads(self) -> dict[int, str]:
        """Number -> commit of refs/pull/N/head (GitHub) or refs/merge-requests/N/head (GitLab)."""
        matches = ((_HEAD_REF.fullmatch(name), sha) for name, sha in self.refs.items())
        return {int(match[1]): sha for match, sha in matches if match}


def find_repositories(config: MineConfig) -> list[MinedRepository]:
    """Open every repository, cloning or fetching those given by URL.

    Raises ConfigError for none or for two of one name, InputError for what is no repository.
    """
    if not config.repos:
        raise ConfigError("mine.repos is empty; add -s mine.repos='[\"/data/git/shop.git\"]'")
    named = sorted(_split_name(text) for text in config.repos)
    counts = Counter(name for name, _ in named)
    for name, location in named:
        if counts[name] > 1:
            raise ConfigError(
                f"mine.repos: {counts[name]} repositories are named {name!r}; "
                f'write one as "other-name={location}"'
            )
        if is_url(location):
            check_url(location)
    return [_read(name, location, config) for name, location in named]


def _split_name(text: str) -> tuple[str, str]:
    """(name, path or URL) of "path", "URL", "name=path" or "name=URL"."""
    match = _NAMED.fullmatch(text)
    if match:
        return match[1], match[2]
    if is_url(text):
        return name_of_url(text) or "repository", text
    path = Path(text).expanduser().resolve()
    # A checkout's history is in ".git"; mirrors often call theirs "repo".
    parent = path.parent if path.name in (".git", "repo", "repo.git") else path
    return parent.name.removesuffix(".git") or "repository", text


def _read(name: str, location: str, config: MineConfig) -> MinedRepository:
    if is_url(location):
        path = update_clone(location, _clone_dir(config))
    else:
        path = Path(location).expanduser().resolve()
        if not path.is_dir():
            raise InputError(f"mine.repos: {location} is no folder; give a repository's path")
    with open_repository(str(path)) as repository:
        refs = repository.refs()
        head = repository.head(refs)
        entries = tuple(repository.tree_entries(head))
        found = config.license or _read_license(repository, entries)
    return MinedRepository(
        name=name, path=str(path), license=found, head=head, refs=refs, entries=entries
    )


def _clone_dir(config: MineConfig) -> Path:
    if config.clone_dir:
        return Path(config.clone_dir).expanduser().resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(cache) / "katydid" / "clones"


def _read_license(repository: GitRepository, entries: tuple[TreeEntry, ...]) -> str:
    paths = {
        entry.sha: entry.path
        for entry in entries
        if is_license_path(entry.path)
        and entry.size is not None
        and entry.size <= _MAX_LICENSE_BYTES
        and entry.mode.startswith("100")
    }
    blobs = repository.read_blobs(sorted(paths))
    texts = ((paths[sha], decode_text(data or b"") or "") for sha, data in blobs)
    return license_of_files(list(texts))
