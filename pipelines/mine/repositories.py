"""The repositories of a run. In: `MineConfig`. Out: a `MinedRepository` each, sorted by name.

"shop=/data/git/shop.git"  ->  MinedRepository(name="shop", path="/data/git/shop.git", ...)
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from pipelines.mine.commits import decode_text
from pipelines.mine.config import MineConfig
from pipelines.mine.git import GitRepository, TreeEntry, open_repository
from pipelines.mine.inventory import RepositorySpec, read_specs
from pipelines.mine.scope import EVERYTHING, PathScope, names_left_out
from pipelines.mine.sources import Source, Sources, fetch_source, find_sources, shown
from pipelines.mine.submodules import Place, find_submodules, location_names
from schemas.errors import ConfigError, InputError
from schemas.ids import stable_id
from transforms.licenses import UNKNOWN, is_license_path, license_of_files

_HEAD_REF = re.compile(r"refs/(?:pull|merge-requests)/(\d{1,9})/head")
_MAX_LICENSE_BYTES = 200_000


def repository_slug(name: str) -> str:
    """A repository's name as part of a file name; one that had to change keeps a hash of itself."""
    safe = re.sub(r"[^A-Za-z0-9_.]+", "-", name).strip("-.")
    return safe if safe == name else f"{safe}-{stable_id('slug', name)[:8]}"


@dataclass(frozen=True, kw_only=True)
class MinedRepository:
    """A repository on this machine and what its head commit says."""

    name: str
    path: str
    license: str
    head: str
    refs: dict[str, str]
    entries: tuple[TreeEntry, ...]
    """The head commit's tree, as far as it is in scope."""
    unread_refs: dict[str, str] = field(default_factory=dict)
    """Refs that lead to no commit here, with what they name."""
    owner: str = ""
    sensitivity: str = ""
    scope: PathScope = EVERYTHING
    notes: tuple[str, ...] = ()
    """What was left out when the repository was found, one sentence each."""

    @property
    def slug(self) -> str:
        """The name as part of a file name."""
        return repository_slug(self.name)

    def pull_heads(self) -> dict[int, str]:
        """Number -> refs/pull/N/head (GitHub) or refs/merge-requests/N/head (GitLab).

        Also of what is no commit or not here, so that it is counted.
        """
        refs = self.unread_refs | self.refs
        matches = ((_HEAD_REF.fullmatch(name), sha) for name, sha in refs.items())
        return {int(match[1]): sha for match, sha in matches if match}


def find_repositories(config: MineConfig) -> list[MinedRepository]:
    """Open every repository, cloning, fetching or importing what is not one on this machine.

    Raises ConfigError for none or for two of one name, InputError for what is no repository. In a
    folder of repositories, and among submodules, what cannot be read costs a note.
    """
    specs = read_specs(config)
    groups = [find_sources(spec) for spec in specs.wanted]
    sources = [source for group in groups for source in group.sources]
    _check_names([source.spec for source in sources])
    run = _Run(config, tuple(Path(spec.location).resolve() for spec in specs.withheld), sources)
    for group in groups:
        run.read_group(group)
    run.read_submodules()
    return sorted(run.mined.values(), key=lambda mined: mined.name)


def _check_names(specs: Sequence[RepositorySpec]) -> None:
    counts = Counter(spec.name for spec in specs)
    for spec in sorted(specs, key=lambda spec: (spec.name, spec.location)):
        if counts[spec.name] > 1:
            raise ConfigError(
                f"{spec.origin}: {counts[spec.name]} repositories are named {spec.name!r}; "
                f'write one as "other-name={spec.location}" or name it in the inventory'
            )


class _Run:
    """The repositories read so far, by name."""

    def __init__(
        self, config: MineConfig, withheld: tuple[Path, ...], sources: Sequence[Source]
    ) -> None:
        self.mined: dict[str, MinedRepository] = {}
        self._config = config
        self._clone_dir = _clone_dir(config)
        self._withheld = withheld
        self._parents: list[Source] = []
        self._known = {source.spec.name for source in sources}
        for source in sources:
            self._known |= location_names(source.spec.location)

    def read_group(self, group: Sources) -> None:
        """What a location holds; its notes stand with the first repository of it."""
        notes = list(group.notes)
        read: list[str] = []
        for source in group.sources:
            try:
                self._read(source)
                read.append(source.spec.name)
            except InputError as error:
                if not group.is_folder:
                    raise
                notes.append(f"{source.spec.name} is left out: {error}")
        if not read:
            raise InputError(f"no repository can be read: {notes[-1]}")
        self._add_notes(read[0], notes)

    def read_submodules(self) -> None:
        """The submodules of all that ask for it, and theirs."""
        while self._parents:
            parent = self._parents.pop(0)
            mined = self.mined[parent.spec.name]
            links = [entry.path for entry in mined.entries if entry.mode == "160000"]
            if links:
                self._read_submodules(parent, mined, links)

    def _read(self, source: Source) -> None:
        path, notes = fetch_source(source, self._clone_dir)
        mined = _read(source.spec, path, self._config)
        self.mined[source.spec.name] = replace(mined, notes=(*notes, *mined.notes))
        if source.spec.submodules:
            self._parents.append(source)

    def _read_submodules(self, parent: Source, mined: MinedRepository, links: list[str]) -> None:
        place = Place(
            name=mined.name,
            location=parent.spec.location,
            path=Path(mined.path),
            root=parent.root,
            withheld=self._withheld,
            known=frozenset(self._known),
        )
        with open_repository(mined.path) as repository:
            submodules = find_submodules(repository, mined.head, links, place)
        missing = list(submodules.missing)
        for link, path in submodules.found.items():
            if str(path) not in {known.path for known in self.mined.values()}:
                missing += self._read_submodule(parent, link, path)
        if missing:
            note = f"{mined.name}: submodules without a copy here: {shown(sorted(missing))}"
            self._add_notes(mined.name, [f"{note}; add them to mine.repos"])

    def _read_submodule(self, parent: Source, link: str, path: Path) -> list[str]:
        """The link if it cannot be read."""
        name = f"{parent.spec.name}/{_plain(link)}"
        scope = names_left_out(parent.spec.subpath, parent.spec.scope.exclude)
        spec = replace(
            parent.spec, name=name, location=str(path), license="", subpath="", scope=scope
        )
        if name in self._known:
            return [link]
        try:
            self._read(Source(spec=spec, root=parent.root))
        except InputError:
            return [link]
        self._known |= {name, *location_names(str(path))}
        return []

    def _add_notes(self, name: str, notes: Iterable[str]) -> None:
        mined = self.mined[name]
        self.mined[name] = replace(mined, notes=(*mined.notes, *notes))


def _plain(link: str) -> str:
    """A path as part of a name: letters, digits and what separates them."""
    names = [re.sub(r"[^A-Za-z0-9._+-]+", "-", name).strip("-.") for name in link.split("/")]
    plain = "/".join(name for name in names if name)
    return plain if plain == link else f"{plain}-{stable_id('submodule', link)[:8]}"


def _clone_dir(config: MineConfig) -> Path:
    if config.clone_dir:
        return Path(config.clone_dir).expanduser().resolve()
    cache = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(cache) / "katydid" / "clones"


def _read(spec: RepositorySpec, path: Path, config: MineConfig) -> MinedRepository:
    with open_repository(str(path)) as repository:
        refs = repository.refs()
        named = repository.named_refs()
        head = repository.head(refs)
        tree = repository.tree_entries(head, spec.scope.roots())
        entries = tuple(entry for entry in tree if spec.scope.includes(entry.path))
        given = spec.license or config.license
        found = given or _read_license(repository, head, spec.subpath)
    if not entries and not spec.scope.is_everything:
        raise InputError(f"{spec.origin}: no file of {spec.name} is in scope; check its globs")
    return MinedRepository(
        name=spec.name,
        path=str(path),
        license=found,
        head=head,
        refs=refs,
        unread_refs={name: sha for name, sha in named.items() if name not in refs},
        entries=entries,
        owner=spec.owner,
        sensitivity=spec.sensitivity,
        scope=spec.scope,
    )


def _read_license(repository: GitRepository, head: str, subpath: str) -> str:
    """What the folder's own licence files say, else those of the folders above it."""
    folders = [str(folder) for folder in (PurePosixPath(subpath), *PurePosixPath(subpath).parents)]
    for folder in folders:
        start = "" if folder == "." else f"{folder}/"
        found = _read_folder_license(repository, head, start)
        if found != UNKNOWN:
            return found
    return UNKNOWN


def _read_folder_license(repository: GitRepository, head: str, start: str) -> str:
    entries = repository.tree_entries(head, [start] if start else (), is_recursive=False)
    entries += repository.tree_entries(head, [f"{start}LICENSES/"])
    paths = {
        entry.sha: entry.path.removeprefix(start)
        for entry in entries
        if is_license_path(entry.path.removeprefix(start))
        and entry.size is not None
        and entry.size <= _MAX_LICENSE_BYTES
        and entry.mode.startswith("100")
    }
    blobs = repository.read_blobs(sorted(paths))
    texts = ((paths[sha], decode_text(data or b"") or "") for sha, data in blobs)
    return license_of_files(list(texts))
