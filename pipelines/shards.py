"""Units of work. In: finished stages or mined repositories. Out: units, each with a key.

A unit reads one shard and commits: its kept rows, its rejected rows, a receipt. Its `key` is a
fingerprint of everything that its output depends on, so a unit whose receipt has the same key need
not run again. That one rule is both "continue after a kill" and "do only today's part".
"""

from dataclasses import asdict, dataclass
from typing import Any

from pipelines.job import Job
from pipelines.stages import STAGES, Stage
from schemas.folder import Folder
from schemas.ids import fingerprint
from schemas.manifest import Manifest, Receipt, Shard, read_manifest, read_receipt


@dataclass(frozen=True, kw_only=True)
class InputShard:
    """A shard of a finished stage."""

    table: str
    name: str
    path: str
    num_rows: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One piece of work for one worker."""

    table: str
    name: str
    key: str
    shard: Shard | None = None
    """What to read: a shard of an earlier stage."""
    source: Any = None
    """What to read: a range of a repository (`pipelines.mine.shards.MineShard`)."""
    side_path: str | None = None
    """A file of the stage's `prepare` that belongs to the shard."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a stage would do."""

    fingerprint: str
    units: tuple[Unit, ...]
    upstream: dict[str, str]
    inputs: tuple[InputShard, ...] = ()


def make_plan(job: Job) -> Plan:
    """The units of a stage and the fingerprint of its whole output. Reads no rows."""
    stage = STAGES[job.stage]
    return _plan_mine(job) if not stage.reads else _plan_mapping(job, stage)


def with_side_files(job: Job, plan: Plan, side_paths: dict[Any, str]) -> Plan:
    """The plan with each unit's side file, whose content becomes part of the unit's key."""
    side = job.side_folder
    units = []
    for unit in plan.units:
        path = side_paths[unit.table, unit.name]
        digest = fingerprint(side.read(path.removeprefix(side.path + "/")).hex())
        units.append(
            Unit(
                table=unit.table,
                name=unit.name,
                key=fingerprint([unit.key, digest]),
                shard=unit.shard,
                side_path=path,
            )
        )
    return Plan(
        fingerprint=plan.fingerprint,
        units=tuple(units),
        upstream=plan.upstream,
        inputs=plan.inputs,
    )


def finished_receipt(folder: Folder, unit: Unit) -> Receipt | None:
    """The receipt of a unit that need not run: same key, every file there with its size."""
    path = f"_receipts/{unit.table}-{unit.name}.json"
    if not folder.exists(path):
        return None
    receipt = read_receipt(folder, path)
    return receipt if receipt.key == unit.key and has_files(folder, receipt) else None


def has_files(folder: Folder, receipt: Receipt) -> bool:
    """Whether every shard of a receipt is there with the size it was written with."""
    return all(folder.size(shard.path) == shard.num_bytes for shard in receipt.shards)


def is_up_to_date(folder: Folder, manifest: Manifest, plan: Plan) -> bool:
    """Same fingerprint and no file missing."""
    return manifest.fingerprint == plan.fingerprint and all(
        has_files(folder, receipt) for receipt in manifest.receipts
    )


def _plan_mine(job: Job) -> Plan:
    from pipelines.mine.shards import plan_shards

    base = [job.stage, job.config(), job.code_version]
    units = []
    for source in plan_shards(job.settings.mine):
        content = asdict(source)
        # Where a clone lies does not decide what is in it.
        location = {} if source.table == "repositories" else {"path": ""}
        key = fingerprint([base, content | location])
        units.append(Unit(table=source.table, name=source.name, key=key, source=source))
    return Plan(
        fingerprint=fingerprint([base, [[u.table, u.name, u.key] for u in units]]),
        units=tuple(units),
        upstream={},
    )


def _plan_mapping(job: Job, stage: Stage) -> Plan:
    upstream = sorted({*stage.reads.values(), *stage.broadcast.values()})
    manifests = {name: read_manifest(job.run.child(name)) for name in upstream}
    base = [
        job.stage,
        job.config(),
        job.code_version,
        [[shard.path, shard.sha256] for shard in _broadcast_shards(stage, manifests)],
    ]
    inputs, units = [], []
    for table, source in sorted(stage.reads.items()):
        for shard in manifests[source].shards(table):
            path = f"{job.run.path}/{source}/{shard.path}"
            inputs.append(
                InputShard(
                    table=table,
                    name=shard.name,
                    path=path,
                    num_rows=shard.num_rows,
                    sha256=shard.sha256,
                )
            )
            key = fingerprint([base, table, shard.name, shard.sha256])
            units.append(Unit(table=table, name=shard.name, key=key, shard=shard))
    return Plan(
        fingerprint=fingerprint([base, [[u.table, u.name, u.key] for u in units]]),
        units=tuple(units),
        upstream={name: manifests[name].fingerprint for name in upstream},
        inputs=tuple(inputs),
    )


def _broadcast_shards(stage: Stage, manifests: dict[str, Manifest]) -> list[Shard]:
    pairs = sorted(stage.broadcast.items())
    return [shard for table, source in pairs for shard in manifests[source].shards(table)]
