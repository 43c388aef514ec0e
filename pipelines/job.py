"""What a worker must know to do any unit: which stage, with which settings, in which run.

    job = Job(stage="dedup", run_uri="runs/click", settings=settings)

Instances are small and picklable; everything heavy is opened from them.
"""

import dataclasses
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

import schemas
import transforms
from pipelines.settings import Settings
from pipelines.stages import STAGES, Environment
from schemas.arrow import table_schema
from schemas.folder import Folder, open_folder
from schemas.ids import fingerprint
from schemas.manifest import SIDE, read_manifest, read_shard
from schemas.settings import to_plain
from transforms.anonymize.config import AnonymizeConfig
from transforms.mix.config import MixConfig

if TYPE_CHECKING:
    from transforms.anonymize.code_names import CodeNames

_DISTRIBUTION = re.compile(r"^[\w.-]+")
_OF_PIPELINES = re.compile(r"extra == ['\"]pipelines['\"]")
_SOURCES = (".json", ".py", ".toml", ".txt")
SURVEYS = "anonymize.survey"
"""Folder of a run, beside `anonymize.key`: what the first pass of anonymize found, sealed."""
DIGESTS = "DIGESTS.json"
"""In it: repository as shards name it -> digest of what its rows depend on besides themselves."""
_NAMES = (
    "deny_list", "employee_id_pattern", "internal_domains", "keep_emails", "keep_names",
    "ticket_key_pattern",
)  # fmt: skip
"""Settings of `anonymize` that may say who or what is to be hidden."""
_SLUG_HASH = re.compile(r"-[0-9a-f]{8}$")
_PATHS = (
    "against", "clone_dir", "github_archive", "inventory", "key_file", "lists", "repos",
    "sensitivities",
)  # fmt: skip
"""Settings that say where something lies, not what it is."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """A stage of a run."""

    stage: str
    run_uri: str
    settings: Settings

    @property
    def run(self) -> Folder:
        """The run's folder."""
        return open_folder(self.run_uri)

    @property
    def folder(self) -> Folder:
        """The stage's folder."""
        return self.run.child(self.stage)

    @property
    def side_folder(self) -> Folder:
        """Where the stage's `prepare` writes."""
        return self.folder.child(SIDE)

    @property
    def survey_folder(self) -> Folder:
        """Where the first pass of anonymize writes."""
        return self.run.child(SURVEYS)

    @property
    def code_version(self) -> str:
        """Changes with our source and with the libraries that it runs on."""
        return code_version()

    @cached_property
    def environment(self) -> Environment:
        """What the stage finds on this machine."""
        find = STAGES[self.stage].environment
        return find(self) if find else Environment(facts={})

    @cached_property
    def anonymize(self) -> AnonymizeConfig:
        """The settings of `anonymize`, where they say so with the names of all repositories in the
        deny-list: one repository may speak of another, and shards are named after theirs."""
        config = self.settings.anonymize
        if not config.code_names_from_repository:
            return config
        from transforms.anonymize.package_names import repository_names

        repos = self.read_table("repositories", "mine").column("repo").to_pylist()
        names = {name for repo in repos for name in repository_names(repo)}
        return dataclasses.replace(config, deny_list=(*config.deny_list, *sorted(names)))

    @property
    def mix_config(self) -> MixConfig:
        """The settings of `mix` with repositories named as rows name them."""
        repos = tuple(self.code_names(repo) for repo in self.settings.mix.validation_repos)
        return dataclasses.replace(self.settings.mix, validation_repos=repos)

    @property
    def named_repositories(self) -> pa.Table:
        """mine's `repositories`, named as rows name them after `anonymize`."""
        table = self.read_table("repositories", "mine")
        repos = [self.code_names(repo) for repo in table.column("repo").to_pylist()]
        index = table.schema.get_field_index("repo")
        return table.set_column(index, table.schema.field(index), pa.array(repos, pa.string()))

    def code_names(self, text: str) -> str:
        """A name as it is written after `anonymize`: names of the deny-list are replaced."""
        deny_list = self.anonymize.deny_list
        return _code_names(deny_list, self.key).replace(text) if deny_list else text

    def slug(self, slug: str) -> str:
        """A repository as shards name it, as shards name it after `anonymize`.

        A slug may end in a plain hash of the name, which a guess of the name would confirm.
        """
        hidden = self.code_names(slug)
        if hidden == slug:
            return slug
        return _SLUG_HASH.sub(lambda match: f"-{_keyed_digest(self.key, match[0])[:8]}", hidden)

    @property
    def key(self) -> bytes:
        """The key of the pseudonyms, from its file each time: a job that held it would carry it
        into whatever stores Beam's graph. Raises ConfigError where there is none."""
        from transforms.anonymize.config import read_key

        return read_key(Path(self.settings.anonymize.key_file))

    def people_digests(self) -> dict[str, str]:
        """Repository (as shards name it) -> digest of the names and addresses in its history.

        After anonymize: of all that its rows depend on, as the first pass found it.
        """
        if self.stage != "anonymize" and self.survey_folder.exists(DIGESTS):
            return dict(json.loads(self.survey_folder.read(DIGESTS)))
        folder = self.run.child("mine")
        digests = {}
        for shard in read_manifest(folder).shards("identities"):
            batches = read_shard(folder, shard)
            people = {(row["name"], row["email"]) for b in batches for row in b.to_pylist()}
            slug = self.slug(shard.name.rpartition("-")[0])
            digests[slug] = fingerprint(sorted(map(list, people)))
        return digests

    def config(self) -> dict[str, Any]:
        """The resolved settings that the output depends on, without places and without secrets."""
        plain = to_plain(self.settings)
        sections = STAGES[self.stage].sections
        config = {name: _without_paths(plain[name]) for name in sections}
        if "anonymize" in config:
            config["anonymize"] = self._without_names(config["anonymize"])
        if "decontaminate" in config:
            repos = self.settings.decontaminate.repositories
            config["decontaminate"]["repositories"] = list(map(self.code_names, repos))
        if "mix" in config:
            config["mix"]["validation_repos"] = list(self.mix_config.validation_repos)
        return {"seed": self.settings.seed, "environment": self.environment.facts, **config}

    def read_table(self, table: str, stage: str) -> pa.Table:
        """A whole table of a finished stage; only for small ones."""
        folder = self.run.child(stage)
        manifest = read_manifest(folder)
        batches = [b for shard in manifest.shards(table) for b in read_shard(folder, shard)]
        return pa.Table.from_batches(batches, table_schema(table))

    def _without_names(self, section: dict[str, Any]) -> dict[str, Any]:
        """The section of `anonymize` with names and patterns as HMACs under the run's key.

        A manifest goes where the corpus goes, and a deny-list names whom it hides.
        """
        from transforms.anonymize.config import key_fingerprint

        section = {**section, "deny_list": list(self.anonymize.deny_list)}
        hidden = {name: _keyed_digest(self.key, section[name]) for name in _NAMES}
        return {**section, **hidden, "key": key_fingerprint(self.key)}


@lru_cache(maxsize=4)
def _code_names(deny_list: tuple[str, ...], key: bytes) -> "CodeNames":
    from transforms.anonymize.code_names import CodeNames

    return CodeNames(deny_list, key)


def _keyed_digest(key: bytes, value: Any) -> str:
    return hmac.new(key, json.dumps(value).encode(), hashlib.sha256).hexdigest()[:32]


def _without_paths(section: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in section.items() if name not in _PATHS}


@cache
def code_version() -> str:
    """SHA-256 over sources and data of the three rooms and the versions of their libraries."""
    digest = hashlib.sha256()
    rooms = [Path(str(schemas.__file__)).parent, Path(str(transforms.__file__)).parent]
    for room in [*rooms, Path(__file__).parent]:
        for path in sorted(path for path in room.rglob("*.*") if path.suffix in _SOURCES):
            digest.update(f"{room.name}/{path.relative_to(room)}\0".encode())
            digest.update(path.read_bytes())
    for name in sorted(_libraries()):
        digest.update(f"{name}=={metadata.version(name)}\0".encode())
    return digest.hexdigest()


def _libraries() -> list[str]:
    """Distributions that the pipelines depend on, as our own metadata lists them."""
    requirements = metadata.requires("katydid") or []
    wanted = (r for r in requirements if "extra ==" not in r or _OF_PIPELINES.search(r))
    return [_DISTRIBUTION.findall(requirement)[0] for requirement in wanted]
