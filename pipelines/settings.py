"""The settings of a whole run: one section per stage. In: TOML and overrides. Out: `Settings`.

    seed = 0
    [mine]
    repos = ["/data/git/click.git"]
    [dedup]
    threshold = 0.8

Each section is the stage's own configuration dataclass, found beside the stage.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from pipelines.github.config import GithubConfig
from pipelines.mine.config import MineConfig
from schemas.settings import from_plain, read_values
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.profiles import with_profile
from transforms.decontaminate.config import DecontaminateConfig
from transforms.decontaminate.profiles import with_profile as with_benchmarks
from transforms.dedup.config import DedupConfig
from transforms.label.config import LabelConfig
from transforms.mix.config import MixConfig
from transforms.synthesize.config import SynthesizeConfig


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that decides a run's output, besides its inputs."""

    seed: int = 0
    """From which every random choice is derived, together with a row's id."""
    github: GithubConfig = field(default_factory=GithubConfig)
    """Whom to ask about pull requests, and how."""
    mine: MineConfig = field(default_factory=MineConfig)
    """Which repositories to read."""
    anonymize: AnonymizeConfig = field(default_factory=AnonymizeConfig)
    """What counts as personal or secret."""
    dedup: DedupConfig = field(default_factory=DedupConfig)
    """When two rows are the same."""
    decontaminate: DecontaminateConfig = field(default_factory=DecontaminateConfig)
    """Which benchmarks to keep out."""
    label: LabelConfig = field(default_factory=LabelConfig)
    """When a label is sure enough."""
    synthesize: SynthesizeConfig = field(default_factory=SynthesizeConfig)
    """How dialogues are made."""
    mix: MixConfig = field(default_factory=MixConfig)
    """What goes into the corpus."""


@dataclass(frozen=True, kw_only=True)
class SettingHelp:
    """One setting as `katydid stages` shows it."""

    path: str
    default: Any
    sentence: str


def load_settings(path: Path | None, overrides: Sequence[str] = ()) -> Settings:
    """The settings of a TOML file with overrides applied; profiles fill in the rest.

    Raises InputError when the file is absent and ConfigError for what is wrong in it.
    """
    values = read_values(path, overrides)
    for name, fill in (("anonymize", with_profile), ("decontaminate", with_benchmarks)):
        section = values.get(name, {})
        if isinstance(section, dict):
            values[name] = fill(section)
    return from_plain(Settings, values)


def describe_settings(section: str) -> list[SettingHelp]:
    """Every setting of a section with its default and the sentence written under it."""
    config_class = type(getattr(Settings(), section))
    sentences = dict(_sentences(config_class))
    default = config_class()
    return [
        SettingHelp(
            path=f"{section}.{item.name}",
            default=getattr(default, item.name),
            sentence=sentences.get(item.name, ""),
        )
        for item in fields(config_class)
    ]


def _sentences(config_class: type) -> Iterator[tuple[str, str]]:
    """(field, the string under it): Python drops those strings, so they are read from source."""
    source = textwrap.dedent(inspect.getsource(config_class))
    (class_node,) = ast.parse(source).body
    assert isinstance(class_node, ast.ClassDef)
    for node, after in zip(class_node.body, class_node.body[1:], strict=False):
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
        ):
            yield node.target.id, " ".join(str(after.value.value).split())
