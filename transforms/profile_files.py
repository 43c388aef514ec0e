"""Profiles as TOML files: named sets of a stage's settings. In: a folder, a name. Out: its values.

    names_in(folder)                                     ->  ["enterprise", "public"]
    read_values(folder, "public", "anonymize")           ->  {"for": "...", "settings": {...}}

What the user sets wins over what a profile sets.
"""

import tomllib
from pathlib import Path
from typing import Any

from schemas.errors import ConfigError


def names_in(folder: Path) -> list[str]:
    """The names of all profiles, sorted."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def read_values(folder: Path, name: str, section: str) -> dict[str, Any]:
    """A profile's file. Raises ConfigError for a name that there is none of."""
    known = names_in(folder)
    if name not in known:
        raise ConfigError(f"{section}.profile is one of {', '.join(known)}; not {name!r}")
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
