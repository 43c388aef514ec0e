"""The table of stages, in river order: what each reads, writes, and is made of.

    STAGES["dedup"].reads    ->  {"pull_requests": "anonymize", "source_files": "anonymize"}

Adding a stage is adding an entry here, its configuration to `pipelines.settings`, and its
transform. Factories import their stage when a worker calls them, so that this table stays light.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.job import Job
    from pipelines.settings import Settings
    from schemas.manifest import Manifest
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
    """Table -> stage: read whole by every worker. A change in it redoes every unit."""
    sections: tuple[str, ...]
    """The sections of the settings that the output depends on."""
    is_split: bool = False
    """Kept rows go to shards named after their `split`."""
    environment: "Callable[[Settings], Environment] | None" = None
    """Facts of this machine that the output depends on, for the fingerprint."""
    transform: "Callable[[Job], Transform] | None" = None
    prepare: str | None = None
    """module:function that brings rows of all shards together before they are mapped.

    It takes (input shards, the stage's settings, seed, folder for side files, Beam options) and
    gives {(table, shard name): side file}.
    """
    finish: "Callable[[Job, Manifest], None] | None" = None
    """Writes what describes the finished tables, before the manifest."""


def _anonymize(job: "Job") -> "Transform":
    from transforms.anonymize.rows import Anonymize

    transform = Anonymize(job.settings.anonymize)
    transform.use(job.read_table("identities", "mine"))
    return transform


def _dedup(job: "Job") -> "Transform":
    from transforms.dedup import DropDuplicates

    return DropDuplicates(job.settings.dedup)


def _label(job: "Job") -> "Transform":
    from transforms.label.rows import Label

    return Label(job.settings.label)


def _synthesize(job: "Job") -> "Transform":
    from pipelines.snapshots import RepositorySnapshots
    from transforms.synthesize.rows import Synthesize

    settings = job.settings
    snapshots = RepositorySnapshots(
        repositories=job.read_table("repositories", "mine"),
        identities=job.read_table("identities", "mine"),
        mine=settings.mine,
        anonymize=settings.anonymize,
        limits=settings.synthesize,
    )
    return Synthesize(settings.synthesize, settings.seed, snapshots)


def _find_sandbox(settings: "Settings") -> Environment:
    from transforms.sandbox.folder import remove_folder
    from transforms.synthesize.rows import choose_sandbox, find_programs, make_scratch

    sandbox = choose_sandbox(settings.synthesize.run_commands)
    scratch = make_scratch()
    programs = sorted(find_programs(sandbox, scratch))
    remove_folder(scratch)
    facts = {"has_sandbox": sandbox is not None, "programs": programs}
    if sandbox is None and settings.synthesize.run_commands == "auto":
        return Environment(facts=facts, notes=(_NO_SANDBOX,))
    return Environment(facts=facts)


def _mix(job: "Job") -> "Transform":
    from transforms.mix.rows import Mix

    return Mix(job.settings.mix, job.settings.seed)


def _write_card(job: "Job", manifest: "Manifest") -> None:
    from pipelines.card import write_card

    write_card(job, manifest)


_NO_SANDBOX = (
    "no sandbox works here, so dialogues have no run_command tool and nothing is executed; "
    "install bubblewrap (apt-get install bubblewrap) for it"
)
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
            sections=("anonymize",),
            transform=_anonymize,
        ),
        Stage(
            name="dedup",
            sentence="Drop exact and near duplicates, naming the row that was kept.",
            reads=dict.fromkeys(_ROWS, "anonymize"),
            writes=_ROWS,
            sections=("dedup",),
            transform=_dedup,
            prepare="pipelines.dedup:prepare",
        ),
        Stage(
            name="label",
            sentence="Say each pull request's task type and scenario, with evidence, or abstain.",
            reads={"pull_requests": "dedup"},
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
            name="mix",
            sentence="Render documents, split by repository, write the dataset card.",
            reads={"pull_requests": "label", "source_files": "dedup", "dialogues": "synthesize"},
            writes={
                "pull_requests": "documents",
                "source_files": "documents",
                "dialogues": "dialogues",
            },
            sections=("mix",),
            is_split=True,
            transform=_mix,
            finish=_write_card,
        ),
    )
}
