"""The settings of `dedup`. In: `[dedup]` of a settings file. Out: a checked `DedupConfig`.

DedupConfig(threshold=0.8).banding   ->  Banding(bands=25, rows=10)
"""

from dataclasses import dataclass

from schemas.errors import ConfigError
from transforms.dedup.banding import MAX_HASHES, Banding, cheapest_banding

COMPARED = ("dialogues", "pull_requests", "source_files")
SHINGLES = ("word", "char", "line", "code")


@dataclass(frozen=True, kw_only=True)
class ShingleRule:
    """What a document is cut into."""

    kind: str
    """One of `SHINGLES`."""
    size: int
    """Tokens, characters, lines or leaves per shingle."""


@dataclass(frozen=True, kw_only=True)
class DedupConfig:
    """When two rows count as the same."""

    tables: tuple[str, ...] = COMPARED
    """Tables to deduplicate, each within itself; the others pass whole."""
    threshold: float = 0.7
    """Jaccard similarity, over 0 up to 1, from which a row is a near duplicate."""
    shingles: str = "word"
    """Sets of what are compared: runs of words ("word") or characters ("char"), lines ("line"), or
    runs of leaves of the syntax tree without comments ("code")."""
    shingle_size: int = 5
    """Words, characters, lines or leaves in one shingle; a shorter document equals only itself."""
    recall: float = 0.995
    """Least chance of finding a pair whose similarity is just the threshold; bands follow from it
    where they are not given."""
    bands: int = 0
    """Bands of a signature; 0: as `recall` asks. More bands miss fewer pairs."""
    rows: int = 0
    """Hashes in a band; 0: as `recall` asks. More rows propose fewer pairs that prove too
    different."""
    max_candidates: int = 64
    """Better rows of one band and class of size that a row is compared with; where more share a
    band and are all kept (a licence header), the rest is not compared, and counted."""
    forks: str = "compare"
    """Repositories that share a root commit are a family: "compare" their rows like any, or "drop"
    all rows of each but the member with most pull requests."""
    repeated_functions: str = "keep"
    """Functions that a better kept file holds as well: "keep" them, or "cut" them out, but for
    files that others were dropped for: a witness stays as it was compared."""
    min_function_tokens: int = 50
    """Shorter functions are never cut."""
    write_index: bool = False
    """Keep signatures and shingles beside the output, so that later runs can name it in
    `dedup.against` and this run need not read unchanged shards again: 0.7 bytes a byte of text."""
    against: tuple[str, ...] = ()
    """Run folders with an index: what is a duplicate of a row they kept is dropped."""

    def __post_init__(self) -> None:
        for name, value, known in (
            ("tables", sorted(set(self.tables) - set(COMPARED))[:1], COMPARED),
            ("shingles", [self.shingles], SHINGLES),
            ("forks", [self.forks], ("compare", "drop")),
            ("repeated_functions", [self.repeated_functions], ("keep", "cut")),
        ):
            if value and value[0] not in known:
                raise ConfigError(f"dedup.{name}: no {value[0]!r}; use one of {', '.join(known)}")
        if not 0 < self.threshold <= 1:
            raise ConfigError(f"dedup.threshold: {self.threshold} is not over 0 and up to 1")
        if not 0 < self.recall < 1:
            raise ConfigError(f"dedup.recall: {self.recall} is not between 0 and 1")
        if min(self.shingle_size, self.max_candidates, self.min_function_tokens) < 1:
            raise ConfigError(
                "dedup: shingle_size, max_candidates and min_function_tokens must be at least 1"
            )
        if (self.bands > 0) != (self.rows > 0) or min(self.bands, self.rows) < 0:
            raise ConfigError("dedup: give bands and rows together, or neither")
        found = self.banding.chance(self.threshold)
        if found < self.recall:
            raise ConfigError(
                f"dedup: {self.banding.bands} bands of {self.banding.rows} rows find only "
                f"{found:.1%} of pairs at threshold {self.threshold}; give more bands, leave both "
                f"out, or type: -s dedup.recall={found - 0.0005:.3f}"
            )

    @property
    def banding(self) -> Banding:
        """The bands asked for, or the cheapest that reach `recall`."""
        if self.bands:
            return Banding(bands=self.bands, rows=self.rows)
        return cheapest_banding(self.threshold, self.recall, MAX_HASHES)

    @property
    def shingle_rule(self) -> ShingleRule:
        """What documents are cut into."""
        return ShingleRule(kind=self.shingles, size=self.shingle_size)
