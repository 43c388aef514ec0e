"""decontaminate's own work at its edges. In: a job. Out: what lists say, the stage's transform.

    read_lists(job).notes       ->  ("swe-bench: 2294 instances of 12 repositories", ...)
    make_transform(job)         ->  Decontaminate(...)

Lists are read when the stage is planned, so that a bad one ends the run before any row is read,
and their SHA-256 are facts that the output depends on; where they lie is not.
"""

from pipelines.job import Job
from pipelines.settings import Settings
from pipelines.stages import Environment, leave_out_models
from schemas.errors import StageError
from transforms.decontaminate.benchmarks import Benchmarks, read_benchmarks
from transforms.decontaminate.names import Rename
from transforms.decontaminate.rows import Decontaminate

NOTHING = (
    "nothing was checked for benchmarks: no list; set decontaminate.lists, or see the profiles "
    "under decontaminate.profile"
)


def read_lists(job: Job) -> Environment:
    """Names and digests of the lists, and notes. Raises ConfigError or InputError."""
    config = job.settings.decontaminate
    benchmarks = read_benchmarks(config.lists, config.text_columns)
    notes = benchmarks.notes
    if config.lists:
        transform = _transform(job, benchmarks)
        transform.open()
        notes += transform.notes
    elif not config.repositories:
        notes += (NOTHING,)
    return Environment(facts={"lists": benchmarks.digests}, notes=notes)


def check_lists(settings: Settings) -> None:
    """Read the lists, so that a bad one is known before the stages that come first have run.

    Raises ConfigError or InputError.
    """
    read_benchmarks(settings.decontaminate.lists, settings.decontaminate.text_columns)


def make_transform(job: Job) -> Decontaminate:
    """The transform, not opened. Raises StageError when a list is not what it was at the start."""
    config = job.settings.decontaminate
    benchmarks = read_benchmarks(config.lists, config.text_columns)
    if benchmarks.digests != job.environment.facts["lists"]:
        raise StageError("a list changed while the stage ran; run the same command again")
    return _transform(job, benchmarks)


def _transform(job: Job, benchmarks: Benchmarks) -> Decontaminate:
    """With names and SHAs as anonymize wrote them into the rows."""
    return Decontaminate(
        job.settings.decontaminate, benchmarks, code_names=job.code_names, sha=_rename_commits(job)
    )


def _rename_commits(job: Job) -> Rename:
    """How the run's profile of anonymize writes a commit's SHA."""
    if job.settings.anonymize.commit_shas != "pseudonym":
        return str
    leave_out_models(job.settings.anonymize)
    from transforms.anonymize.pseudonyms import Pseudonyms
    from transforms.anonymize.shaped_pseudonyms import commit_sha

    pseudonyms = Pseudonyms(job.key)
    return lambda sha: commit_sha(sha, pseudonyms)
