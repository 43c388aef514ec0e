"""Benchmark lists as files. In: an entry of `decontaminate.lists`. Out: rows as dicts, a digest.

    entry = parse_entry("swe-bench=/data/test.parquet")     ->  ListFile(name="swe-bench", path=...)
    for number, row in read_rows(entry.path): ...            1, {"instance_id": "a__b-12", ...}
    digest_of(entry.path)                                    SHA-256 of the file

JSON Lines (also .gz), JSON (a list of objects, or objects by id), Parquet and CSV with a header.
What cannot be read is an error that names the file and the row, and never quotes it.
"""

import csv
import gzip
import hashlib
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import ConfigError, InputError, KatydidError

SUFFIXES = (".jsonl", ".ndjson", ".jsonl.gz", ".json", ".parquet", ".csv")
_LFS = b"version https://git-lfs"
_BATCH = 256

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ListFile:
    """One entry of `decontaminate.lists`."""

    name: str
    """What the benchmark is called in `rejected.detail`."""
    path: Path


def parse_entry(entry: str) -> ListFile:
    """An entry "name=path" or "path". Raises ConfigError for a suffix that is not known."""
    name, equals, path = entry.partition("=")
    if not equals:
        name, path = "", entry
    suffix = next((end for end in sorted(SUFFIXES, key=len) if path.lower().endswith(end)), "")
    if not suffix:
        raise ConfigError(
            f"decontaminate.lists: {path!r} ends in none of {', '.join(SUFFIXES)}; "
            "convert it, or rename it to say what it is"
        )
    file = Path(path).expanduser()
    return ListFile(name=name.strip() or file.name[: -len(suffix)], path=file)


def digest_of(path: Path) -> str:
    """SHA-256 of the file's bytes. Raises InputError when it cannot be read."""
    with _opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_rows(path: Path) -> Iterator[tuple[int, Row]]:
    """(number from 1, row) of each row that is not an empty line.

    Raises InputError for a file or a row that cannot be read.
    """
    with _opened(path) as file:
        if file.read(len(_LFS)) == _LFS:
            raise InputError(f"{path} is a Git LFS pointer; type: git lfs pull")
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            yield from _parquet(path)
        elif name.endswith(".csv"):
            yield from _csv(path)
        elif name.endswith(".json"):
            yield from _json(path)
        else:
            yield from _json_lines(path)
    except KatydidError:
        # An InputError is an OSError too, and says more.
        raise
    except (OSError, EOFError, UnicodeDecodeError, pa.ArrowInvalid, csv.Error) as error:
        what = type(error).__name__
        raise InputError(f"{path}: not readable ({what}); download it again") from None


def _opened(path: Path) -> BufferedReader:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(
            f"decontaminate.lists: cannot read {path} ({error.strerror}); "
            "download it, or give another path"
        ) from None


def _parquet(path: Path) -> Iterator[tuple[int, Row]]:
    number = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield number, row


def _csv(path: Path) -> Iterator[tuple[int, Row]]:
    # Patches are longer than the limit of 128 KB that the module has by default.
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        yield from enumerate(csv.DictReader(file), 1)


def _json(path: Path) -> Iterator[tuple[int, Row]]:
    value = _parse(path, 1, path.read_bytes())
    if isinstance(value, dict) and all(isinstance(row, dict) for row in value.values()):
        value = [{"instance_id": name, **row} for name, row in value.items()]
    if not isinstance(value, list):
        raise InputError(f"{path}: no list of objects; convert it to JSON Lines")
    for number, row in enumerate(value, 1):
        yield number, _checked(path, number, row)


def _json_lines(path: Path) -> Iterator[tuple[int, Row]]:
    is_gzip = path.name.lower().endswith(".gz")
    with path.open("rb") as plain, gzip.open(plain) if is_gzip else plain as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, _checked(path, number, _parse(path, number, line))


def _parse(path: Path, number: int, data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise InputError(f"{path}, row {number}: not JSON; download it again") from None


def _checked(path: Path, number: int, row: Any) -> Row:
    if not isinstance(row, dict):
        raise InputError(f"{path}, row {number}: no JSON object; convert it")
    return row
