"""The settings of `decontaminate`. In: `[decontaminate]` of a settings file. Out: a checked config.

    DecontaminateConfig(profile="swe-bench", lists=("swe-bench=/data/test-00000-of-00001.parquet",))

A profile fills in what is not set (`transforms.decontaminate.profiles`).
"""

from dataclasses import dataclass

from schemas.errors import ConfigError
from transforms.decontaminate.profiles import read_profile

RULES = ("repository", "number", "commit", "base", "patch", "text")
SOURCE_FILES = ("never", "same-repository", "everywhere")


@dataclass(frozen=True, kw_only=True)
class DecontaminateConfig:
    """Which benchmarks to keep out, and what counts as a part of one."""

    profile: str = "none"
    """Fills in settings that are not set: "none", "swe-bench", "swe-bench-repositories",
    "swe-compass" or "code-text"."""
    lists: tuple[str, ...] = ()
    """Files with the benchmarks' rows, as published: .jsonl, .jsonl.gz, .json, .parquet or .csv;
    "name=path" names the benchmark, else the file does."""
    repositories: tuple[str, ...] = ()
    """Repositories ("owner/name") of which every row is dropped; needs no list."""
    rules: tuple[str, ...] = ("number", "commit", "patch", "text")
    """What is compared: the pull request's "number"; its "commit" (one that a list names as the
    solution, or the base where a number is not known); its "base" commit whatever its number;
    its "patch"; its "text". "repository" drops all rows of listed repositories."""
    patch_threshold: float = 0.5
    """Share of a benchmark patch's tokens that a row must hold, names as they are; more is asked
    of small patches."""
    renamed_threshold: float = 0.6
    """The same, whatever names are called."""
    source_files: str = "same-repository"
    """Where files are searched for a patch's added lines: "never", "same-repository" (at any path)
    or "everywhere"."""
    ngram: int = 13
    """Words in a row that are compared in texts (GPT-3, arXiv:2005.14165, appendix C)."""
    text_hits: int = 1
    """Runs of `ngram` words of one benchmark text that a row must hold."""
    text_share: float = 0.0
    """And the share of that text's runs, for lists of texts."""
    statement_share: float = 0.5
    """The share for problem statements of SWE-bench-like lists, which quote templates and logs."""
    text_columns: tuple[str, ...] = ()
    """Columns of text lists to read besides those known, such as "question"."""

    def __post_init__(self) -> None:
        for name, values, known in (
            ("rules", self.rules, RULES),
            ("source_files", (self.source_files,), SOURCE_FILES),
        ):
            for value in values:
                if value not in known:
                    raise ConfigError(
                        f"decontaminate.{name}: no {value!r}; use one of {', '.join(known)}"
                    )
        for name in ("patch_threshold", "renamed_threshold"):
            if not 0 < getattr(self, name) <= 1:
                raise ConfigError(f"decontaminate.{name} is over 0 and up to 1")
        for name in ("text_share", "statement_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"decontaminate.{name} is from 0 to 1")
        if min(self.ngram, self.text_hits) < 1:
            raise ConfigError("decontaminate: ngram and text_hits must be at least 1")
        profile = read_profile(self.profile)
        if profile.needs_list and not self.lists:
            raise ConfigError(
                f"decontaminate.profile {self.profile!r} needs a list: {profile.how_to_get}; then "
                f"type: -s 'decontaminate.lists=[\"{profile.example}\"]'"
            )
