"""The corpus that `katydid run mix` made. In: its folder or URI. Out: texts and dialogues by split.

    corpus = Corpus("runs/click/mix")
    list(corpus.documents("train"))  ->  ["# Pull request: Fix rounding ...", ...]

A folder without a manifest is not finished and is refused; so is a shard whose bytes are not those
of the manifest.
"""

from collections.abc import Iterator
from typing import TypeVar

from schemas.arrow import to_rows
from schemas.errors import InputError
from schemas.folder import open_folder
from schemas.manifest import MANIFEST, read_manifest, read_shard
from schemas.tables import Dialogue, Document
from training.dialogue import plain_texts
from training.packing import shuffled

TRAIN = "train"
VALIDATION = "validation"

Row = TypeVar("Row")


class Corpus:
    """Reads the finished folder of mix. Raises InputError for any other."""

    def __init__(self, uri: str) -> None:
        self._folder = open_folder(uri)
        if not self._folder.exists(MANIFEST):
            raise InputError(
                f"{self._folder.path} holds no {MANIFEST}, so it is no finished mix; give the "
                "folder that katydid run mix made with --data"
            )
        self._manifest = read_manifest(self._folder)
        if self._manifest.stage != "mix":
            raise InputError(
                f"{self._folder.path} is the folder of stage {self._manifest.stage!r}; "
                "give that of mix with --data"
            )

    @property
    def fingerprint(self) -> str:
        """Changes when the corpus does."""
        return self._manifest.fingerprint

    def documents(self, split: str) -> list[str]:
        """The texts of a split, in the order of the shards."""
        return [row.text for row in self._rows("documents", Document) if row.split == split]

    def dialogues(self, split: str) -> list[Dialogue]:
        """The dialogues of a split, in the order of the shards."""
        return [row for row in self._rows("dialogues", Dialogue) if row.split == split]

    def texts(self, seed: int, max_chars: int) -> list[str]:
        """Training texts to learn a tokenizer from: documents and rendered dialogues.

        Past `max_chars` characters the rest is left out, in an order drawn from the seed.
        """
        found = self.documents(TRAIN)
        for dialogue in self.dialogues(TRAIN):
            found.extend(plain_texts(dialogue.tools, dialogue.messages))
        if not any(found):
            raise InputError(f"{self._folder.path} has no training text; run mix on more input")
        return _limited(shuffled(found, seed), max_chars)

    def _rows(self, table: str, row_class: type[Row]) -> Iterator[Row]:
        for shard in self._manifest.shards(table):
            for batch in read_shard(self._folder, shard):
                yield from to_rows(row_class, batch)


def _limited(texts: list[str], max_chars: int) -> list[str]:
    kept: list[str] = []
    num_chars = 0
    for text in texts:
        if num_chars >= max_chars:
            break
        kept.append(text)
        num_chars += len(text)
    return kept
