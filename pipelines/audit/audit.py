"""The audit of a run. In: a run folder, the settings it was made with. Out: AUDIT.json, AUDIT.md.

    values = audit("runs/click", settings)
    values["to_look_at"]   ->  [] where nothing remains

No raw value leaves memory: a finding is its class, its place and a tag under the run's key. The
same run gives the same bytes.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.audit.claims import claims
from pipelines.audit.counts import finding_counts
from pipelines.audit.leak_section import leak_section
from pipelines.audit.page import render_page
from pipelines.audit.planted import planted_counts
from pipelines.audit.residual_section import residual_section
from pipelines.audit.row_sections import authors_section, row_sections
from pipelines.audit.subject import Section, Subject
from pipelines.audit.tags import read_allowed
from pipelines.inspect import check_run, finished_stages
from pipelines.job import Job
from pipelines.settings import Settings
from schemas.errors import ConfigError, InputError
from schemas.folder import open_folder
from schemas.manifest import Manifest

FOLDER = "audit"
DEFAULT_CANARIES = 3_000
DEFAULT_SCAN_MB = 300
"""Some minutes on two cores: stock Presidio and detect-secrets read 0.2 to 0.3 MB/s each."""


def audit(
    run_dir: str,
    settings: Settings,
    *,
    num_canaries: int = DEFAULT_CANARIES,
    scan_mb: int = DEFAULT_SCAN_MB,
    allow_file: Path | None = None,
) -> dict[str, Any]:
    """Audit a run and write its report; the values of AUDIT.json.

    Raises InputError when `mine` or `anonymize` has not finished or the key is absent, ConfigError
    when the settings or the key are not those of the run.
    """
    subject = _subject(run_dir, settings, allow_file)
    sections = dict(_sections(subject, num_canaries, scan_mb))
    values = {
        "format": 1,
        "to_look_at": [
            f"{name}: {problem}" for name, part in sections.items() for problem in part.problems
        ],
        **{name: part.values for name, part in sections.items()},
        "claims": claims(subject.config, subject.key, subject.manifests),
    }
    folder = open_folder(run_dir).child(FOLDER)
    folder.write("AUDIT.json", (json.dumps(values, indent=1, ensure_ascii=False) + "\n").encode())
    folder.write("AUDIT.md", render_page(values).encode())
    folder.delete_folder("_tmp")
    return values


def _sections(subject: Subject, num_canaries: int, scan_mb: int) -> Iterator[tuple[str, Section]]:
    """The sections in the order of the report."""
    problems = check_run(subject.path)
    yield (
        "integrity",
        Section(
            values={"problems": len(problems)},
            problems=[f"{len(problems)} problems; type: katydid check RUN"] if problems else [],
        ),
    )
    yield (
        "findings",
        Section(values=finding_counts(subject.job.run, subject.manifests["anonymize"])),
    )
    yield "leaks", leak_section(subject)
    yield "residual", residual_section(subject, scan_mb)
    yield "canaries", _canary_section(subject, num_canaries)
    yield from row_sections(subject).items()
    yield "authors", authors_section(subject)


def _canary_section(subject: Subject, num_canaries: int) -> Section:
    if not num_canaries:
        return Section(values={"planted": 0})
    values = planted_counts(subject.config, subject.key, num_canaries)
    survived = values["survived"]
    return Section(values=values, problems=[f"{survived} survived"] if survived else [])


def _subject(run_dir: str, settings: Settings, allow_file: Path | None) -> Subject:
    from transforms.anonymize.config import read_key

    manifests = finished_stages(run_dir)
    for stage in ("mine", "anonymize"):
        if stage not in manifests:
            raise InputError(
                f"{stage} has not finished in {run_dir}; "
                f"type: katydid run {stage} --run-dir {run_dir}, with your -c and -s"
            )
    settings = _with_key_file(settings, run_dir)
    key = read_key(Path(settings.anonymize.key_file))
    job = Job(stage="anonymize", run_uri=run_dir, settings=settings)
    _check_settings(job.config()["anonymize"], manifests["anonymize"])
    return Subject(job=job, key=key, manifests=manifests, allowed=read_allowed(allow_file))


def _with_key_file(settings: Settings, run_dir: str) -> Settings:
    """The settings with the run's own key where none is named; none is made here."""
    if settings.anonymize.key_file:
        return settings
    key_file = Path(open_folder(run_dir).path) / "anonymize.key"
    return replace(settings, anonymize=replace(settings.anonymize, key_file=str(key_file)))


def _check_settings(given: dict[str, Any], manifest: Manifest) -> None:
    """Names are compared by their HMACs, since that is all that a manifest holds."""
    made_with = manifest.config["anonymize"]
    if given["key"] != made_with["key"]:
        raise ConfigError("the run was made with another key; set anonymize.key_file to that one")
    others = sorted(name for name in made_with if given.get(name) != made_with[name])
    if others:
        raise ConfigError(
            f"the run was made with another {', '.join(f'anonymize.{name}' for name in others)}; "
            "give the -c and -s that it was made with"
        )
