"""anonymize's own Beam graph: the first pass. In: shards of mine. Out: what each shard depends on.

    survey(job, inputs, ["--runner=FnApiRunner"])
        ->  {("source_files", "click-00000"): "5d0c...", ...}

A survey says what a repository's files tell of persons, secrets and names; the second pass replaces
that in all of its rows. What travels through Beam is sealed, as a runner may write it to disk.
"""

from collections.abc import Iterable, Iterator, Sequence

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.job import Job
from pipelines.shards import InputShard
from pipelines.stages import SURVEYED, leave_out_models
from pipelines.surveys import write_digests, write_survey
from schemas.arrow import to_rows
from schemas.errors import KatydidError, StageError
from schemas.folder import open_folder
from schemas.manifest import FAILURES, Shard, read_shard
from schemas.tables import PullRequest, SourceFile
from transforms.anonymize.survey import Survey, Surveyor, merge, seal, unseal

_ROWS_PER_BATCH = 64


def survey(
    job: Job, inputs: Sequence[InputShard], beam_options: Sequence[str]
) -> dict[tuple[str, str], str]:
    """Write the surveys; a digest for each shard, by table and name.

    Raises StageError when a shard is corrupt.
    """
    with beam.Pipeline(options=PipelineOptions(list(beam_options))) as pipeline:
        _ = (
            pipeline
            | "ListShards" >> beam.Create(list(inputs))
            | "SpreadShards" >> beam.Reshuffle()
            | "SurveyShards" >> beam.ParDo(SurveyShard(job))
            | "GroupByRepository" >> beam.GroupByKey()
            | "WriteSurveys" >> beam.Map(_merge_and_write, job=job)
        )
    failures = job.folder.child(FAILURES)
    if names := failures.names():
        raise StageError(f"anonymize: {failures.read(names[0]).decode()}")
    digests = write_digests(job, {_slug(shard.name) for shard in inputs})
    return {(shard.table, shard.name): digests[_slug(shard.name)] for shard in inputs}


class SurveyShard(beam.DoFn):
    """(repository as shards name it, sealed survey) of a shard; sealed, as Beam may spill.

    An error of the user's to solve is written down, since Beam would wrap it.
    """

    def __init__(self, job: Job) -> None:
        self._job = job

    def setup(self) -> None:
        """Build what all shards share: 1.2 s."""
        leave_out_models(self._job.settings.anonymize)
        from transforms.anonymize.engine import Detectors
        from transforms.anonymize.text import TextAnonymizer

        config, key = self._job.anonymize, self._job.key
        self._surveyor = Surveyor(TextAnonymizer(config, key, (), Detectors(config)), config)

    def process(self, shard: InputShard) -> Iterator[tuple[str, bytes]]:
        """The survey of one shard; nothing where it cannot be read."""
        name = f"{shard.table}-{shard.name}"
        try:
            parts = list(_surveys(shard, self._surveyor))
        except KatydidError as error:
            self._job.folder.write(f"{FAILURES}/{name}.txt", str(error).encode())
            return
        repo = next((part.repo for part in parts), "")
        self._job.side_folder.write(f"{SURVEYED}/{name}", b"")
        yield _slug(shard.name), seal(merge(repo, parts), self._job.key)


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


def _merge_and_write(group: tuple[str, Iterable[bytes]], job: Job) -> None:
    slug, sealed = group
    parts = [unseal(part, job.key) for part in sealed]
    repo = next((part.repo for part in parts if part.repo), "")
    write_survey(job, slug, merge(repo, parts))


def _slug(shard_name: str) -> str:
    return shard_name.rpartition("-")[0]
