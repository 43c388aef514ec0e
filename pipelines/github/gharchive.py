"""The index of GH Archive. In: a folder of GitHub's answers, a repository. Out: what it knows.

    known = known_from_index("/data/github", "acme/shop")
    facts = read_indexed_facts("/data/github", known[12].sources, 12)

One Parquet file for each hour below gharchive/, made by `index_hours`: a row for each event of a
pull request, with the event itself. A source is "gharchive:HOUR:REPOSITORY:ID:DIGEST", where the
digest is that of the events meant. A repository is followed through its names by GitHub's number
for it; where a name passed from one repository to another, the latest to bear it is meant.
"""

import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.github.event_facts import facts_of_statements, in_order, latest, state_of
from pipelines.github.events import Statement, read_statement
from pipelines.github.facts import KnownPullRequest, PullRequestFacts
from schemas.errors import InputError
from schemas.folder import Folder, open_folder
from schemas.ids import stable_id

PREFIX = "gharchive:"
"""How the sources of this index begin."""

INDEX_SCHEMA = pa.schema(
    [
        pa.field("repo", pa.string(), nullable=False),
        pa.field("repo_id", pa.int64()),
        pa.field("number", pa.int64(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("actor", pa.string(), nullable=False),
        pa.field("said_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("event_id", pa.string(), nullable=False),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("is_open", pa.bool_()),
        pa.field("is_merged", pa.bool_()),
        pa.field("base_sha", pa.string()),
        pa.field("head_sha", pa.string()),
        pa.field("merge_sha", pa.string()),
        pa.field("event", pa.binary(), nullable=False),
    ]
)
"""A row of an hour; `event` is the line of GH Archive."""

FACT_COLUMNS = [name for name in INDEX_SCHEMA.names if name != "event"]
_RECORD = b"katydid"


@dataclass(frozen=True, kw_only=True)
class HourRecord:
    """What is noted of an hour beside its rows: from what it was made, and what was met."""

    file: str
    num_bytes: int
    sha256: str
    damage: str
    """Why the file could not be read to its end; "" when it was."""
    names: tuple[str, ...]
    """Lower-case repositories that were looked for; () for all."""
    ids: tuple[int, ...] = ()
    """Numbers of repositories that were looked for, known from later hours."""
    found: dict[str, list[int]] = field(default_factory=dict)
    """Of the names looked for: the numbers of the repositories that bore them in this hour."""
    num_events: int = 0
    counts: dict[str, int] = field(default_factory=dict)


def index_folder(archive_folder: str) -> Folder:
    """Where the hours of the index lie."""
    return open_folder(Path(archive_folder).expanduser()).child("gharchive")


def indexed_numbers(archive_folder: str, repo: str) -> list[int]:
    """The pull requests of a repository that the index names, ascending."""
    return list(known_from_index(archive_folder, repo))


def known_from_index(archive_folder: str, repo: str) -> dict[int, KnownPullRequest]:
    """Number -> what the events say together; {} for a repository or archive without events.

    Raises InputError when a file of the index is corrupt.
    """
    folder = index_folder(archive_folder)
    repo_id = _current_id(folder, repo)
    told: dict[int, list[Statement]] = {}
    sources: dict[int, list[str]] = {}
    for hour in hours_of(folder):
        digests: dict[int, list[str]] = {}
        table = read_hour(folder, hour, FACT_COLUMNS, _is_of(repo, repo_id))
        for row in table.to_pylist():
            told.setdefault(row["number"], []).append(Statement(**row))
            digests.setdefault(row["number"], []).append(row["digest"])
        for number, found in digests.items():
            sources.setdefault(number, []).append(_source(hour, repo, repo_id, found))
    return {
        number: _known(number, in_order(told[number]), tuple(sources[number]))
        for number in sorted(told)
    }


def read_indexed_facts(
    archive_folder: str, sources: tuple[str, ...], number: int
) -> PullRequestFacts:
    """The facts that the events of these sources tell of a pull request.

    Raises InputError when the index no longer holds what a source names.
    """
    told = [said for source in sources for said in _read_source(archive_folder, source, number)]
    return facts_of_statements(told)


def hours_of(folder: Folder) -> list[str]:
    """The hours of an index, oldest first: "2024-01-31-05"."""
    names = [name for name in folder.names() if name.endswith(".parquet") and "/" not in name]
    return [name.removesuffix(".parquet") for name in names]


def read_hour(
    folder: Folder, hour: str, columns: list[str], where: pc.Expression | None = None
) -> pa.Table:
    """Rows of one hour. Raises InputError when the file is absent or corrupt."""
    try:
        return pq.read_table(
            f"{folder.path}/{hour}.parquet",
            columns=columns,
            filters=where,
            filesystem=folder.filesystem,
            partitioning=None,
        )
    except (FileNotFoundError, pa.ArrowInvalid, OSError) as error:
        raise _unreadable(folder, hour, error) from error


def read_record(folder: Folder, hour: str) -> HourRecord | None:
    """What is noted of an hour, or None when it is not indexed or was by another version."""
    if not folder.exists(f"{hour}.parquet"):
        return None
    try:
        with folder.open_random_access(f"{hour}.parquet") as file:
            noted = (pq.read_metadata(file).metadata or {}).get(_RECORD, b"{}")
        plain = json.loads(noted)
        return HourRecord(**plain | {"names": tuple(plain["names"]), "ids": tuple(plain["ids"])})
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(folder, hour, error) from error
    except (ValueError, TypeError, KeyError):
        return None


def record_metadata(record: HourRecord) -> dict[bytes, bytes]:
    """A record as the metadata of its Parquet file."""
    return {_RECORD: json.dumps(asdict(record), sort_keys=True).encode()}


def _unreadable(folder: Folder, hour: str, error: Exception) -> InputError:
    return InputError(
        f"{folder.path}/{hour}.parquet: {type(error).__name__}; "
        "delete it and type: katydid hydrate -c my.toml"
    )


def _is_of(repo: str, repo_id: int | None) -> pc.Expression:
    has_name = pc.utf8_lower(pc.field("repo")) == repo.lower()
    if repo_id is None:
        return has_name
    return (pc.field("repo_id") == repo_id) | (pc.field("repo_id").is_null() & has_name)


def _current_id(folder: Folder, repo: str) -> int | None:
    """The number of the repository that bore the name last; None where no event tells one."""
    where = _is_of(repo, None) & pc.field("repo_id").is_valid()
    for hour in reversed(hours_of(folder)):
        rows = read_hour(folder, hour, ["said_at", "repo_id"], where).to_pylist()
        if rows:
            newest = max(rows, key=lambda row: (row["said_at"], row["repo_id"]))
            return int(newest["repo_id"])
    return None


def _known(number: int, told: list[Statement], sources: tuple[str, ...]) -> KnownPullRequest:
    return KnownPullRequest(
        number=number,
        state=state_of(told),
        base_sha=latest(told, "base_sha"),
        head_sha=latest(told, "head_sha"),
        merge_sha=latest(told, "merge_sha"),
        sources=sources,
        heard_at=told[-1].said_at,
    )


def _source(hour: str, repo: str, repo_id: int | None, digests: list[str]) -> str:
    return f"{PREFIX}{hour}:{repo.lower()}:{repo_id or ''}:{_digest_of(digests)}"


def _digest_of(digests: list[str]) -> str:
    return stable_id("gharchive", *sorted(digests))


def _read_source(archive_folder: str, source: str, number: int) -> list[Statement]:
    """The statements of one source. Raises InputError when they are not what it was made of."""
    hour, repo, repo_id, digest = source.removeprefix(PREFIX).split(":")
    folder, name = index_folder(archive_folder), f"{hour}.parquet"
    # The size is part of the key, so that an hour that was indexed again is read again.
    size = folder.size(name)
    events = _read_events(archive_folder, hour, size, repo, int(repo_id) if repo_id else None)
    statements = events.get(number, [])
    if _digest_of([statement.digest for statement in statements]) != digest:
        raise InputError(
            f"{folder.path}/{name}: it no longer holds what was known of pull request {number} "
            f"of {repo}; type: katydid hydrate -c my.toml"
        )
    return statements


@lru_cache(maxsize=32)
def _read_events(
    archive_folder: str, hour: str, size: int | None, repo: str, repo_id: int | None
) -> dict[int, list[Statement]]:
    """Pull requests are read by number, so that neighbours share most of their hours."""
    where = _is_of(repo, repo_id)
    table = read_hour(index_folder(archive_folder), hour, ["number", "event"], where)
    found: dict[int, list[Statement]] = {}
    for row in table.to_pylist():
        statement = read_statement(json.loads(row["event"].decode()))
        if statement is not None:
            found.setdefault(row["number"], []).append(statement)
    return found
