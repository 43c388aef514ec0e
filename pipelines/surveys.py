"""The sealed surveys of a run. In: a job. Out: what the first pass of anonymize found, and digests.

    write_survey(job, "click", survey)
    read_surveys(job)                   ->  [Survey(repo="click", ...)]
    write_digests(job, {"click"})       ->  {"click": "5d0c..."}

They lie beside the key and are sealed with it. They are kept, since `synthesize` reads the same
repositories again, and are no part of a delivery.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable

from pipelines.job import DIGESTS, Job
from transforms.anonymize.survey import Survey, seal, unseal

_SEALED = ".sealed"


def read_surveys(job: Job) -> list[Survey]:
    """The surveys of all repositories. Raises InputError for another key's."""
    key, folder = job.key, job.survey_folder
    names = [name for name in folder.names() if name.endswith(_SEALED)]
    return [unseal(folder.read(name), key) for name in names]


def write_survey(job: Job, slug: str, survey: Survey) -> None:
    """Replace the survey of a repository, given as shards name it."""
    job.survey_folder.write(_file_name(slug, job.key), seal(survey, job.key))


def write_digests(job: Job, slugs: Iterable[str]) -> dict[str, str]:
    """Repository as shards name it -> digest of its survey and of who is who in the delivery.

    Surveys of repositories that are no longer read are removed.
    """
    from transforms.anonymize.delivery import Delivery

    key, folder = job.key, job.survey_folder
    names = {slug: _file_name(slug, key) for slug in sorted(slugs)}
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


def _file_name(slug: str, key: bytes) -> str:
    """Keyed, since the deny-list may name the repository."""
    tag = hmac.new(key, b"survey name\0" + slug.encode(), hashlib.sha256).hexdigest()
    return f"{tag[:16]}{_SEALED}"
