"""Running a stage: verify inputs, fingerprint, plan, run, check, commit.

In: a stage's name, settings, a run folder. Out: a finished folder with a manifest.

    run_stage("dedup", settings, "runs/click", beam_options=["--direct_num_workers=2"])

Same fingerprint: nothing runs. Killed: the next run redoes only units without a receipt.
"""

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines import isolation
from pipelines.job import Job
from pipelines.monitor import Monitor
from pipelines.settings import Settings
from pipelines.shards import (
    OBJECTS,
    Plan,
    Unit,
    finished_receipt,
    is_final,
    is_same_work,
    make_plan,
    may_go_on,
    with_digests,
    with_side_files,
)
from pipelines.stages import STAGES, SURVEYED
from schemas.errors import ConfigError, SchemaError, StageError
from schemas.folder import TEMPORARY, Folder, open_folder
from schemas.manifest import (
    FAILURES,
    MANIFEST,
    SIDE,
    Manifest,
    Receipt,
    read_manifest,
    read_receipt,
    write_manifest,
)
from schemas.reasons import Reason

METRICS = "METRICS.json"
MAX_ATTEMPTS = 3
"""Runs of the Beam pipeline over the units that are still to do, when workers die."""
_GIVEN_UP = f"workers died in {MAX_ATTEMPTS} attempts; look at memory, then run this again"


@dataclass(frozen=True, kw_only=True)
class StageResult:
    """What running a stage came to."""

    manifest: Manifest
    is_up_to_date: bool
    """True when nothing had to run."""
    num_units_run: int


def run_stage(
    name: str, settings: Settings, run_uri: str, beam_options: Sequence[str] = ()
) -> StageResult:
    """Bring one stage up to date.

    Raises InputError when an earlier stage has not finished or a shard is corrupt, StageError
    when units are still undone after `MAX_ATTEMPTS`.
    """
    _check_is_local(run_uri)
    if {"anonymize", "dedup", "mix"} & {*STAGES[name].sections}:
        settings = with_key_file(settings, run_uri)
    job = Job(stage=name, run_uri=run_uri, settings=settings)
    options = with_default_options(beam_options, has_threads=STAGES[name].has_threads)
    with Monitor(name) as monitor:
        plan = make_plan(job, monitor.planned)
        manifest = _known_manifest(job.folder)
        if manifest is not None and is_same_work(job.folder, manifest, plan):
            return _keep(job.folder, manifest, plan)
        job.folder.delete(MANIFEST)
        job.folder.delete_folder(FAILURES)
        for note in (*plan.notes, *job.environment.notes):
            monitor.say(note)
        plan = _with_first_pass(job, plan, options, monitor)
        num_run = _do_units(job, plan, options, monitor)
        manifest = _commit(job, plan)
        if num_odd := manifest.rejected.get(Reason.UNEXPECTED_ERROR, 0):
            monitor.say(f"{num_odd} rows met a defect of ours; see rejected.detail")
    job.folder.write(METRICS, monitor.metrics(num_units_run=num_run))
    return StageResult(manifest=manifest, is_up_to_date=False, num_units_run=num_run)


def _check_is_local(run_uri: str) -> None:
    """Deduplication maps its sketches into memory, so a run lies where every worker can do so."""
    scheme, separator, _ = run_uri.partition("://")
    if separator and scheme != "file":
        raise ConfigError(
            f"--run-dir {run_uri}: a run needs a local or mounted folder; "
            "copy its mix/ to the bucket when it is finished"
        )


def _known_manifest(folder: Folder) -> Manifest | None:
    """The manifest, if there is one that this version can read."""
    try:
        return read_manifest(folder) if folder.exists(MANIFEST) else None
    except SchemaError:
        return None


def _keep(folder: Folder, manifest: Manifest, plan: Plan) -> StageResult:
    """Nothing to do; where an earlier stage has a new fingerprint, the manifest must say so."""
    if manifest.fingerprint != plan.fingerprint:
        manifest = dataclasses.replace(
            manifest, fingerprint=plan.fingerprint, upstream=plan.upstream
        )
        write_manifest(folder, manifest)
    return StageResult(manifest=manifest, is_up_to_date=True, num_units_run=0)


def with_key_file(settings: Settings, run_uri: str) -> Settings:
    """The settings with a key: the one named, or `anonymize.key` beside the run, made if absent."""
    from transforms.anonymize.config import create_key

    if settings.anonymize.key_file:
        return settings
    key_file = Path(open_folder(run_uri).path) / "anonymize.key"
    if not key_file.exists():
        key_file.parent.mkdir(parents=True, exist_ok=True)
        create_key(key_file)
    anonymize = dataclasses.replace(settings.anonymize, key_file=str(key_file))
    return dataclasses.replace(settings, anonymize=anonymize)


def with_default_options(beam_options: Sequence[str], *, has_threads: bool = False) -> list[str]:
    """Beam options with ours in front: FnApiRunner by name, a worker process or thread per core.

    The default `DirectRunner` first tries to download the Prism binary, so it is never used
    unless asked for.
    """
    given = {option.partition("=")[0] for option in beam_options}
    defaults = {"--runner": "FnApiRunner"}
    if "--runner" not in given or "--runner=FnApiRunner" in beam_options:
        defaults["--direct_num_workers"] = str(os.cpu_count() or 1)
        defaults["--direct_running_mode"] = "multi_threading" if has_threads else "multi_processing"
    extra = [f"{name}={value}" for name, value in defaults.items() if name not in given]
    return [*extra, *beam_options]


def _with_first_pass(job: Job, plan: Plan, options: Sequence[str], monitor: Monitor) -> Plan:
    stage = STAGES[job.stage]
    if stage.survey is not None:
        job.side_folder.delete_folder(SURVEYED)
        marks = {
            f"{SURVEYED}/{shard.table}-{shard.name}": shard.name.rpartition("-")[0]
            for shard in plan.inputs
        }
        monitor.say("first pass over all shards")
        monitor.watch(job.side_folder, marks, total=len(marks))
        plan = with_digests(plan, _insist(job, stage.survey, plan, options, monitor))
    if stage.prepare is not None:
        plan = with_side_files(plan, _insist(job, stage.prepare, plan, options, monitor))
    return plan


def _insist(
    job: Job, function: str, plan: Plan, options: Sequence[str], monitor: Monitor
) -> dict[tuple[str, str], str]:
    """What a function over all shards gives, tried again when a worker died."""
    for attempt in range(1, MAX_ATTEMPTS + 1):
        found = _try(monitor, attempt, function, job, plan.inputs, options)
        if found is not None:
            return dict(found)
    raise StageError(f"{job.stage}: {_GIVEN_UP}")


def _do_units(job: Job, plan: Plan, options: Sequence[str], monitor: Monitor) -> int:
    """Do what has no receipt yet; returns how many units that were."""
    _forget_waiting(job.folder, plan)
    first = todo = _unfinished(job.folder, plan)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        if not todo:
            return len(first)
        receipts = {unit.receipt_path: unit.name.rpartition("-")[0] for unit in todo}
        monitor.watch(job.folder, receipts, total=len(plan.units))
        _try(monitor, attempt, "pipelines.workers:run_units", job, todo, options)
        _raise_failures(job)
        todo = _unfinished(job.folder, plan)
    if todo:
        names = ", ".join(f"{unit.table}/{unit.name}" for unit in todo[:3])
        raise StageError(f"{job.stage}: {len(todo)} units are undone, such as {names}: {_GIVEN_UP}")
    return len(first)


def _try(monitor: Monitor, attempt: int, function: str, *arguments: Any) -> Any:
    """The function's result, or None when a worker died on the way."""
    try:
        result, cpu_s = isolation.call(function, *arguments)
    except isolation.WorkerDied as error:
        monitor.say(f"{error}; doing what it left again ({attempt} of {MAX_ATTEMPTS})")
        return None
    monitor.add_cpu_seconds(cpu_s)
    return result


def _forget_waiting(folder: Folder, plan: Plan) -> None:
    """Units with rows that lacked an object are done again where a fetch may have brought it."""
    for unit in may_go_on(folder, plan):
        receipt = finished_receipt(folder, unit)
        if receipt is not None and not is_final(receipt):
            folder.delete(unit.receipt_path)


def _unfinished(folder: Folder, plan: Plan) -> list[Unit]:
    """Units without a valid receipt; a receipt that does not count is removed."""
    todo = [unit for unit in plan.units if finished_receipt(folder, unit) is None]
    for unit in todo:
        folder.delete(unit.receipt_path)
    return todo


def _raise_failures(job: Job) -> None:
    """Raise what workers wrote down: the first message, and how many more there are."""
    folder = job.folder.child(FAILURES)
    names = folder.names()
    if names:
        message = folder.read(names[0]).decode()
        more = f" (and {len(names) - 1} more units)" if len(names) > 1 else ""
        raise StageError(f"{job.stage}: {message}{more}")


def _commit(job: Job, plan: Plan) -> Manifest:
    """Check the receipts, remove what no receipt names, write the manifest."""
    stage, folder = STAGES[job.stage], job.folder
    receipts = [read_receipt(folder, unit.receipt_path) for unit in plan.units]
    _remove_leftovers(folder, receipts)
    manifest = Manifest(
        stage=job.stage,
        fingerprint=plan.fingerprint,
        work=plan.work,
        code_version=job.code_version,
        config=job.config(),
        upstream=plan.upstream,
        receipts=tuple(sorted(receipts, key=lambda receipt: (receipt.table, receipt.name))),
    )
    documents = stage.describe(folder, manifest) if stage.describe else {}
    for name, content in documents.items():
        folder.write(name, content)
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in documents.items()}
    manifest = dataclasses.replace(manifest, documents=digests)
    if plan.objects:
        folder.write(OBJECTS, json.dumps(plan.objects, indent=1, sort_keys=True).encode())
    write_manifest(folder, manifest)
    return manifest


def _remove_leftovers(folder: Folder, receipts: Sequence[Receipt]) -> None:
    """Shards of units that are no more, side files, half-written files of killed workers."""
    for name in (TEMPORARY, FAILURES, SIDE):
        folder.delete_folder(name)
    known = {receipt.path for receipt in receipts}
    known |= {shard.path for receipt in receipts for shard in receipt.shards}
    for name in folder.names():
        if name not in known and name.endswith((".parquet", ".json")) and "/" in name:
            folder.delete(name)
