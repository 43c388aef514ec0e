"""Settings of `synthesize`. In: nothing. Out: `SynthesizeConfig()`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SynthesizeConfig:
    """How large a change may be replayed, and how the scripted engineer works."""

    run_commands: str = "auto"
    """"auto": the shell tool where a sandbox works; "require": stop without one; "never"."""
    max_files: int = 12
    """Changed files of a pull request."""
    max_edits: int = 40
    """Edit calls of a dialogue."""
    max_tree_files: int = 20_000
    """Files of the base commit."""
    max_file_bytes: int = 1_048_576
    """Bytes of one file; larger ones are left out of the tree."""
    max_tree_bytes: int = 128 << 20
    """Bytes of the base commit's files together."""
    max_observation_bytes: int = 16_000
    """Bytes of one tool result; the rest is cut and counted."""
    max_task_chars: int = 8_000
    """Characters of the request; the rest is cut and counted."""
    max_search_hits: int = 60
    """Lines that one search prints; the rest is counted."""
    max_searches: int = 3
    """Searches for words of the request."""
    max_calls_per_message: int = 4
    """Tool calls that the assistant makes at once."""
    max_checks: int = 4
    """Commands that check the changed files."""
    read_context_lines: int = 20
    """Lines read around a place to be changed, where the file is too long to be read whole."""
    max_whole_read_lines: int = 200
    """Lines of a file that is read whole."""
    ambiguous_edit_rate: float = 0.25
    """How often an edit whose text alone occurs several times is first tried with that text."""
    command_timeout_s: float = 20.0
    """Seconds that one command may take; a dialogue in which one takes longer is rejected."""
