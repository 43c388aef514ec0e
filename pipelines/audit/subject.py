"""What an audit is about, and what a section of it says. In: a run. Out: `Subject`, `Section`s.

section = leak_section(subject)
section.values, section.problems   ->  {"values": 812, "hits": 0, ...}, []
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pipelines.job import Job
from pipelines.surveys import read_surveys
from schemas.discussion import Identity
from schemas.manifest import Manifest, Shard
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.survey import Survey

MAX_LISTED = 1_000
"""Places in AUDIT.json for one section; all are counted."""
ROW_TABLES = ("pull_requests", "source_files")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A run to audit."""

    job: Job
    key: bytes
    manifests: dict[str, Manifest]
    allowed: dict[str, str]

    @property
    def config(self) -> AnonymizeConfig:
        """The settings of anonymize."""
        return self.job.anonymize

    @property
    def path(self) -> str:
        """The run's folder."""
        return self.job.run.path

    @cached_property
    def identities(self) -> list[dict[str, Any]]:
        """The rows of mine's `identities`."""
        rows: list[dict[str, Any]] = self.job.read_table("identities", "mine").to_pylist()
        return rows

    @cached_property
    def people(self) -> dict[str, list[Identity]]:
        """Repository -> the identities of its history."""
        people: dict[str, list[Identity]] = {}
        for row in self.identities:
            person = Identity(name=row["name"], email=row["email"])
            people.setdefault(row["repo"], []).append(person)
        return people

    @cached_property
    def surveys(self) -> list[Survey]:
        """What the first pass of anonymize found."""
        return read_surveys(self.job)

    def shards(self, stage: str, tables: Iterable[str]) -> list[Shard]:
        """The shards of some tables of a stage, in order."""
        manifest = self.manifests.get(stage)
        return [shard for table in tables for shard in manifest.shards(table)] if manifest else []


@dataclass(kw_only=True)
class Section:
    """One section."""

    values: dict[str, Any]
    problems: list[str] = field(default_factory=list)
