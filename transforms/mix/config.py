"""Settings of `mix`. In: nothing. Out: `MixConfig`, all defaults usable as they are."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MixConfig:
    """What goes into the corpus and how it is split."""

    validation_fraction: float = 0.02
    """Share of repositories whose rows are validation; which ones follows from their names. Those
    with common history, as forks, fall together."""
    validation_repos: tuple[str, ...] = ()
    """Repositories that are validation whatever their share, with all that share history with them;
    with these, no others are."""
    licenses: tuple[str, ...] = ()
    """SPDX ids that may enter the corpus; empty for all, "unknown" and "internal" included."""
    min_chars: int = 40
    """Shortest document, in characters."""
    max_chars: int = 100_000
    """Longest document, in characters: the cut of The Stack v2's released pull requests."""
    max_base_chars: int = 20_000
    """A changed file longer than this is shown around its hunks only."""
    context_lines: int = 32
    """Lines shown on each side of a hunk where a file is not shown whole."""
    max_line_chars: int = 1_000
    """Source files with a longer line are left out, as in The Stack v2."""
    keep_generated: bool = False
    """Keep source files that a program made."""
    keep_vendored: bool = False
    """Keep source files copied from other projects."""
    keep_unparsable: bool = False
    """Keep source files that do not parse in their language."""
    max_dialogue_chars: int = 400_000
    """Longest dialogue, in characters over all messages."""
