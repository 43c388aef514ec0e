"""What rows before and after say, shard by shard. In: a pair of shards. Out: a `RowPart`.

CompareRows(run_path, config, key)(pair)  ->  RowPart(parsing={"python": ...}, people={...}, ...)
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from pipelines.audit.metadata import DEFAULT_TICKET_KEY, count_metadata
from pipelines.audit.originals import people_of
from pipelines.audit.pairs import ShardPair, row_pairs
from pipelines.audit.parsing import LanguageCounts, compare_row
from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.quasi_identifiers import keyed_id


@dataclass
class RowPart:
    """What one pair of shards came to."""

    num_rows: int = 0
    parsing: dict[str, LanguageCounts] = field(default_factory=dict)
    people: set[tuple[str, Identity, Identity]] = field(default_factory=set)
    """(repository, raw, anonymized) of everyone in a field of its own."""
    metadata: Counter[str] = field(default_factory=Counter)

    def add(self, other: "RowPart") -> None:
        """Add another pair's."""
        self.num_rows += other.num_rows
        for language, counts in other.parsing.items():
            self.parsing.setdefault(language, LanguageCounts()).add(counts)
        self.people |= other.people
        self.metadata.update(other.metadata)


class CompareRows:
    """One worker's parsers and patterns."""

    def __init__(self, run_path: str, config: AnonymizeConfig, key: bytes) -> None:
        self._run_path = run_path
        self._rename = partial(keyed_id, key) if config.keyed_ids else str
        pattern = config.ticket_key_pattern or DEFAULT_TICKET_KEY
        self._ticket_key = re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])")

    def __call__(self, pair: ShardPair) -> RowPart:
        """Compare all rows of a shard of mine with what anonymize made of them."""
        part, table = RowPart(), pair.raw.table
        for raw, fresh in row_pairs(self._run_path, pair, self._rename):
            part.num_rows += 1
            compare_row(table, raw, fresh, part.parsing)
            old, new = people_of(table, raw), people_of(table, fresh)
            part.people.update((raw["repo"], *both) for both in zip(old, new, strict=True))
            count_metadata(table, raw, fresh, part.metadata, self._ticket_key)
        return part
