"""All strings of a Parquet batch as few long byte strings. In: a batch. Out: `Block`s.

    for block in string_blocks(batch):
        block.column, block.data, block.row_of(start, end)

Arrow keeps the strings of a column one behind the other, so a column is searched as one text; what
crosses from one string into the next is no find.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Numbers = npt.NDArray[np.int64]
_TEXT_TYPES = (pa.string(), pa.binary(), pa.large_string(), pa.large_binary())


@dataclass(frozen=True, kw_only=True)
class Block:
    """The strings of one column."""

    column: str
    """With the names of its parts: "commits[].author.name"."""
    data: bytes
    offsets: Numbers
    """Where each string starts in `data`, and where the last one ends."""
    rows: Numbers
    """The row of each string in the batch."""

    @property
    def top(self) -> str:
        """The column of the table that it is a part of."""
        return self.column.split(".")[0].split("[")[0]

    def row_of(self, start: int, end: int) -> int | None:
        """The row whose string holds these bytes, or None when they cross strings."""
        place = int(np.searchsorted(self.offsets, start, side="right")) - 1
        return int(self.rows[place]) if end <= self.offsets[place + 1] else None


def string_blocks(batch: pa.RecordBatch) -> Iterator[Block]:
    """A block for every column, or part of one, that holds text or bytes."""
    rows = np.arange(batch.num_rows, dtype=np.int64)
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        yield from _blocks(name, column, rows)


def _blocks(name: str, array: Any, rows: Numbers) -> Iterator[Block]:
    kind = array.type
    if pa.types.is_dictionary(kind):
        yield from _blocks(name, array.dictionary_decode(), rows)
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        parents = pc.list_parent_indices(array).to_numpy(zero_copy_only=False)
        yield from _blocks(f"{name}[]", array.flatten(), rows[parents])
    elif pa.types.is_struct(kind):
        for part, child in zip(kind, array.flatten(), strict=True):
            yield from _blocks(f"{name}.{part.name}", child, rows)
    elif kind in _TEXT_TYPES:
        yield from _text_block(name, array, rows)


def _text_block(name: str, array: Any, rows: Numbers) -> Iterator[Block]:
    _, offset_buffer, data_buffer = array.buffers()
    if not len(array) or data_buffer is None:
        return
    width = np.int64 if array.type in (pa.large_string(), pa.large_binary()) else np.int32
    offsets = np.frombuffer(offset_buffer, dtype=width)[array.offset :][: len(array) + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    data = data_buffer.slice(first, last - first).to_pybytes()
    if data:
        yield Block(column=name, data=data, offsets=offsets.astype(np.int64) - first, rows=rows)
