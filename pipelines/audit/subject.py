"""What an audit is about, and what a section of it says. In: a run. Out: `Subject`, `Section`s.

section = leak_section(subject)
section.values, section.problems   ->  {"values": 812, "hits": 0, ...}, []
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pipelines.job import Job
from schemas.manifest import Manifest, Shard
from transforms.anonymize.config import AnonymizeConfig

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

    def shards(self, stage: str, tables: Iterable[str]) -> list[Shard]:
        """The shards of some tables of a stage, in order."""
        manifest = self.manifests.get(stage)
        return [shard for table in tables for shard in manifest.shards(table)] if manifest else []


@dataclass(kw_only=True)
class Section:
    """One section."""

    values: dict[str, Any]
    problems: list[str] = field(default_factory=list)
