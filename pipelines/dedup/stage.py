"""dedup as a stage of a run. In: a job, its input shards. Out: side files by table and shard.

    prepare_stage(job, inputs, ["--runner=FnApiRunner"])

What the work came to is left in the stage's folder as `PAIRS.json`, a document of its manifest.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from schemas.folder import Folder

if TYPE_CHECKING:
    from pipelines.job import Job
    from pipelines.shards import InputShard
    from schemas.manifest import Manifest

PAIRS = "PAIRS.json"


def prepare_stage(
    job: "Job", inputs: "Sequence[InputShard]", beam_options: Sequence[str]
) -> dict[tuple[str, str], str]:
    """`prepare` with the settings of a job; side files go to the stage's own folder."""
    from pipelines.dedup.prepare import prepare

    settings = job.settings
    forks = job.environment.facts["forks"]
    side, counts = prepare(
        inputs, settings.dedup, settings.seed, job.folder.path, beam_options, forks
    )
    job.folder.write(PAIRS, (json.dumps(counts, indent=1) + "\n").encode())
    return side


def describe_pairs(folder: Folder, manifest: "Manifest") -> dict[str, bytes]:
    """What `prepare_stage` left."""
    return {PAIRS: folder.read(PAIRS)}


def find_facts(job: "Job") -> dict[str, Any]:
    """What the output depends on besides settings and shards: forks to drop, earlier indexes.

    Raises InputError where a run of `dedup.against` has no index, ConfigError where it is this run
    or of another scheme.
    """
    config = job.settings.dedup
    return {
        "forks": _forks(job) if config.forks == "drop" else {},
        "against": _fingerprints(job) if config.against else [],
    }


def _fingerprints(job: "Job") -> list[str]:
    """Of the indexes of earlier runs, in the order of the settings."""
    from pipelines.dedup.index import check_scheme, earlier_indexes, index_fingerprint

    config = job.settings.dedup
    folders = earlier_indexes(config.against, job.folder.path)
    for folder in folders:
        # Before anything of a finished stage is removed.
        check_scheme(folder, config, job.settings.seed)
    return [index_fingerprint(folder) for folder in folders]


def _forks(job: "Job") -> dict[str, str]:
    """Repositories that are dropped -> what each is a fork of, as rows name them."""
    from pipelines.mine.repositories import repository_slug
    from schemas.manifest import read_manifest
    from transforms.dedup.families import rejected_forks

    by_slug = Counter[str]()
    for shard in read_manifest(job.run.child("mine")).shards("pull_requests"):
        by_slug[shard.name.rpartition("-")[0]] += shard.num_rows
    repos = job.read_table("repositories", "mine").column("repo").to_pylist()
    counts = {job.code_names(repo): by_slug[repository_slug(repo)] for repo in repos}
    return rejected_forks(job.named_repositories, counts)
