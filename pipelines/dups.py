"""What deduplication decided on one row. In: a run folder, a row's id. Out: the evidence.

    explain_row("runs/click", "3f9a02")  ->  {"outcome": "removed", "witness": {...}, ...}

A removed row has a witness, the kept row that `rejected` names; a kept row has none, and others may
name it. Similarities are computed anew from the documents. Only anonymized rows are read.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelines.compared_rows import (
    ComparedRow,
    deciding_field,
    overlap,
    read_compared,
    read_rule,
)
from pipelines.duplicate_groups import DEDUP_STAGES
from pipelines.inspect import finished_stages
from pipelines.query import open_views, read_rows
from pipelines.stages import STAGES
from schemas.errors import InputError
from schemas.manifest import Manifest
from schemas.tables import ID_COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NUM_MEMBERS = 10
"""Rows of a group that are compared with the row asked for, unless all are wanted."""
_PREFIX = re.compile(r"[0-9a-f]{6,32}")
_MAX_NAMED = 5
_NUMBER = re.compile(r"[01]\.\d+")
_SIMILARITY = f"coalesce(try_cast(regexp_extract(detail, '{_NUMBER.pattern}') as double), 1)"
"""As `rejected` has it; a copy has no detail."""


@dataclass(frozen=True, kw_only=True)
class _Place:
    """Where a row was read by a stage that drops duplicates."""

    stage: str
    table: str
    row_id: str

    @property
    def view(self) -> str:
        """The rows that the stage read."""
        return f"{STAGES[self.stage].reads[self.table]}.{self.table}"


def explain_row(run_dir: str, row_id: str, *, wants_all: bool = False) -> dict[str, Any]:
    """Everything that `katydid dups` prints. `row_id` may be its first six digits or more.

    Raises InputError where no row, or more than one, begins so.
    """
    manifests = finished_stages(run_dir)
    stages = [name for name in DEDUP_STAGES if name in manifests]
    if not stages:
        raise InputError(
            f"nothing in {run_dir} is deduplicated; type: katydid run dedup --run-dir {run_dir}"
        )
    for stage in stages:
        _check_sources(run_dir, manifests, stage)
    with open_views(run_dir, manifests) as connection:
        place = _find_row(connection, manifests, stages, row_id.strip().lower())
        return _explain(connection, manifests, place, wants_all=wants_all)


def _check_sources(run_dir: str, manifests: dict[str, Manifest], stage: str) -> None:
    """Raises InputError where what a stage read is no longer there."""
    for source, fingerprint in manifests[stage].upstream.items():
        if source not in manifests or manifests[source].fingerprint != fingerprint:
            raise InputError(
                f"{run_dir}/{stage} was made from another {source}, and rows are compared as they "
                f"were read; type: katydid run {stage} --run-dir {run_dir}, with your -c and -s"
            )


def _explain(
    connection: "DuckDBPyConnection",
    manifests: dict[str, Manifest],
    place: _Place,
    *,
    wants_all: bool,
) -> dict[str, Any]:
    rule, threshold = read_rule(manifests[place.stage])
    said, later = _rejections(connection, manifests, place)
    kept_id = said["duplicate_of"] if said else place.row_id
    members: list[str] = []
    num_members = 0
    if kept_id and "rejected" in manifests[place.stage].tables():
        members, num_members = _members(connection, place, kept_id, wants_all=wants_all)
    ids = list(dict.fromkeys([place.row_id, *([kept_id] if kept_id else []), *members]))
    rows = {row.values["id"]: row for row in read_compared(connection, place.view, ids, rule)}
    asked = rows[place.row_id]
    kept = rows.get(kept_id)
    compared = manifests[place.stage].config["dedup"]["tables"]
    return {
        "stage": place.stage,
        "table": place.table,
        "outcome": "removed" if said else "kept",
        "is_compared": place.table in compared,
        "reason": said["reason"] if said else None,
        "detail": said["detail"] if said else None,
        "threshold": threshold,
        "shingles": rule.kind,
        "shingle_size": rule.size,
        "row": asked.values,
        "witness": _witness(asked, kept, said) if said and kept_id else None,
        "group": {
            "kept": kept_id,
            "size": num_members + 1 + bool(said) if kept_id else 1,
            "others": _others(asked, kept, [rows[name] for name in members]),
        },
        "rejected_later": later,
    }


def _find_row(
    connection: "DuckDBPyConnection", manifests: dict[str, Manifest], stages: list[str], text: str
) -> _Place:
    if not _PREFIX.fullmatch(text):
        raise InputError(
            f"{text!r} is no row id: give 6 to 32 of its hexadecimal digits, as in "
            "katydid sql RUN_DIR 'select row_id from dedup.rejected'"
        )
    places = []
    for stage in stages:
        for table, source in STAGES[stage].reads.items():
            if table not in manifests[source].tables():
                continue
            name = ID_COLUMNS[table]
            query = f"select {name} from {source}.{table} where starts_with({name}, ?)"
            query += f" order by {name} limit {_MAX_NAMED + 1}"
            found = connection.execute(query, [text]).fetchall()
            places += [_Place(stage=stage, table=table, row_id=row_id) for (row_id,) in found]
    if not places:
        raise InputError(_unknown(connection, manifests, text))
    if len(places) > 1:
        raise InputError(_ambiguous(places, text))
    return places[0]


def _unknown(connection: "DuckDBPyConnection", manifests: dict[str, Manifest], text: str) -> str:
    if any("rejected" in manifest.tables() for manifest in manifests.values()):
        query = """
            select stage, "table", row_id, reason from rejected
            where starts_with(row_id, ?) order by all limit 1
        """
        for stage, table, row_id, reason in connection.execute(query, [text]).fetchall():
            return f"{stage} rejected {table} {row_id} ({reason}): no deduplication has read it"
    return (
        f"deduplication read no row whose id begins with {text}; ids are in the columns "
        f"{', '.join(sorted({ID_COLUMNS[t] for s in DEDUP_STAGES for t in STAGES[s].reads}))} "
        "and in rejected.row_id; type: katydid sql RUN_DIR 'select row_id from rejected'"
    )


def _ambiguous(places: list[_Place], text: str) -> str:
    named = ", ".join(f"{place.row_id} ({place.table})" for place in places[:_MAX_NAMED])
    more = " and others" if len(places) > _MAX_NAMED else ""
    return f"{text} is the beginning of {named}{more}; give more digits"


def _rejections(
    connection: "DuckDBPyConnection", manifests: dict[str, Manifest], place: _Place
) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
    """What the stage said against the row, and what stages after it did."""
    if not any("rejected" in manifest.tables() for manifest in manifests.values()):
        return None, []
    query = """
        select stage, reason, detail, duplicate_of from rejected
        where "table" = ? and row_id = ?
    """
    found = read_rows(connection, query, [place.table, place.row_id])
    own = [row for row in found if row["stage"] == place.stage]
    later = sorted((r for r in found if r["stage"] != place.stage), key=lambda row: row["stage"])
    return (own[0] if own else None), [{"stage": r["stage"], "reason": r["reason"]} for r in later]


def _members(
    connection: "DuckDBPyConnection", place: _Place, kept_id: str, *, wants_all: bool
) -> tuple[list[str], int]:
    """Other rows that name the kept one, the most similar to it first; and how many there are."""
    source = f"""from {place.stage}.rejected
        where "table" = ? and duplicate_of = ? and row_id <> ?"""
    parameters = [place.table, kept_id, place.row_id]
    limit = "" if wants_all else f"limit {NUM_MEMBERS}"
    query = f"select row_id {source} order by {_SIMILARITY} desc, row_id {limit}"
    ids = [row_id for (row_id,) in connection.execute(query, parameters).fetchall()]
    counted = connection.execute(f"select count(*) {source}", parameters).fetchall()
    return ids, int(counted[0][0])


def _witness(asked: ComparedRow, kept: ComparedRow | None, said: dict[str, Any]) -> dict[str, Any]:
    if kept is None:
        return {"id": said["duplicate_of"], "is_of_earlier_run": True}
    found = overlap(asked, kept)
    recorded = _NUMBER.search(said["detail"])
    return {
        **kept.values,
        "is_of_earlier_run": False,
        "similarity": found.similarity,
        "recorded_similarity": float(recorded[0]) if recorded else 1.0,
        "shared_shingles": found.shared,
        "all_shingles": found.union,
        "is_copy": found.is_copy,
        "preferred_for": deciding_field(kept, asked),
    }


def _others(
    asked: ComparedRow, kept: ComparedRow | None, rows: list[ComparedRow]
) -> list[dict[str, Any]]:
    """The others of the group, the most similar to the row asked for first."""
    values = [
        {
            **row.values,
            "similarity": overlap(asked, row).similarity,
            "similarity_to_kept": overlap(kept, row).similarity if kept else None,
            "is_copy": overlap(asked, row).is_copy,
        }
        for row in rows
    ]
    return sorted(values, key=lambda row: (-row["similarity"], row["id"]))
