"""anonymize's own Beam graph: the first pass. In: shards of mine. Out: a sealed survey for each
repository, and what each shard depends on.

    survey(job, inputs, ["--runner=FnApiRunner"])
        ->  {("source_files", "click-00000"): "5d0c...", ...}

A survey says what a repository's files tell of persons, secrets and names; the second pass replaces
that in all of its rows. Surveys lie beside the key and are sealed with it; they are kept, since
`synthesize` reads the same repositories again, and are no part of a delivery.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from pipelines.job import DIGESTS, Job
from pipelines.shards import InputShard
from pipelines.stages import SURVEYED
from schemas.arrow import to_rows
from schemas.errors import KatydidError, StageError
from schemas.folder import open_folder
from schemas.manifest import FAILURES, Shard, read_shard
from schemas.tables import PullRequest, SourceFile
from transforms.anonymize.config import read_key
from transforms.anonymize.survey import (
    Survey,
    Surveyor,
    merge,
    seal,
    unseal,
)

_SEALED = ".sealed"
_ROWS_PER_BATCH = 64


def survey(
    job: Job, inputs: Sequence[InputShard], beam_options: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Write the surveys; a digest for each shard, by table and name.

    Raises StageError when a shard is corrupt.
    """
    import apache_beam as beam
    from apache_beam.options.pipeline_options import PipelineOptions

    key = read_key(Path(job.settings.anonymize.key_file))
    with beam.Pipeline(options=PipelineOptions(list(beam_options))) as pipeline:
        _ = (
            pipeline
            | "ListShards" >> beam.Create(list(inputs))
            | "SpreadShards" >> beam.Reshuffle()
            | "SurveyShards" >> beam.FlatMap(partial(_survey_or_note, job=job))
            | "GroupByRepository" >> beam.GroupByKey()
            | "WriteSurveys"
            >> beam.Map(partial(_write, folder_uri=job.survey_folder.path, key=key))
        )
    failures = job.folder.child(FAILURES)
    if names := failures.names():
        raise StageError(f"anonymize: {failures.read(names[0]).decode()}")
    slugs = {_slug(shard.name) for shard in inputs}
    digests = _write_digests(job, slugs, key)
    return {(shard.table, shard.name): digests[_slug(shard.name)] for shard in inputs}


def read_surveys(job: Job) -> list[Survey]:
    """The surveys of all repositories. Raises InputError for another key's."""
    key = read_key(Path(job.settings.anonymize.key_file))
    folder = job.survey_folder
    names = [name for name in folder.names() if name.endswith(_SEALED)]
    return [unseal(folder.read(name), key) for name in names]


def _survey_name(slug: str, key: bytes) -> str:
    """The file of a repository's survey; keyed, since the deny-list may name the repository."""
    tag = hmac.new(key, b"survey name\0" + slug.encode(), hashlib.sha256).hexdigest()
    return f"{tag[:16]}{_SEALED}"


def _survey_or_note(shard: InputShard, job: Job) -> Iterator[tuple[str, bytes]]:
    """(repository as shards name it, sealed survey of the shard); sealed, as Beam may spill.

    An error of the user's to solve is written down, since Beam would wrap it.
    """
    from transforms.anonymize.engine import Detectors
    from transforms.anonymize.text import TextAnonymizer

    config = job.anonymize
    key = read_key(Path(config.key_file))
    surveyor = Surveyor(TextAnonymizer(config, key, (), Detectors(config)), config)
    try:
        parts = list(_surveys(shard, surveyor))
    except KatydidError as error:
        name = f"{FAILURES}/{shard.table}-{shard.name}.txt"
        job.folder.write(name, str(error).encode())
        return
    repo = next((part.repo for part in parts), "")
    job.side_folder.write(f"{SURVEYED}/{shard.table}-{shard.name}", b"")
    yield _slug(shard.name), seal(merge(repo, parts), key)


def _surveys(shard: InputShard, surveyor: Surveyor) -> Iterator[Survey]:
    stage_path = shard.path.rpartition(f"/{shard.table}/")[0]
    folder = open_folder(stage_path)
    stored = Shard(
        table=shard.table,
        name=shard.name,
        num_rows=shard.num_rows,
        num_bytes=folder.size(f"{shard.table}/{shard.name}.parquet") or 0,
        sha256=shard.sha256,
    )
    for batch in read_shard(folder, stored, batch_size=_ROWS_PER_BATCH):
        if shard.table == "source_files":
            yield from map(surveyor.source_file, to_rows(SourceFile, batch))
        else:
            yield from map(surveyor.pull_request, to_rows(PullRequest, batch))


def _write(group: tuple[str, Iterable[bytes]], folder_uri: str, key: bytes) -> None:
    slug, sealed = group
    parts = [unseal(part, key) for part in sealed]
    repo = next((part.repo for part in parts if part.repo), "")
    survey = seal(merge(repo, parts), key)
    open_folder(folder_uri).write(_survey_name(slug, key), survey)


def _write_digests(job: Job, slugs: Iterable[str], key: bytes) -> dict[str, str]:
    """Repository as shards name it -> digest of its survey and of who is who in the delivery."""
    from transforms.anonymize.delivery import Delivery

    folder = job.survey_folder
    names = {slug: _survey_name(slug, key) for slug in sorted(slugs)}
    for name in folder.names():
        if name not in names.values():
            folder.delete(name)
    identities = job.read_table("identities", "mine")
    delivery = Delivery(job.anonymize, key, identities, read_surveys(job))
    digests = {}
    for slug, name in names.items():
        sealed = folder.read(name)
        people = delivery.people(unseal(sealed, key).repo)
        digests[slug] = hmac.new(key, sealed + people.digest(key).encode(), "sha256").hexdigest()
    hidden = {job.slug(slug): digest for slug, digest in digests.items()}
    folder.write(DIGESTS, json.dumps(hidden, indent=1, sort_keys=True).encode())
    return digests


def _slug(shard_name: str) -> str:
    return shard_name.rpartition("-")[0]
