"""The signature index: Parquet files from which documents are compared without their text.

    RUN/dedup.index/INDEX.json                    scheme and SHA-256 of each file
    RUN/dedup.index/source_files-click-00000.parquet

A file has a row for each document of a shard: row_id, hi and lo (preference), digest, fork_of,
size, signature, is_kept, shingles. What made them ("scheme": shingles, permutations, seed, Unicode
version) must be equal for two documents to be comparable, so it is kept and checked. Two uses:

    dedup.write_index    a shard that did not change is not read again
    dedup.against        what earlier runs kept is compared with the rows of this one

For the second only documents that share a band key with a new one are taken into this run: the rest
of an index costs reading its signatures.
"""

import hashlib
import json
import unicodedata
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup.ranks import salt_of
from pipelines.dedup.sketches import signature_seed
from pipelines.dedup.work import SketchedShard, Work, open_array, open_rows, save_array
from schemas.errors import ConfigError, InputError
from schemas.ids import fingerprint
from transforms.dedup.arrays import U64
from transforms.dedup.minhash import band_keys

INDEX = "INDEX.json"
_VERSION = 1
"""Of the hashes; changes when the same text gives other ones."""
_SMALL = ["row_id", "hi", "lo", "digest", "fork_of", "size", "signature"]
_ROWS_PER_GROUP = 4_096


def scheme_of(work: Work) -> dict[str, Any]:
    """What two documents must have in common to be comparable."""
    return {
        "version": _VERSION,
        "shingles": work.config.shingles,
        "shingle_size": work.config.shingle_size,
        "hash": "affine32",
        "num_perm": work.config.banding.num_perm,
        "seed": signature_seed(work.seed),
        "unicode": unicodedata.unidata_version,
    }


def index_path(stage_folder: str) -> Path:
    """The index that belongs to the output folder of a stage."""
    return Path(f"{stage_folder}.index")


def read_index(folder: Path) -> dict[str, Any]:
    """`INDEX.json`. Raises InputError where there is none."""
    path = folder / INDEX
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            f"dedup.against: no {path}; run that stage with -s dedup.write_index=true"
        ) from None
    except ValueError:
        raise InputError(f"{path} is not valid JSON; make it anew") from None
    return dict(found)


def index_fingerprint(folder: Path) -> str:
    """Changes with any file of an index."""
    return fingerprint(read_index(folder))


def restore_sketch(number: int, work: Work, folder: Path) -> bool:
    """Take a shard's sketch from the index of an earlier run of this stage, if it is of the same
    bytes and scheme."""
    shard = work.shards[number]
    path = folder / f"{shard.table}-{shard.name}.parquet"
    if not path.exists():
        return False
    file = pq.ParquetFile(path)
    if _origin(file) != _origin_of(shard, work):
        return False
    _write_rows(file, np.arange(file.metadata.num_rows), number, work)
    return True


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
    metadata = {"katydid": json.dumps(_origin_of(shard, work), sort_keys=True)}
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
    schema = pa.schema(fields, metadata=metadata)
    # Sorted hashes: differences are somewhat shorter than the hashes; nothing else is compressible.
    with pq.ParquetWriter(
        temporary,
        schema,
        compression="none",
        use_dictionary=False,
        column_encoding={"shingles.list.element": "DELTA_BINARY_PACKED"},
    ) as writer:
        for begin in range(0, len(rows), _ROWS_PER_GROUP):
            part = rows.select(_SMALL).slice(begin, _ROWS_PER_GROUP).combine_chunks()
            cut = offsets[begin : begin + len(part) + 1]
            lists = pa.LargeListArray.from_arrays(cut - cut[0], shingles[cut[0] : cut[-1]])
            is_kept = pa.array(kept[begin : begin + len(part)])
            columns = [*part.columns, is_kept, lists]
            made = [c.cast(field.type) for c, field in zip(columns, schema, strict=True)]
            writer.write_table(pa.table(made, schema=schema))
    temporary.replace(path)


def finish_index(work: Work, folder: Path) -> None:
    """Remove files of shards that are no more and write `INDEX.json`."""
    names = {f"{shard.table}-{shard.name}.parquet" for shard in work.shards if not shard.is_before}
    for path in folder.iterdir():
        if path.name not in names:
            path.unlink()
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }
    text = json.dumps({"scheme": scheme_of(work), "files": found}, indent=1, sort_keys=True)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")


def earlier_shards(work: Work, folders: list[Path]) -> tuple[SketchedShard, ...]:
    """The shards of earlier runs. Raises ConfigError where their scheme is another."""
    shards = []
    for folder in folders:
        index = read_index(folder)
        wanted = scheme_of(work)
        for name, value in wanted.items():
            if index["scheme"].get(name) != value:
                raise ConfigError(
                    f"dedup.against: {folder} was made with {name} "
                    f"{index['scheme'].get(name)!r}, this run has {value!r}"
                )
        for name in sorted(index["files"]):
            path = folder / name
            table, _, rest = name.removesuffix(".parquet").partition("-")
            if table in work.config.tables:
                shards.append(
                    SketchedShard(
                        table=table,
                        name=rest,
                        path=str(path),
                        num_rows=_num_rows(path),
                        sha256=index["files"][name],
                        is_before=True,
                    )
                )
    return tuple(shards)


def write_new_keys(number: int, work: Work) -> None:
    """The distinct band keys of a new shard's documents."""
    if not work.rows(number).exists():
        return
    keys = [np.empty(0, np.uint64)]
    for batch in open_rows(work, number).select(["signature"]).to_batches():
        keys.append(_keys(batch.column(0), work.shards[number].table, work).ravel())
    save_array(work.path(f"keys-{number:06}.npy"), np.unique(np.concatenate(keys)))


def join_new_keys(work: Work) -> None:
    """All band keys of new documents, sorted: 8 bytes a band and document."""
    parts = [np.array(open_array(path)) for path in sorted(work.path("").glob("keys-*.npy"))]
    joined = np.unique(np.concatenate([np.empty(0, np.uint64), *parts]))
    save_array(work.path("new-keys.npy"), joined)


def take_matching(number: int, work: Work) -> None:
    """The sketch of an earlier shard's kept documents that share a band key with a new one."""
    shard = work.shards[number]
    new_keys = open_array(work.path("new-keys.npy"))
    file = pq.ParquetFile(shard.path)
    found = [np.empty(0, np.int64)]
    begin = 0
    for batch in file.iter_batches(_ROWS_PER_GROUP, columns=["signature", "is_kept"]):
        keys = _keys(batch.column("signature"), shard.table, work)
        at = np.searchsorted(new_keys, keys)
        shares = np.zeros(keys.shape, bool)
        if len(new_keys):
            shares = new_keys[np.minimum(at, len(new_keys) - 1)] == keys
        is_kept = batch.column("is_kept").to_numpy(zero_copy_only=False)
        found.append(begin + np.flatnonzero(shares.any(axis=1) & is_kept))
        begin += len(batch)
    rows = np.concatenate(found)
    if len(rows):
        _write_rows(file, rows, number, work)


def with_earlier(work: Work, shards: tuple[SketchedShard, ...]) -> Work:
    """The work with shards of earlier runs after its own."""
    return replace(work, shards=(*work.shards, *shards))


def _keys(signatures: pa.Array, table: str, work: Work) -> U64:
    banding = work.config.banding
    matrix = signatures.flatten().to_numpy().reshape(-1, banding.num_perm)
    salted: U64 = band_keys(matrix, banding) ^ salt_of(table, work)
    return salted


def _write_rows(
    file: pq.ParquetFile, rows: "np.ndarray[Any, Any]", number: int, work: Work
) -> None:
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


def _num_rows(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowInvalid) as error:
        raise InputError(f"{path} is not what its run wrote ({error}); make it anew") from None


def _origin(file: pq.ParquetFile) -> Any:
    return json.loads((file.schema_arrow.metadata or {}).get(b"katydid", b"null"))


def _origin_of(shard: SketchedShard, work: Work) -> dict[str, Any]:
    forks = sorted(work.forks.items())
    return {"scheme": scheme_of(work), "input": shard.sha256, "forks": fingerprint(forks)}
