"""Plain text tables. In: rows and column names. Out: aligned lines; numbers to the right.

stage  read  kept
mine     12    11
"""

from collections.abc import Sequence
from typing import Any

MAX_CELL_CHARS = 100


def render_table(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> str:
    """The table as text without a line end."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    is_number = [
        bool(rows) and all(type(row[i]) in (int, float) for row in rows)
        for i in range(len(columns))
    ]
    return "\n".join(_line(row, widths, is_number) for row in [list(columns), *cells])


def _cell(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    text = " ".join(str(value).split())
    return text if len(text) <= MAX_CELL_CHARS else text[: MAX_CELL_CHARS - 3] + "..."


def _line(cells: Sequence[str], widths: Sequence[int], is_number: Sequence[bool]) -> str:
    parts = zip(cells, widths, is_number, strict=True)
    padded = [cell.rjust(width) if right else cell.ljust(width) for cell, width, right in parts]
    return "  ".join(padded).rstrip()
