"""Profiles: named sets of decontaminate settings. In: a name. Out: what it sets and needs.

    read_profile("swe-bench").needs_list                  ->  True
    with_profile({"profile": "swe-bench"})["rules"]       ->  ["number", "commit", "patch", "text"]

A profile is a TOML file of the folder `profiles/`. What the user sets wins over what it sets.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.profile_files import names_in, read_values

DEFAULT = "none"
_FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One profile as its file says it."""

    name: str
    sentence: str
    """What it keeps out."""
    needs_list: bool
    how_to_get: str
    """Which file to download, and from where."""
    example: str
    """An entry of `decontaminate.lists`."""
    settings: dict[str, Any]
    """Fields of `DecontaminateConfig`."""


def profile_names() -> list[str]:
    """The names of all profiles, sorted."""
    return names_in(_FOLDER)


def read_profile(name: str) -> Profile:
    """The profile. Raises ConfigError for a name that there is none of."""
    values = read_values(_FOLDER, name, "decontaminate")
    return Profile(
        name=name,
        sentence=values["for"],
        needs_list=bool(values.get("how_to_get")),
        how_to_get=values.get("how_to_get", ""),
        example=values.get("example", ""),
        settings=values["settings"],
    )


def with_profile(section: dict[str, Any]) -> dict[str, Any]:
    """The section `decontaminate` of a settings file, with what its profile sets filled in."""
    name = section.get("profile", DEFAULT)
    return {**read_profile(str(name)).settings, **section}
