"""What a finished folder is. In: a stage's folder. Out: its `Manifest`; no manifest means no data.

    manifest = read_manifest(open_folder("runs/click").child("dedup"))
    manifest.num_read, manifest.num_kept, manifest.rejected   ->  812, 745, {"near_duplicate": 67}

A stage's work is cut into units; each unit commits its shards, then a receipt. The manifest is
written last: the receipts of all units, the resolved configuration, and a fingerprint of
(configuration, inputs, code version). It holds no times and no host names, so that the same input
and configuration give the same bytes.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import InputError, SchemaError
from schemas.folder import Folder

MANIFEST = "MANIFEST.json"
RECEIPTS = "_receipts"
FAILURES = "_failures"
"""Messages of units that met an error which is the user's to solve; gone when the stage is."""
SIDE = "_side"
"""What a stage computes over all shards before it maps them; gone when the stage is finished."""


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One Parquet file of a stage."""

    table: str
    name: str
    """Without folder and ending: "click-00003"."""
    num_rows: int
    num_bytes: int
    sha256: str

    @property
    def path(self) -> str:
        """Relative to the stage's folder: "pull_requests/click-00003.parquet"."""
        return f"{self.table}/{self.name}.parquet"


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What one unit of work read and wrote. `num_read == num_kept + sum(rejected.values())`."""

    table: str
    """The table read."""
    name: str
    key: str
    """Fingerprint of everything that the unit's output depends on."""
    num_read: int
    num_kept: int
    rejected: dict[str, int]
    """Rejected rows by reason."""
    shards: tuple[Shard, ...]

    @property
    def path(self) -> str:
        """Relative to the stage's folder."""
        return f"{RECEIPTS}/{self.table}-{self.name}.json"


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A finished stage."""

    stage: str
    fingerprint: str
    """Of the work and of the fingerprints of the stages read."""
    work: str
    """Of the configuration, the inputs and the code: decides whether anything must be done."""
    code_version: str
    config: dict[str, Any]
    upstream: dict[str, str]
    """Fingerprints of the stages read, by name."""
    receipts: tuple[Receipt, ...]
    documents: dict[str, str] = field(default_factory=dict)
    """Files that describe the tables, such as a dataset card: name and SHA-256."""
    format: int = field(default=1)

    @property
    def num_read(self) -> int:
        """Rows read over all tables."""
        return sum(receipt.num_read for receipt in self.receipts)

    @property
    def num_kept(self) -> int:
        """Rows kept over all tables."""
        return sum(receipt.num_kept for receipt in self.receipts)

    @property
    def rejected(self) -> dict[str, int]:
        """Rejected rows by reason, most frequent first."""
        counts: Counter[str] = Counter()
        for receipt in self.receipts:
            counts.update(receipt.rejected)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def shards(self, table: str) -> list[Shard]:
        """The shards of a table, by name."""
        found = [shard for receipt in self.receipts for shard in receipt.shards]
        return sorted((s for s in found if s.table == table), key=lambda shard: shard.name)

    def tables(self) -> list[str]:
        """Names of the tables written, sorted."""
        return sorted({shard.table for receipt in self.receipts for shard in receipt.shards})


def read_manifest(folder: Folder) -> Manifest:
    """The manifest of a finished stage. Raises InputError when the stage has not finished."""
    if not folder.exists(MANIFEST):
        stage = folder.path.rpartition("/")[2]
        raise InputError(
            f"{folder.path} holds no {MANIFEST}, so stage {stage!r} has not finished; "
            f"type: katydid run {stage} --run-dir {folder.path.rpartition('/')[0]}, "
            "with your -c and -s"
        )
    values = _load_json(folder, MANIFEST)
    try:
        receipts = tuple(_receipt(receipt) for receipt in values.pop("receipts"))
        return Manifest(**values, receipts=receipts)
    except (KeyError, TypeError) as error:
        raise SchemaError(f"{folder.path}/{MANIFEST} is not a manifest: {error}") from None


def write_manifest(folder: Folder, manifest: Manifest) -> None:
    """Finish a folder."""
    folder.write(MANIFEST, _dump_json(asdict(manifest)))


def read_receipt(folder: Folder, path: str) -> Receipt:
    """The receipt at a path relative to the folder."""
    try:
        return _receipt(_load_json(folder, path))
    except (KeyError, TypeError) as error:
        raise SchemaError(f"{folder.path}/{path} is not a receipt: {error}") from None


def write_receipt(folder: Folder, receipt: Receipt) -> None:
    """Commit a unit of work."""
    folder.write(receipt.path, _dump_json(asdict(receipt)))


def read_shard(folder: Folder, shard: Shard, *, batch_size: int = 64) -> Iterator[pa.RecordBatch]:
    """The batches of a shard. Raises InputError when its bytes are not those of the manifest."""
    data = folder.read(shard.path)
    if hashlib.sha256(data).hexdigest() != shard.sha256:
        stage = folder.path.rpartition("/")[2]
        raise InputError(
            f"{folder.path}/{shard.path} is corrupt: {len(data)} bytes that do not match the "
            f"manifest ({shard.num_bytes} bytes, SHA-256 {shard.sha256[:12]}...); delete it and "
            f"type: katydid run {stage} --run-dir {folder.path.rpartition('/')[0]}, "
            "with your -c and -s"
        )
    yield from pq.ParquetFile(pa.BufferReader(data)).iter_batches(batch_size=batch_size)


def _receipt(values: dict[str, Any]) -> Receipt:
    shards = tuple(Shard(**shard) for shard in values["shards"])
    return Receipt(**{**values, "shards": shards})


def _load_json(folder: Folder, name: str) -> dict[str, Any]:
    try:
        values = json.loads(folder.read(name))
    except ValueError:
        raise SchemaError(
            f"{folder.path}/{name} is not valid JSON; delete it and run again"
        ) from None
    if not isinstance(values, dict):
        raise SchemaError(f"{folder.path}/{name} holds no JSON object")
    return values


def _dump_json(values: dict[str, Any]) -> bytes:
    return (json.dumps(values, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
