"""The one mapping between row dataclasses and Arrow.

In: a frozen dataclass of `schemas.tables`, or rows of it. Out: its `pa.Schema`, a `pa.RecordBatch`.

    str -> string        int -> int64      float -> float64      bool -> bool
    datetime -> timestamp[us, UTC]         X | None -> a nullable X
    tuple[X, ...] -> list<X>               another dataclass -> struct
"""

import types
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import pyarrow as pa

from schemas.errors import SchemaError
from schemas.tables import TABLES

Row = TypeVar("Row")

_SCALARS: dict[type, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def arrow_schema(row_class: type) -> pa.Schema:
    """The Arrow schema of a row dataclass; a field that may not be None is not nullable."""
    return _cached_schema(row_class)


@cache
def _cached_schema(row_class: Any) -> pa.Schema:
    return pa.schema(_fields_of(row_class))


def table_schema(table: str) -> pa.Schema:
    """The Arrow schema of a table by name. Raises SchemaError for an unknown name."""
    if table not in TABLES:
        raise SchemaError(f"no table named {table!r}; the tables are {', '.join(sorted(TABLES))}")
    return arrow_schema(TABLES[table])


def to_batch(row_class: type[Row], rows: Iterable[Row]) -> pa.RecordBatch:
    """Rows as one RecordBatch. Raises SchemaError when a required value is None."""
    schema = arrow_schema(row_class)
    batch = pa.RecordBatch.from_pylist([_plain(row) for row in rows], schema=schema)
    for field, column in zip(schema, batch.columns, strict=True):
        if not field.nullable and column.null_count:
            raise SchemaError(f"{row_class.__name__}.{field.name} is None in a row")
    return batch


def to_rows(row_class: type[Row], batch: pa.RecordBatch | pa.Table) -> Iterator[Row]:
    """The rows of a batch or table as dataclass instances. Raises SchemaError for other columns."""
    names = [field.name for field in fields(cast(Any, row_class))]
    if batch.schema.names != names:
        raise SchemaError(
            f"a {row_class.__name__} table has columns {names}, this one has {batch.schema.names}"
        )
    build = _builder(cast(Any, row_class))
    for plain in batch.to_pylist():
        yield build(plain)


def _fields_of(row_class: type) -> list[pa.Field]:
    hints = get_type_hints(row_class)
    return [_field(field.name, hints[field.name]) for field in fields(cast(Any, row_class))]


def _field(name: str, hint: Any) -> pa.Field:
    inner, nullable = _split_optional(hint)
    return pa.field(name, _data_type(inner), nullable=nullable)


def _split_optional(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) in (Union, types.UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not type(None))
        return inner, True
    return hint, False


def _data_type(hint: Any) -> pa.DataType:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if get_origin(hint) is tuple:
        return pa.list_(_field("item", get_args(hint)[0]))
    return pa.struct(_fields_of(hint))


def _plain(value: Any) -> Any:
    """Nested dataclasses and tuples as dicts and lists; dataclasses.asdict deep-copies scalars."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


@cache
def _builder(hint: Any) -> Callable[[Any], Any]:
    """A function from what `to_pylist` gives to what the type hint says."""
    inner, _ = _split_optional(hint)
    if get_origin(inner) is tuple:
        item = _builder(get_args(inner)[0])
        return lambda values: tuple(item(value) for value in values)
    if inner in _SCALARS:
        return lambda value: value
    hints = get_type_hints(inner)
    parts = {field.name: _builder(hints[field.name]) for field in fields(inner)}

    def build(plain: dict[str, Any]) -> Any:
        return inner(**{name: part(plain[name]) for name, part in parts.items()})

    return lambda plain: None if plain is None else build(plain)
