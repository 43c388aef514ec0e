"""What other scanners find in the anonymized texts. In: a shard. Out: findings, reduced.

    ResidualScan(run_path, config, key, scanners, cache, 1.0)(("anonymize", shard))
        ->  ResidualPart(num_texts=812, ...)

Texts go to a folder of mode 0700 in memory (/dev/shm) where there is one, each text once, and the
folder is removed. A finding leaves as rule, place, reason and keyed tag, never as a value.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psutil

from pipelines.audit.explained import Explanations
from pipelines.audit.kept import Kept
from pipelines.audit.scanners import Scanner, scan
from pipelines.audit.stock import Found, StockRecognizers
from pipelines.audit.tags import value_tag
from pipelines.audit.texts import NewTexts, extension_of, texts_of
from pipelines.stages import leave_out_models
from schemas.folder import open_folder
from schemas.ids import seed_for
from schemas.manifest import Shard, read_shard
from schemas.tables import ID_COLUMNS
from transforms.anonymize.config import AnonymizeConfig

STOCK = "presidio"
_MEMORY = Path("/dev/shm")
_SCRATCH = "katydid-audit-"
_BATCH_BYTES = 32_000_000


class Residue(NamedTuple):
    """One value of one scanner in one place that nothing explains."""

    scanner: str
    rule: str
    stage: str
    table: str
    column: str
    row_id: str
    line: int
    """Of the text, from 1; of a patch, of its changed lines."""
    tag: str


@dataclass
class ResidualPart:
    """What one shard came to."""

    num_texts: int = 0
    num_chars: int = 0
    explained: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(scanner, reason) -> findings."""
    residues: set[Residue] = field(default_factory=set)

    def add(self, other: "ResidualPart") -> None:
        """Add another shard's."""
        self.num_texts += other.num_texts
        self.num_chars += other.num_chars
        self.explained.update(other.explained)
        self.residues |= other.residues


class _Placed(NamedTuple):
    text: str
    column: str
    row_id: str


class ResidualScan:
    """One worker's scanners."""

    def __init__(
        self,
        run_path: str,
        config: AnonymizeConfig,
        key: bytes,
        scanners: Sequence[Scanner],
        cache: str,
        share: float,
    ) -> None:
        leave_out_models(config)
        self._run = open_folder(run_path)
        self._key = key
        self._scanners = scanners
        self._cache = Path(cache)
        self._share = share
        self._stock = StockRecognizers(phones=True)
        self._explanations = Explanations(Kept(config))

    def __call__(self, unit: tuple[str, Shard]) -> ResidualPart:
        """Scan the texts of a shard of a stage."""
        stage, shard = unit
        part = ResidualPart()
        for texts in self._batches(stage, shard):
            part.num_texts += len(texts)
            part.num_chars += sum(len(text.text) for text in texts.values())
            for scanner, name, found in self._findings(texts):
                self._note(part, scanner, found, texts[name], (stage, shard.table))
        return part

    def _batches(self, stage: str, shard: Shard) -> Iterator[dict[str, _Placed]]:
        """File name -> text, each text of the shard once, some megabytes at a time."""
        new = NewTexts()
        texts: dict[str, _Placed] = {}
        num_chars = 0
        for batch in read_shard(self._run.child(stage), shard):
            for row in batch.to_pylist():
                row_id = row[ID_COLUMNS[shard.table]]
                if not is_drawn(row_id, self._share):
                    continue
                for column, text, language, _ in new.pick(texts_of(shard.table, row)):
                    name = f"{len(texts):06}.{extension_of(language)}"
                    texts[name] = _Placed(text, column, row_id)
                    num_chars += len(text)
            if num_chars > _BATCH_BYTES:
                yield texts
                texts, num_chars = {}, 0
        if texts:
            yield texts

    def _findings(self, texts: dict[str, _Placed]) -> Iterator[tuple[str, str, Found]]:
        for name, placed in texts.items():
            yield from ((STOCK, name, found) for found in sorted(self._stock.find(placed.text)))
        with scratch() as folder:
            for name, placed in texts.items():
                (Path(folder) / name).write_text(placed.text, "utf-8", "replace", newline="")
            for scanner in self._scanners:
                for name, found in scan(scanner, Path(folder), self._cache):
                    yield scanner.name, name, found

    def _note(
        self,
        part: ResidualPart,
        scanner: str,
        found: Found,
        placed: _Placed,
        place: tuple[str, str],
    ) -> None:
        lines = placed.text.split("\n")
        line = lines[found.line - 1] if 0 < found.line <= len(lines) else ""
        value = _key_block(found, lines) if "PRIVATE KEY" in found.value else found.value
        reason = self._explanations.reason(found.rule, value, line)
        if reason:
            part.explained[scanner, reason] += 1
            return
        tag = value_tag(self._key, found.value)
        where = (*place, placed.column, placed.row_id, found.line)
        part.residues.add(Residue(scanner, found.rule, *where, tag))


def is_drawn(row_id: str, share: float) -> bool:
    """Whether a row is in the sample; by its id alone, so the same rows each time."""
    return seed_for(0, row_id) < share * (1 << 63)


def _key_block(found: Found, lines: list[str]) -> str:
    """A private key up to its end, where a scanner reports its first line alone."""
    text = "\n".join(lines[max(0, found.line - 1) :])
    start = max(0, text.find(found.value.split("\n")[0]))
    return text[start:].partition("-----END")[0]


def scratch() -> "tempfile.TemporaryDirectory[str]":
    """A folder of mode 0700 that goes when the block ends; in memory where that can be."""
    prefix = f"{_SCRATCH}{os.getpid()}-"
    return tempfile.TemporaryDirectory(prefix=prefix, dir=_MEMORY if _MEMORY.is_dir() else None)


def remove_stale_scratch() -> None:
    """Folders that processes left when they were killed."""
    for folder in (_MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir())).glob(
        f"{_SCRATCH}*"
    ):
        pid = folder.name.removeprefix(_SCRATCH).partition("-")[0]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
