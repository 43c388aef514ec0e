"""The table of stages, in river order: what each reads, writes, and is made of.

    STAGES["dedup"].reads    ->  {"pull_requests": "anonymize", "source_files": "anonymize"}

Adding a stage is adding an entry here, its configuration to `pipelines.settings`, and its
transform. Factories import their stage when a worker calls them, so that this table stays light.
"""

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelines.dedup.stage import describe_pairs, find_facts
from pipelines.left_out import take_back
from schemas.errors import ConfigError, SandboxError

if TYPE_CHECKING:
    from pipelines.job import Job
    from schemas.folder import Folder
    from schemas.manifest import Manifest
    from transforms.anonymize.config import AnonymizeConfig
    from transforms.outcome import Transform


@dataclass(frozen=True, kw_only=True)
class Environment:
    """What a stage finds on this machine."""

    facts: dict[str, Any]
    notes: tuple[str, ...] = ()
    """What the operator should know before the stage runs."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage. `mine` has no `transform`: it reads repositories, not tables."""

    name: str
    sentence: str
    reads: dict[str, str]
    """Table read -> the stage that wrote it; one unit of work per shard of these."""
    writes: dict[str, str]
    """Table read -> the table that its kept rows go to."""
    broadcast: dict[str, str] = field(default_factory=dict)
    """Table -> stage: read whole by every worker. Of `identities`, a shard depends on the names
    and addresses of its own repository."""
    hides_names: bool = False
    """Shards are named anew where the deny-list names their repository."""
    sections: tuple[str, ...]
    """The sections of the settings that the output depends on."""
    is_split: bool = False
    """Kept rows go to shards named after their `split`."""
    environment: "Callable[[Job], Environment] | None" = None
    """Facts of this machine that the output depends on, for the fingerprint."""
    transform: "Callable[[Job], Transform] | None" = None
    has_threads: bool = False
    """Its work is done outside Python's global lock, so that the embedded runner's workers are
    threads of one process: nothing is loaded twice."""
    prepare: str | None = None
    """module:function that brings rows of all shards together before they are mapped.

    It takes (job, input shards, Beam options) and gives {(table, shard name): side file}.
    """
    survey: str | None = None
    """module:function that reads all shards before any is mapped, for what `transform` reads.

    It takes (job, input shards, Beam options), leaves a mark in `SURVEYED` for each shard, and
    gives {(table, shard name): digest of all that the shard's output depends on besides itself}.
    """
    describe: "Callable[[Folder, Manifest], dict[str, bytes]] | None" = None
    """Files that describe the finished tables, by name."""


def _anonymize(job: "Job") -> "Transform":
    leave_out_models(job.settings.anonymize)
    from pipelines.surveys import read_surveys
    from transforms.anonymize.rows import Anonymize

    identities = job.read_table("identities", "mine")
    return Anonymize(job.anonymize, identities, read_surveys(job))


def _dedup(job: "Job") -> "Transform":
    from transforms.dedup.rows import DropDuplicates

    return DropDuplicates(job.stage)


def _decontaminate(job: "Job") -> "Transform":
    from pipelines.decontaminate import make_transform

    return make_transform(job)


def _read_lists(job: "Job") -> Environment:
    from pipelines.decontaminate import read_lists

    return read_lists(job)


def _find_dedup_facts(job: "Job") -> Environment:
    return Environment(facts=find_facts(job))


def _label(job: "Job") -> "Transform":
    from transforms.label.rows import Label

    return Label(job.settings.label)


def _synthesize(job: "Job") -> "Transform":
    leave_out_models(job.settings.anonymize)
    from pipelines.snapshots import RepositorySnapshots
    from pipelines.surveys import read_surveys
    from transforms.synthesize.rows import Synthesize

    settings = job.settings
    snapshots = RepositorySnapshots(
        repositories=job.read_table("repositories", "mine"),
        identities=job.read_table("identities", "mine"),
        anonymize=job.anonymize,
        limits=settings.synthesize,
        surveys=read_surveys(job),
    )
    # What the driver found decides: a worker that finds otherwise must not write other dialogues.
    has_sandbox = job.environment.facts["has_sandbox"]
    run_commands = "require" if has_sandbox else "never"
    config = dataclasses.replace(settings.synthesize, run_commands=run_commands)
    return Synthesize(config, settings.seed, snapshots)


def _find_sandbox(job: "Job") -> Environment:
    from transforms.sandbox.bubblewrap import require_sandbox
    from transforms.sandbox.folder import remove_folder
    from transforms.synthesize.rows import choose_sandbox, find_programs, make_scratch

    wanted = job.settings.synthesize.run_commands
    sandbox = None
    notes: tuple[str, ...] = ()
    try:
        sandbox = require_sandbox() if wanted == "auto" else choose_sandbox(wanted)
    except SandboxError as error:
        if wanted != "auto":
            raise
        notes = (f"{_NO_SANDBOX}: {error}",)
    scratch = make_scratch()
    programs = find_programs(sandbox, scratch)
    remove_folder(scratch)
    # With versions, since another interpreter complains in other words: other dialogues.
    facts = {"has_sandbox": sandbox is not None, "programs": programs}
    return Environment(facts=facts, notes=notes)


def _mix(job: "Job") -> "Transform":
    from transforms.mix.rows import Mix

    return Mix(job.mix_config, job.settings.seed, job.environment.facts["families"])


def _find_families(job: "Job") -> Environment:
    """Repositories that are split as one. Raises ConfigError where a named one is unknown."""
    from transforms.dedup.families import fork_families

    known = job.read_table("repositories", "mine")["repo"].to_pylist()
    unknown = sorted(set(job.settings.mix.validation_repos) - set(known))
    if unknown:
        raise ConfigError(
            f"mix.validation_repos: no repository {', '.join(unknown)}; "
            f"mined were {', '.join(sorted(known))}"
        )
    families = fork_families(job.named_repositories, {})
    return Environment(facts={"families": [list(family.repos) for family in families]})


def _render_card(folder: "Folder", manifest: "Manifest") -> dict[str, bytes]:
    from pipelines.card import render_card

    return {"README.md": render_card(folder, manifest).encode()}


def leave_out_models(config: "AnonymizeConfig") -> None:
    """Keep Presidio and spaCy from importing torch, whose models ours do not use.

    Measured: 3.4 s of CPU and 317 MB for each worker. Recognizers of the user's own may need it,
    and what `pipelines.preload` leaves out.
    """
    if config.extra_recognizers:
        take_back()
        return
    for name in ("gliner", "stanza", "torch", "transformers"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: not to be found


SURVEYED = "surveyed"
"""In the stage's side folder: an empty file for each shard that `Stage.survey` has read."""
_NO_SANDBOX = "dialogues have no run_command tool and nothing is executed"
_ROWS = {"pull_requests": "pull_requests", "source_files": "source_files"}

STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(
            name="mine",
            sentence="Read pull requests and source files from git repositories.",
            reads={},
            writes={table: table for table in (*_ROWS, "repositories", "identities")},
            sections=("mine",),
        ),
        Stage(
            name="anonymize",
            sentence="Replace personal data and secrets by keyed, consistent pseudonyms.",
            reads=dict.fromkeys(_ROWS, "mine"),
            writes=_ROWS,
            broadcast={"identities": "mine"},
            hides_names=True,
            sections=("anonymize",),
            transform=_anonymize,
            survey="pipelines.anonymize:survey",
        ),
        Stage(
            name="dedup",
            sentence="Drop exact and near duplicates, naming the row that was kept.",
            reads=dict.fromkeys(_ROWS, "anonymize"),
            writes=_ROWS,
            sections=("dedup",),
            environment=_find_dedup_facts,
            transform=_dedup,
            has_threads=True,
            prepare="pipelines.dedup.stage:prepare_stage",
            describe=describe_pairs,
        ),
        Stage(
            name="decontaminate",
            sentence="Drop rows that give away instances of benchmarks, with the evidence.",
            reads=dict.fromkeys(_ROWS, "dedup"),
            writes=_ROWS,
            broadcast={"repositories": "mine"},
            sections=("decontaminate", "anonymize"),
            environment=_read_lists,
            transform=_decontaminate,
        ),
        Stage(
            name="label",
            sentence="Say each pull request's task type and scenario, with evidence, or abstain.",
            reads={"pull_requests": "decontaminate"},
            writes={"pull_requests": "pull_requests"},
            sections=("label",),
            transform=_label,
        ),
        Stage(
            name="synthesize",
            sentence="Replay pull requests as tool-use dialogues with tools that really run.",
            reads={"pull_requests": "label"},
            writes={"pull_requests": "dialogues"},
            broadcast={"identities": "mine", "repositories": "mine"},
            sections=("synthesize", "anonymize"),
            environment=_find_sandbox,
            transform=_synthesize,
        ),
        Stage(
            name="dedup_dialogues",
            sentence="Drop exact and near duplicates among dialogues.",
            reads={"dialogues": "synthesize"},
            writes={"dialogues": "dialogues"},
            sections=("dedup",),
            environment=_find_dedup_facts,
            transform=_dedup,
            has_threads=True,
            prepare="pipelines.dedup.stage:prepare_stage",
            describe=describe_pairs,
        ),
        Stage(
            name="mix",
            sentence="Render documents, split by repository, write the dataset card.",
            reads={
                "pull_requests": "label",
                "source_files": "decontaminate",
                "dialogues": "dedup_dialogues",
            },
            writes={
                "pull_requests": "documents",
                "source_files": "documents",
                "dialogues": "dialogues",
            },
            broadcast={"repositories": "mine"},
            sections=("mix",),
            is_split=True,
            transform=_mix,
            environment=_find_families,
            describe=_render_card,
        ),
    )
}
