"""Rows survive the way to Arrow and Parquet and back, for every table."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.arrow import arrow_schema, table_schema, to_batch, to_rows
from schemas.discussion import Identity
from schemas.errors import SchemaError
from schemas.tables import ID_COLUMNS, TABLES, Rejected

times = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    int: st.integers(-(2**63), 2**63 - 1),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    datetime: times,
}


def strategy(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type, from the type hint alone."""
    if hint in SCALARS:
        return SCALARS[hint]
    if get_origin(hint) is tuple:
        return st.lists(strategy(get_args(hint)[0]), max_size=2).map(tuple)
    if get_args(hint):
        (inner,) = (arg for arg in get_args(hint) if arg is not type(None))
        return st.none() | strategy(inner)
    hints = get_type_hints(hint)
    names = [field.name for field in dataclasses.fields(hint)]
    return st.builds(hint, **{name: strategy(hints[name]) for name in names})


@pytest.mark.parametrize("table", sorted(TABLES))
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_rows_survive_the_round_trip(table: str, data: st.DataObject) -> None:
    rows = data.draw(st.lists(strategy(TABLES[table]), max_size=3))
    batch = to_batch(TABLES[table], rows)
    assert list(to_rows(TABLES[table], batch)) == rows


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_row_says_what_and_whence_it_is(table: str) -> None:
    names = table_schema(table).names
    assert names[0] == ID_COLUMNS[table]
    assert {"repo", "source", "license"} <= set(names)


def test_schema_survives_parquet(tmp_path: Path) -> None:
    for table in TABLES:
        schema = table_schema(table)
        pq.write_table(pa.Table.from_batches([], schema), tmp_path / "t.parquet")
        assert pq.read_schema(tmp_path / "t.parquet").equals(schema)


def test_a_required_value_may_not_be_none() -> None:
    row = Rejected(**dict.fromkeys(arrow_schema(Rejected).names, "x"))
    with pytest.raises(SchemaError, match=r"Rejected\.reason is None"):
        to_batch(Rejected, [dataclasses.replace(row, reason=None)])  # type: ignore[arg-type]


def test_other_columns_are_refused() -> None:
    batch = pa.RecordBatch.from_pylist([{"name": "a", "mail": "b"}])
    with pytest.raises(SchemaError, match="mail"):
        list(to_rows(Identity, batch))
    with pytest.raises(SchemaError, match="no table named 'pulls'"):
        table_schema("pulls")
