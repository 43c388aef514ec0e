"""Groups of duplicates in a run. In: a run folder. Out: how large they are, and the largest.

    duplicate_values("runs/click")  ->  [{"stage": "dedup", "tables": [...], "pairs": {...}}]

A group is a kept row and the rows that name it in `rejected.duplicate_of`; its size counts all of
them. Only ids are read of the whole corpus, and what names a row of the few that are shown.
"""

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from pipelines.dedup.stage import PAIRS
from pipelines.inspect import finished_stages
from pipelines.query import open_views, read_rows
from pipelines.text_table import render_table
from schemas.errors import SchemaError
from schemas.folder import open_folder
from schemas.manifest import Manifest
from schemas.tables import ID_COLUMNS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEDUP_STAGES = ("dedup", "dedup_dialogues")
NAMING_COLUMNS: dict[str, tuple[str, ...]] = {
    "source_files": ("repo", "path"),
    "pull_requests": ("repo", "number", "title"),
    "dialogues": ("repo", "capability", "pr_id"),
}
"""What a person knows a row by; read from the anonymized rows."""
NUM_LARGEST = 5


def duplicate_values(run_dir: str) -> list[dict[str, Any]]:
    """One item per finished stage that drops duplicates, with its tables and pair counts."""
    manifests = finished_stages(run_dir)
    found = [name for name in DEDUP_STAGES if name in manifests]
    if not found:
        return []
    with open_views(run_dir, manifests) as connection:
        return [
            {
                "stage": name,
                "tables": _table_values(connection, name, manifests[name]),
                "pairs": _read_pairs(run_dir, manifests[name]),
            }
            for name in found
        ]


def row_name(table: str, values: dict[str, Any]) -> str:
    """What stands for a row in one cell: its path, "#12 Title", or a dialogue's origin."""
    if table == "source_files":
        return str(values["path"])
    if table == "dialogues":
        return f"{values['capability']} of {values['pr_id']}"
    number = "" if values["number"] is None else f"#{values['number']} "
    return f"{number}{values['title']}"


def _table_values(
    connection: "DuckDBPyConnection", stage: str, manifest: Manifest
) -> list[dict[str, Any]]:
    if "rejected" not in manifest.tables():
        return []
    sizes = _group_sizes(connection, stage)
    return [
        {
            "table": table,
            "groups": sum(counts.values()),
            "removed": sum((size - 1) * count for size, count in counts.items()),
            "histogram": _histogram(counts),
            "largest": _largest(connection, stage, table),
        }
        for table, counts in sizes.items()
    ]


def _group_sizes(connection: "DuckDBPyConnection", stage: str) -> dict[str, Counter[int]]:
    """Table -> size of a group -> number of such groups; few rows leave DuckDB."""
    query = f"""
        select "table", size, count(*) from (
            select "table", count(*) + 1 as size from {stage}.rejected
            where duplicate_of is not null group by "table", duplicate_of
        ) group by all order by all
    """
    sizes: dict[str, Counter[int]] = {}
    for table, size, count in connection.execute(query).fetchall():
        sizes.setdefault(table, Counter())[size] = count
    return sizes


def _histogram(counts: Counter[int]) -> list[dict[str, Any]]:
    """Sizes 2, 3, 4, then 5-8, 9-16 and so on: [{"from", "to", "groups", "removed"}]."""
    rows: dict[int, dict[str, Any]] = {}
    for size, count in sorted(counts.items()):
        last = size if size <= 4 else 1 << (size - 1).bit_length()
        first = size if size <= 4 else last // 2 + 1
        row = rows.setdefault(last, {"from": first, "to": last, "groups": 0, "removed": 0})
        row["groups"] += count
        row["removed"] += (size - 1) * count
    return list(rows.values())


def _largest(connection: "DuckDBPyConnection", stage: str, table: str) -> list[dict[str, Any]]:
    query = f"""
        select duplicate_of, count(*) + 1 as size from {stage}.rejected
        where "table" = ? and duplicate_of is not null
        group by all order by size desc, duplicate_of limit {NUM_LARGEST}
    """
    found = connection.execute(query, [table]).fetchall()
    # Kept rows are in what the stage wrote: what it read may have been deleted since.
    names = _read_names(connection, stage, table, [row_id for row_id, _ in found])
    return [
        # A row that an earlier run kept (`dedup.against`) is not in this one.
        {"size": size, **names.get(row_id, {"id": row_id, "repo": None})}
        for row_id, size in found
    ]


def _read_names(
    connection: "DuckDBPyConnection", stage: str, table: str, ids: list[str]
) -> dict[str, dict[str, Any]]:
    """Id -> what names a kept row."""
    columns = ", ".join((f"{ID_COLUMNS[table]} as id", *NAMING_COLUMNS[table]))
    query = f"select {columns} from {stage}.{table} where {ID_COLUMNS[table]} in (select unnest(?))"
    return {row["id"]: row for row in read_rows(connection, query, [ids])}


def _read_pairs(run_dir: str, manifest: Manifest) -> dict[str, Any]:
    if PAIRS not in manifest.documents:
        return {}
    folder = open_folder(run_dir).child(manifest.stage)
    try:
        values = json.loads(folder.read(PAIRS))
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise SchemaError(
            f"{folder.path}/{PAIRS} holds no JSON object; delete it and "
            f"type: katydid run {manifest.stage} --run-dir {run_dir}, with your -c and -s"
        )
    return values


def render_duplicates(duplicates: list[dict[str, Any]]) -> str:
    """Sections for below the table of stages, each after an empty line."""
    parts: list[str] = []
    for values in duplicates:
        stage = values["stage"]
        if values["tables"]:
            parts += [f"{stage}: groups of duplicates by size, the kept row included"]
            parts += [_render_histogram(values["tables"])]
            parts += [f"{stage}: the largest groups; type: katydid dups RUN_DIR ROW_ID"]
            parts += [_render_largest(values["tables"])]
        if values["pairs"]:
            parts += [f"{stage}: what was compared", "\n".join(_pair_lines(values["pairs"]))]
    return "".join(f"\n{part}\n" for part in parts)


def _render_histogram(tables: list[dict[str, Any]]) -> str:
    rows = [
        [values["table"], _range(row), row["groups"], row["removed"]]
        for values in tables
        for row in values["histogram"]
    ]
    return render_table(rows, ("table", "size", "groups", "removed"))


def _range(row: dict[str, Any]) -> str:
    return str(row["to"]) if row["from"] == row["to"] else f"{row['from']:,}-{row['to']:,}"


def _render_largest(tables: list[dict[str, Any]]) -> str:
    rows = [
        [values["table"], row["size"], row["id"], *_place(values["table"], row)]
        for values in tables
        for row in values["largest"]
    ]
    return render_table(rows, ("table", "size", "kept row", "repo", "what"))


def _place(table: str, row: dict[str, Any]) -> tuple[str, str]:
    if row["repo"] is None:
        return "", "kept by an earlier run"
    return row["repo"], row_name(table, row)


def _pair_lines(pairs: dict[str, Any]) -> list[str]:
    """Plain numbers on one line; a line for each part that has numbers of its own."""
    flat = {name: value for name, value in pairs.items() if not isinstance(value, dict | list)}
    lines = [_numbers(flat)] if flat else []
    parts = [(name, value) for name, value in pairs.items() if isinstance(value, dict)]
    return lines + [f"{name}: {_numbers(value)}" for name, value in parts]


def _numbers(values: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value:,}"
        if isinstance(value, int | float)
        else f"{name} {value}"
        for name, value in values.items()
    )
