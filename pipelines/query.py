"""DuckDB over a run. In: a run folder and a query. Out: column names and rows.

    run_query("runs/click", "select stage, count(*) from rejected group by all")

A table is a view under its own name, from the last stage that wrote it, and as stage.table for
each stage; `rejected` is all stages' rows. A query may read this run's files and write nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.inspect import finished_stages
from schemas.errors import ConfigError
from schemas.folder import open_folder
from schemas.manifest import Manifest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_READING = ("SELECT", "EXPLAIN")


def run_query(run_dir: str, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """(column names, rows). Raises ConfigError for what DuckDB refuses or what could write."""
    import duckdb

    with open_views(run_dir, finished_stages(run_dir)) as connection:
        _check_reads_only(duckdb.extract_statements(query))
        cursor = connection.execute(query)
        return [column[0] for column in cursor.description or []], cursor.fetchall()


@contextmanager
def open_views(run_dir: str, manifests: dict[str, Manifest]) -> Iterator["DuckDBPyConnection"]:
    """A connection with the views of a run that reads nothing else.

    Raises ConfigError for whatever DuckDB refuses inside the block.
    """
    import duckdb

    root = open_folder(run_dir).path
    with duckdb.connect() as connection:
        try:
            _create_views(connection, root, manifests)
            _lock(connection, root)
            yield connection
        except duckdb.Error as error:
            raise ConfigError(" ".join(str(error).split())) from None


def read_rows(
    connection: "DuckDBPyConnection", query: str, parameters: Sequence[Any]
) -> list[dict[str, Any]]:
    """Rows as dicts by way of Arrow: DuckDB's own times with a zone need another package."""
    relation = connection.sql(query, params=list(parameters))
    rows: list[dict[str, Any]] = relation.to_arrow_table().to_pylist()
    return rows


def _check_reads_only(statements: list[Any]) -> None:
    kinds = [statement.type.name for statement in statements]
    if any(kind not in _READING for kind in kinds):
        raise ConfigError(f"katydid sql only reads: write a select, not {', '.join(kinds)}")


def _create_views(connection: Any, root: str, manifests: dict[str, Manifest]) -> None:
    for stage, manifest in manifests.items():
        connection.execute(f"create schema {stage}")
        for table in manifest.tables():
            files = [f"{root}/{stage}/{shard.path}" for shard in manifest.shards(table)]
            listed = ", ".join(map(_quoted, files))
            connection.execute(
                f"create view {stage}.{table} as select * from read_parquet([{listed}])"
            )
    for table, sources in _sources(manifests).items():
        union = " union all ".join(f"select * from {source}" for source in sources)
        connection.execute(f"create view {table} as {union}")


def _sources(manifests: dict[str, Manifest]) -> dict[str, list[str]]:
    """Table -> the views behind its plain name: the last stage's, or all for `rejected`."""
    sources: dict[str, list[str]] = {}
    for stage, manifest in manifests.items():
        for table in manifest.tables():
            earlier = sources.get(table, []) if table == "rejected" else []
            sources[table] = [*earlier, f"{stage}.{table}"]
    return sources


def _lock(connection: Any, root: str) -> None:
    connection.execute(f"set allowed_directories = [{_quoted(root)}]")
    connection.execute("set enable_external_access = false")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
