"""Units of work. In: finished stages or mined repositories. Out: units, each with a key.

A unit reads one shard and commits: its kept rows, its rejected rows, a receipt. Its `key` is a
fingerprint of everything that its output depends on, so a unit whose receipt has the same key need
not run again. That one rule is both "continue after a kill" and "do only today's part".
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pipelines.job import Job
from pipelines.stages import STAGES, Stage
from schemas.errors import SchemaError
from schemas.folder import Folder, open_folder
from schemas.ids import fingerprint
from schemas.manifest import RECEIPTS, Manifest, Receipt, Shard, read_manifest, read_receipt
from schemas.reasons import Reason

OBJECTS = "OBJECTS.json"
"""Stamps of the object stores that the stage last finished with, beside its manifest."""

_MAY_ARRIVE = (Reason.MISSING_BLOB, Reason.MISSING_COMMIT)
"""Reasons that a later fetch can lift, although no name of a commit changes."""


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
    """The table read."""
    name: str
    """Of the shards and the receipt that it writes."""
    key: str
    shard: Shard | None = None
    """What to read: a shard of an earlier stage."""
    source: Any = None
    """What to read: a range of a repository (`pipelines.mine.shards.MineShard`)."""
    side_path: str | None = None
    """A file of the stage's `prepare` that belongs to the shard."""
    writes_empty: bool = False
    """Whether a shard is written when no row is kept: one unit of a table keeps its columns."""

    @property
    def receipt_path(self) -> str:
        """Relative to the stage's folder."""
        return f"{RECEIPTS}/{self.table}-{self.name}.json"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a stage would do."""

    fingerprint: str
    """Of the output and of the stages read."""
    work: str
    """Of the output alone: the same work gives the same shards, whatever upstream is called."""
    units: tuple[Unit, ...]
    upstream: dict[str, str]
    inputs: tuple[InputShard, ...] = ()
    notes: tuple[str, ...] = ()
    """What the operator should know before the stage runs."""
    objects: dict[str, str] = field(default_factory=dict)
    """mine: repository -> a stamp of its object store, "" where it has none."""


Planned = Callable[[str, int, int], None]
"""Told after each repository: its name, how many are planned, of how many."""


def make_plan(job: Job, planned: Planned = lambda name, num_done, total: None) -> Plan:
    """The units of a stage and the fingerprint of its whole output. Reads no rows of its tables."""
    stage = STAGES[job.stage]
    return _plan_mine(job, planned) if not stage.reads else _plan_mapping(job, stage)


def with_digests(plan: Plan, digests: dict[tuple[str, str], str]) -> Plan:
    """The plan with what each unit depends on besides its shard as part of its key."""
    units = []
    for unit in plan.units:
        assert unit.shard is not None
        digest = digests[unit.table, unit.shard.name]
        units.append(replace(unit, key=fingerprint([unit.key, digest])))
    return replace(plan, units=tuple(units))


def with_side_files(plan: Plan, side_paths: dict[tuple[str, str], str]) -> Plan:
    """The plan with each unit's side file, whose content becomes part of the unit's key."""
    digests = {}
    for shard, path in side_paths.items():
        parent, _, name = path.rpartition("/")
        digests[shard] = hashlib.sha256(open_folder(parent).read(name)).hexdigest()
    units = []
    for unit in with_digests(plan, digests).units:
        assert unit.shard is not None
        units.append(replace(unit, side_path=side_paths[unit.table, unit.shard.name]))
    return replace(plan, units=tuple(units))


def finished_receipt(folder: Folder, unit: Unit) -> Receipt | None:
    """The receipt of a unit that need not run: same key, every file there."""
    if not folder.exists(unit.receipt_path):
        return None
    try:
        receipt = read_receipt(folder, unit.receipt_path)
    except SchemaError:
        # Of another version, or damaged: its unit is done again, and the receipt with it.
        return None
    return receipt if receipt.key == unit.key and has_files(folder, receipt) else None


def has_files(folder: Folder, receipt: Receipt) -> bool:
    """Whether every shard of a receipt is there with the size it was written with."""
    return all(folder.size(shard.path) == shard.num_bytes for shard in receipt.shards)


def is_same_work(folder: Folder, manifest: Manifest, plan: Plan) -> bool:
    """Same work, no file missing, and no row whose missing objects may have arrived."""
    if manifest.work != plan.work or not all(map(folder.exists, manifest.documents)):
        return False
    waiting = may_go_on(folder, plan)
    paths = {unit.receipt_path for unit in waiting}
    receipts = manifest.receipts
    return all(has_files(folder, r) and (is_final(r) or r.path not in paths) for r in receipts)


def may_go_on(folder: Folder, plan: Plan) -> list[Unit]:
    """Units of repositories whose object store is not what it was when the stage last finished."""
    text = folder.read(OBJECTS) if folder.exists(OBJECTS) else b"{}"
    before = json.loads(text)
    now = plan.objects
    same = {repo for repo, stamp in now.items() if stamp and stamp == before.get(repo)}
    return [unit for unit in plan.units if unit.source is None or unit.source.repo not in same]


def is_final(receipt: Receipt) -> bool:
    """Whether no row of it was rejected for an object that a later fetch may bring."""
    return not any(reason in receipt.rejected for reason in _MAY_ARRIVE)


def _plan_mine(job: Job, planned: Planned) -> Plan:
    from pipelines.mine.plan import plan_mining

    base = [job.stage, job.config(), job.code_version]
    units = []
    mining = plan_mining(job.settings.mine, planned)
    for source in mining.shards:
        content = asdict(source)
        # Where a clone lies does not decide what is in it.
        location = {} if source.table == "repositories" else {"path": ""}
        key = fingerprint([base, content | location])
        units.append(Unit(table=source.table, name=source.name, key=key, source=source))
    units = _with_columns(units, STAGES[job.stage])
    work = _of_units(base, units)
    return Plan(
        fingerprint=work,
        work=work,
        units=tuple(units),
        upstream={},
        notes=mining.notes,
        objects=mining.objects,
    )


def _plan_mapping(job: Job, stage: Stage) -> Plan:
    names = sorted({*stage.reads.values(), *stage.broadcast.values()})
    manifests = {name: read_manifest(job.run.child(name)) for name in names}
    upstream = {name: manifests[name].fingerprint for name in names}
    base = [job.stage, job.config(), job.code_version]
    people = job.people_digests() if "identities" in stage.broadcast else {}
    inputs, units = [], []
    for table, source in sorted(stage.reads.items()):
        for shard in manifests[source].shards(table):
            slug, _, part = shard.name.rpartition("-")
            name = f"{job.slug(slug)}-{part}" if stage.hides_names else shard.name
            inputs.append(
                InputShard(
                    table=table,
                    name=shard.name,
                    path=f"{job.run.path}/{source}/{shard.path}",
                    num_rows=shard.num_rows,
                    sha256=shard.sha256,
                )
            )
            people_digest = people.get(name.rpartition("-")[0], "")
            key = fingerprint([base, people_digest, table, name, shard.sha256])
            units.append(Unit(table=table, name=name, key=key, shard=shard))
    units = _with_columns(units, stage)
    work = _of_units(base, units)
    return Plan(
        fingerprint=fingerprint([work, upstream]),
        work=work,
        units=tuple(units),
        upstream=upstream,
        inputs=tuple(inputs),
    )


def _with_columns(units: Sequence[Unit], stage: Stage) -> list[Unit]:
    """The first unit of each table written has its columns, whatever becomes of its rows.

    That must be part of its key: it may stop being the first.
    """
    written: set[str] = set()
    marked = []
    for unit in units:
        table = stage.writes[unit.table]
        is_first = table not in written
        written.add(table)
        key = fingerprint([unit.key, "columns"]) if is_first else unit.key
        marked.append(replace(unit, writes_empty=is_first, key=key))
    return marked


def _of_units(base: list[Any], units: Sequence[Unit]) -> str:
    return fingerprint([base, [[unit.table, unit.name, unit.key] for unit in units]])
