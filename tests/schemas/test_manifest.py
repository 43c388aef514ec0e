"""Manifests: no manifest means no data, and bytes are what the manifest says."""

import dataclasses
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.arrow import table_schema
from schemas.errors import InputError, SchemaError
from schemas.folder import Folder, open_folder
from schemas.manifest import (
    MANIFEST,
    Manifest,
    Receipt,
    Shard,
    read_manifest,
    read_receipt,
    read_shard,
    write_manifest,
    write_receipt,
)


def finished_stage(tmp_path: Path) -> tuple[Folder, Manifest]:
    folder = open_folder(tmp_path).child("dedup")
    with folder.create("rejected/a-00000.parquet") as stream:
        pq.write_table(
            pa.Table.from_batches([], table_schema("rejected")), pa.PythonFile(stream, mode="w")
        )
    shard = Shard(
        table="rejected",
        name="a-00000",
        num_rows=0,
        num_bytes=stream.num_bytes,
        sha256=stream.sha256,
    )
    receipt = Receipt(
        table="source_files",
        name="a-00000",
        key="k",
        num_read=3,
        num_kept=1,
        rejected={"exact_duplicate": 2},
        shards=(shard,),
    )
    manifest = Manifest(
        stage="dedup",
        fingerprint="f",
        work="w",
        code_version="c",
        config={"seed": 0},
        upstream={"anonymize": "u"},
        receipts=(receipt,),
    )
    write_receipt(folder, receipt)
    write_manifest(folder, manifest)
    return folder, manifest


def test_manifest_and_receipts_round_trip(tmp_path: Path) -> None:
    folder, manifest = finished_stage(tmp_path)
    assert read_manifest(folder) == manifest
    assert read_receipt(folder, manifest.receipts[0].path) == manifest.receipts[0]
    assert (manifest.num_read, manifest.num_kept) == (3, 1)
    assert manifest.rejected == {"exact_duplicate": 2}
    assert manifest.tables() == ["rejected"]


def test_a_folder_without_manifest_holds_no_data(tmp_path: Path) -> None:
    folder, _ = finished_stage(tmp_path)
    folder.delete(MANIFEST)
    with pytest.raises(InputError, match=r"katydid run dedup --run-dir"):
        read_manifest(folder)


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"receipts": [{}]}'])
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    folder, _ = finished_stage(tmp_path)
    folder.write(MANIFEST, content)
    with pytest.raises(SchemaError, match=MANIFEST):
        read_manifest(folder)


def test_one_changed_byte_is_found(tmp_path: Path) -> None:
    folder, manifest = finished_stage(tmp_path)
    (shard,) = manifest.shards("rejected")
    assert sum(batch.num_rows for batch in read_shard(folder, shard)) == 0
    data = bytearray(folder.read(shard.path))
    data[len(data) // 2] ^= 1
    folder.write(shard.path, bytes(data))
    with pytest.raises(InputError, match=r"a-00000\.parquet is corrupt"):
        list(read_shard(folder, shard))


def test_manifest_bytes_do_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    folder, manifest = finished_stage(tmp_path)
    written = []
    for config in ({"b": 1, "a": 2}, {"a": 2, "b": 1}):
        write_manifest(folder, dataclasses.replace(manifest, config=config))
        written.append(folder.read(MANIFEST))
    assert written[0] == written[1]
