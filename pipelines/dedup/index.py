"""The signature index: Parquet files from which documents are compared without their text.

    RUN/dedup.index/INDEX.json                    scheme and SHA-256 of each file
    RUN/dedup.index/source_files-click-00000.parquet

A file has a row for each document of a shard: row_id, hi and lo (preference), digest, fork_of,
size, signature, is_kept, shingles. What made them ("scheme": shingles, permutations, seed, Unicode
version) must be equal for two documents to be comparable, so it is kept and checked. Two uses:

    dedup.write_index    a shard that did not change is not read again
    dedup.against        what earlier runs kept is compared with the rows of this one (`earlier`)

`INDEX.json` is there only while the files say what the finished run kept.
"""

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup.sketches import signature_seed
from pipelines.dedup.work import SketchedShard, Work, open_rows
from pipelines.job import code_version
from schemas.errors import ConfigError, InputError
from schemas.ids import fingerprint
from transforms.dedup.config import DedupConfig

INDEX = "INDEX.json"
_VERSION = 1
"""Of the hashes; changes when the same text gives other ones."""
_PARSERS = re.compile(r"^tree-sitter[\w-]*", re.MULTILINE)
_CONTENT = ("scheme", "files")
_ANEW = "delete {folder} and the stage's folder beside it, and run that stage again"
_SMALL = ["row_id", "hi", "lo", "digest", "fork_of", "size", "signature"]
ROWS_PER_GROUP = 64
"""Shingles are read by row group, for the few documents that share a band key with a new one."""


def scheme_of(config: DedupConfig, seed: int) -> dict[str, Any]:
    """What two documents must have in common to be comparable."""
    return {
        "version": _VERSION,
        "shingles": config.shingles,
        "shingle_size": config.shingle_size,
        "hash": "affine32",
        "num_perm": config.banding.num_perm,
        "seed": signature_seed(seed),
        "unicode": unicodedata.unidata_version,
        "grammars": _grammars() if config.shingles == "code" else "",
    }


def _grammars() -> str:
    """Changes with any parser: another one may find other leaves."""
    names = sorted(set(_PARSERS.findall("\n".join(metadata.requires("katydid") or []))))
    return fingerprint([[name, metadata.version(name)] for name in names])


def index_path(stage_folder: str) -> Path:
    """The index that belongs to the output folder of a stage."""
    return Path(f"{stage_folder}.index")


def read_index(folder: Path) -> dict[str, Any]:
    """`INDEX.json`. Raises InputError where there is none, or something else."""
    path = folder / INDEX
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"dedup.against: no {path}; run that stage with -s dedup.write_index=true "
            f"(where it says up to date, delete {str(folder).removesuffix('.index')} first)"
        ) from None
    except ValueError:
        found = None
    if not (isinstance(found, dict) and all(type(found.get(k)) is dict for k in _CONTENT)):
        raise InputError(f"{path} is damaged; {_ANEW.format(folder=folder)}")
    return found


def earlier_indexes(against: Sequence[str], stage_folder: str) -> list[Path]:
    """The indexes of earlier runs of a stage. Raises ConfigError where one is of this run itself,
    of which every row would be a copy of itself."""
    own = Path(stage_folder).resolve()
    stages = list(dict.fromkeys(Path(run, own.name).resolve() for run in against))
    if own in stages:
        raise ConfigError(f"dedup.against: {own.parent} is this run itself; name earlier ones")
    return [index_path(str(stage)) for stage in stages]


def index_fingerprint(folder: Path) -> str:
    """Changes with any file of an index."""
    return fingerprint(read_index(folder))


def check_scheme(folder: Path, config: DedupConfig, seed: int) -> None:
    """Raises ConfigError where the index is of another scheme than ours."""
    found = read_index(folder)["scheme"]
    for name, value in scheme_of(config, seed).items():
        if found.get(name) != value:
            raise ConfigError(
                f"dedup.against: {folder} was made with {name} {found.get(name)!r}, "
                f"this run has {value!r}"
            )


def restore_sketch(number: int, work: Work, folder: Path) -> bool:
    """Take a shard's sketch from the index of an earlier run of this stage, if it is of the same
    bytes and scheme."""
    shard = work.shards[number]
    path = folder / f"{shard.table}-{shard.name}.parquet"
    if not path.exists():
        return False
    with open_index_file(path) as file:
        if _origin(file) != _origin_of(shard, work):
            return False
        write_rows(file, np.arange(file.metadata.num_rows), number, work)
    return True


@contextmanager
def open_index_file(path: Path) -> Iterator[pq.ParquetFile]:
    """A file of an index; each page that is read is compared with its checksum.

    Raises InputError where the file is damaged.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        why = _ANEW.format(folder=path.parent)
        raise InputError(f"{path} cannot be read ({error}); {why}") from None


def write_index_file(number: int, lost: set[str], work: Work, folder: Path) -> None:
    """The index of a shard, of which some rows were dropped."""
    shard = work.shards[number]
    rows = open_rows(work, number)
    sizes = rows.column("size").to_numpy()
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    shingles = np.memmap(work.shingles(number), np.uint64, "r")
    kept = [row_id not in lost for row_id in rows.column("row_id").to_pylist()]
    path = folder / f"{shard.table}-{shard.name}.parquet"
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    made_from = {"katydid": json.dumps(_origin_of(shard, work), sort_keys=True)}
    # Written out, since Parquet names the parts of lists anew: the same rows give the same bytes.
    fields = [
        ("row_id", pa.string()),
        ("hi", pa.uint64()),
        ("lo", pa.uint64()),
        ("digest", pa.binary(16)),
        ("fork_of", pa.string()),
        ("size", pa.int64()),
        ("signature", pa.list_(pa.uint32(), work.config.banding.num_perm)),
        ("is_kept", pa.bool_()),
        ("shingles", pa.large_list(pa.uint64())),
    ]
    schema = pa.schema(fields, metadata=made_from)
    # Sorted hashes: differences are somewhat shorter than the hashes; nothing else is compressible.
    with pq.ParquetWriter(
        temporary,
        schema,
        compression="none",
        use_dictionary=False,
        write_page_checksum=True,
        column_encoding={"shingles.list.element": "DELTA_BINARY_PACKED"},
    ) as writer:
        for begin in range(0, len(rows), ROWS_PER_GROUP):
            part = rows.select(_SMALL).slice(begin, ROWS_PER_GROUP).combine_chunks()
            cut = offsets[begin : begin + len(part) + 1]
            lists = pa.LargeListArray.from_arrays(cut - cut[0], shingles[cut[0] : cut[-1]])
            is_kept = pa.array(kept[begin : begin + len(part)])
            columns = [*part.columns, is_kept, lists]
            made = [c.cast(field.type) for c, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.table(made, schema=schema))
    temporary.replace(path)


def finish_index(work: Work, folder: Path) -> None:
    """Remove files of shards that are no more and write `INDEX.json`."""
    names = {
        f"{shard.table}-{shard.name}.parquet"
        for number, shard in enumerate(work.shards)
        if not shard.is_before and work.rows(number).exists()
    }
    for path in folder.iterdir():
        if path.name not in names:
            path.unlink()
    found = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    text = json.dumps(
        {"scheme": scheme_of(work.config, work.seed), "files": found}, indent=1, sort_keys=True
    )
    temporary = folder / f"{INDEX}.{uuid.uuid4().hex}"
    temporary.write_text(text + "\n", encoding="utf-8")
    temporary.replace(folder / INDEX)


def write_rows(file: pq.ParquetFile, rows: "np.ndarray[Any, Any]", number: int, work: Work) -> None:
    """A sketch of some rows of an index file, row group by row group."""
    begin = first = 0
    writer = None
    suffix = uuid.uuid4().hex
    rows_path, shingles_path = (
        Path(f"{path(number)}.{suffix}") for path in (work.rows, work.shingles)
    )
    with shingles_path.open("wb") as stream:
        for group in range(file.num_row_groups):
            num_rows = file.metadata.row_group(group).num_rows
            wanted = rows[(rows >= first) & (rows < first + num_rows)] - first
            first += num_rows
            if not len(wanted):
                continue
            part = file.read_row_group(group, [*_SMALL, "shingles"]).take(pa.array(wanted))
            sizes = part.column("size").to_numpy()
            starts = begin + np.concatenate(([0], np.cumsum(sizes)))
            stream.write(pc.list_flatten(part.column("shingles")).to_numpy().data)
            begin = int(starts[-1])
            made = part.select(_SMALL).append_column("begin", pa.array(starts[:-1]))
            writer = writer or pa.ipc.new_file(str(rows_path), made.schema.remove_metadata())
            writer.write_table(made.replace_schema_metadata(None))
    if writer is not None:
        writer.close()
        shingles_path.replace(work.shingles(number))
        rows_path.replace(work.rows(number))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _origin(file: pq.ParquetFile) -> Any:
    return json.loads((file.schema_arrow.metadata or {}).get(b"katydid", b"null"))


def _origin_of(shard: SketchedShard, work: Work) -> dict[str, Any]:
    forks = sorted(work.forks.items())
    # Of the code, since preferences and documents follow from it.
    return {
        "scheme": scheme_of(work.config, work.seed),
        "code": code_version(),
        "input": shard.sha256,
        "forks": fingerprint(forks),
    }
