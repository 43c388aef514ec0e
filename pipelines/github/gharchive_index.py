"""Makes the index of GH Archive. In: hours of it. Out: a Parquet file for each, and a summary.

    summary = index_hours(expand_hours(config.gharchive), "/data/github", ("acme/shop",), print)

An hour is read again only when its file has another size, when it was damaged and its bytes have
changed, or when other repositories are asked for; then those already indexed are kept. Newer hours
are read first: they teach the number of each named repository, under which older hours are searched
for the names that it had before. Everything met that is not as it should be is counted.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.github.gharchive import (
    FACT_COLUMNS,
    INDEX_SCHEMA,
    HourRecord,
    index_folder,
    read_hour,
    read_record,
    record_metadata,
)
from pipelines.github.gharchive_hours import Hour, Wanted, hour_name
from schemas.folder import Folder, HashingStream

_ROW_GROUP_BYTES = 16_777_216
_LEFT_OUT = ("broken_lines", "long_lines", "events_without_fields", "repeated_events")


@dataclass(frozen=True, kw_only=True)
class IndexSummary:
    """What the index holds of the hours that it was asked for, and what was met there."""

    num_hours: int
    num_read: int
    """Hours that were not up to date."""
    num_events: int
    """Each once, also where two hours hold it (not told apart where all repositories are asked)."""
    num_pull_requests: int | None
    """None where all repositories are asked for: they would be too many to hold in memory."""
    damaged: tuple[str, ...]
    """Files that end early; what they hold up to there is indexed."""
    left_out: dict[str, int]
    """broken_lines, long_lines, events_without_fields, repeated_events."""
    other_names: dict[str, tuple[str, ...]]
    """Repository asked for -> other names and spellings that its events bear."""
    name_bearers: dict[str, tuple[int, ...]]
    """Repository asked for, in lower case -> GitHub's numbers of those that bore its name."""
    searched_by_name: int
    """Hours indexed before a number was known: events under earlier names may be missing there."""


def index_hours(
    paths: Sequence[Path], archive_folder: str, repos: Sequence[str], say: Callable[[str], None]
) -> IndexSummary:
    """Bring the index up to date for these hours and repositories; without `repos`, for all."""
    folder = index_folder(archive_folder)
    bearers: dict[str, set[int]] = {repo.lower(): set() for repo in repos}
    records: list[HourRecord] = []
    num_read = 0
    for path in sorted(paths, key=hour_name, reverse=True):
        record = read_record(folder, hour_name(path))
        if record is None or not _is_current(record, path, set(bearers)):
            record = _index_hour(path, folder, record, bearers)
            num_read += 1
            say(_describe(record))
        _learn(bearers, record)
        records.append(record)
    summary = _summarize(folder, records, repos, bearers, num_read)
    for line in describe_summary(summary):
        say(line)
    return summary


def describe_summary(summary: IndexSummary) -> list[str]:
    """A summary in words, a line for each thing that a user may want to act on."""
    pull_requests = summary.num_pull_requests
    of_what = "" if pull_requests is None else f" of {pull_requests} pull requests"
    lines = [
        f"GH Archive: {summary.num_hours} hours, {summary.num_read} of them read now; "
        f"{summary.num_events} events{of_what}"
    ]
    met = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in summary.left_out.items())
    lines += [f"left out: {met}"] if met else []
    lines += [f"{file}: damaged; fetch it again" for file in summary.damaged]
    lines += [f"{repo}: also as {', '.join(names)}" for repo, names in summary.other_names.items()]
    for name, ids in summary.name_bearers.items():
        if len(ids) > 1:
            lines.append(f"{name}: {len(ids)} repositories bore this name; only the latest is used")
    if summary.searched_by_name:
        lines.append(
            f"{summary.searched_by_name} hours were not searched for earlier names of a repository;"
            " delete gharchive/ in the archive to index them again"
        )
    return lines


def _is_current(record: HourRecord, path: Path, names: set[str]) -> bool:
    is_wider = not record.names or (bool(names) and names <= set(record.names))
    if not is_wider or record.num_bytes != path.stat().st_size:
        return False
    return not record.damage or record.sha256 == _sha256(path)


def _learn(bearers: dict[str, set[int]], record: HourRecord) -> None:
    for name in bearers:
        bearers[name].update(record.found.get(name, ()))


def _index_hour(
    path: Path, folder: Folder, earlier: HourRecord | None, bearers: dict[str, set[int]]
) -> HourRecord:
    wanted = Wanted(set(bearers), {found for ids in bearers.values() for found in ids})
    if earlier is not None and bearers:
        is_wider = not earlier.names
        wanted.names.update(earlier.names)
        wanted.ids.update(earlier.ids)
        wanted = Wanted(set(), set()) if is_wider else wanted
    with folder.create(f"{hour_name(path)}.parquet") as stream:
        hour = Hour(path)
        record = _write_hour(hour, wanted, stream)
    fresh = {found for ids in record.found.values() for found in ids} - wanted.ids
    if not any(len(hour.names_of[found]) > 1 for found in fresh):
        return record
    # Renamed within this hour: what came before the first event with the name was not wanted yet.
    wanted.ids.update(fresh)
    with folder.create(f"{hour_name(path)}.parquet") as stream:
        return _write_hour(Hour(path), wanted, stream)


def _write_hour(hour: Hour, wanted: Wanted, stream: HashingStream) -> HourRecord:
    writer = pq.ParquetWriter(pa.PythonFile(stream, mode="w"), INDEX_SCHEMA, compression="zstd")
    found: dict[str, set[int]] = {}
    rows: list[dict[str, object]] = []
    num_bytes = num_events = 0
    for statement, line in hour.events(wanted):
        rows.append({name: getattr(statement, name) for name in FACT_COLUMNS} | {"event": line})
        num_events, num_bytes = num_events + 1, num_bytes + len(line)
        if statement.repo.lower() in wanted.names and statement.repo_id is not None:
            found.setdefault(statement.repo.lower(), set()).add(statement.repo_id)
        if num_bytes >= _ROW_GROUP_BYTES:
            writer.write_table(pa.Table.from_pylist(rows, schema=INDEX_SCHEMA))
            rows, num_bytes = [], 0
    if rows:
        writer.write_table(pa.Table.from_pylist(rows, schema=INDEX_SCHEMA))
    record = _record_of(hour, wanted, found, num_events)
    writer.add_key_value_metadata(record_metadata(record))
    writer.close()
    return record


def _record_of(
    hour: Hour, wanted: Wanted, found: dict[str, set[int]], num_events: int
) -> HourRecord:
    return HourRecord(
        file=hour.path.name,
        num_bytes=hour.path.stat().st_size,
        sha256=hour.sha256,
        damage=hour.damage,
        names=tuple(sorted(wanted.names)),
        ids=tuple(sorted(wanted.ids)),
        found={name: sorted(ids) for name, ids in sorted(found.items())},
        num_events=num_events,
        counts=dict(sorted(hour.counts.items())),
    )


def _describe(record: HourRecord) -> str:
    text = f"{record.file}: {record.num_events} of {record.counts.get('lines', 0)} events"
    return f"{text}; {record.damage}, what comes after is lost" if record.damage else text


def _summarize(
    folder: Folder,
    records: Sequence[HourRecord],
    repos: Sequence[str],
    bearers: dict[str, set[int]],
    num_read: int,
) -> IndexSummary:
    left_out: Counter[str] = Counter()
    for record in records:
        left_out.update({what: record.counts.get(what, 0) for what in _LEFT_OUT})
    seen = _look_through(folder, records, bearers) if repos else None
    num_rows = sum(record.num_events for record in records)
    if seen is not None:
        left_out["repeated_events"] += seen.num_rows - len(seen.events)
    return IndexSummary(
        num_hours=len(records),
        num_read=num_read,
        num_events=len(seen.events) if seen else num_rows,
        num_pull_requests=len(seen.pull_requests) if seen else None,
        damaged=tuple(sorted(record.file for record in records if record.damage)),
        left_out={what: left_out[what] for what in _LEFT_OUT if left_out[what]},
        other_names=_other_names(repos, seen.names) if seen else {},
        name_bearers={name: tuple(sorted(ids)) for name, ids in sorted(bearers.items())},
        searched_by_name=_count_searched_by_name(records),
    )


@dataclass
class _Seen:
    num_rows: int = 0
    events: set[tuple[str, str]] = field(default_factory=set)
    pull_requests: set[tuple[object, int]] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)


def _look_through(
    folder: Folder, records: Sequence[HourRecord], bearers: dict[str, set[int]]
) -> _Seen:
    """Events and names of the repositories asked for, over all hours."""
    seen = _Seen()
    name_of = {found: name for name, ids in sorted(bearers.items()) for found in ids}
    columns = ["repo", "repo_id", "number", "event_id", "digest"]
    for record in records:
        if not record.num_events:
            continue
        for row in read_hour(folder, hour_name(Path(record.file)), columns).to_pylist():
            name = name_of.get(row["repo_id"], row["repo"].lower())
            if name in bearers:
                seen.num_rows += 1
                seen.events.add((row["event_id"], row["digest"]))
                seen.pull_requests.add((row["repo_id"] or name, row["number"]))
                seen.names.setdefault(name, set()).add(row["repo"])
    return seen


def _other_names(repos: Sequence[str], names: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    others = {repo: tuple(sorted(names.get(repo.lower(), set()) - {repo})) for repo in repos}
    return {repo: found for repo, found in sorted(others.items()) if found}


def _count_searched_by_name(records: Iterable[HourRecord]) -> int:
    """Of hours, newest first: those not searched for a number that a newer hour tells."""
    known: set[int] = set()
    count = 0
    for record in records:
        found = {number for ids in record.found.values() for number in ids}
        count += bool(record.names) and bool(known - set(record.ids) - found)
        known |= found
    return count


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
