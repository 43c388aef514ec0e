"""Profiles: named sets of anonymize settings. In: a name. Out: what it keeps, removes and sets.

    read_profile("enterprise-strict").settings["times"]                  ->  "week"
    with_profile({"profile": "enterprise", "times": "keep"})["times"]    ->  "keep"

A profile is a TOML file of the folder `profiles/`. What the user sets wins over what it sets.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transforms.profile_files import names_in, read_values

DEFAULT = "public"
_FOLDER = Path(__file__).parent / "profiles"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One profile as its file says it."""

    name: str
    sentence: str
    """Whom it is for."""
    keeps: tuple[str, ...]
    removes: tuple[str, ...]
    settings: dict[str, Any]
    """Fields of `AnonymizeConfig`."""


def profile_names() -> list[str]:
    """The names of all profiles, sorted."""
    return names_in(_FOLDER)


def read_profile(name: str) -> Profile:
    """The profile. Raises ConfigError for a name that there is none of."""
    values = read_values(_FOLDER, name, "anonymize")
    return Profile(
        name=name,
        sentence=values["for"],
        keeps=tuple(values["keeps"]),
        removes=tuple(values["removes"]),
        settings=values["settings"],
    )


def with_profile(section: dict[str, Any]) -> dict[str, Any]:
    """The section `anonymize` of a settings file, with what its profile sets filled in."""
    name = section.get("profile", DEFAULT)
    return {**read_profile(str(name)).settings, **section}


def describe_profiles(name: str = "") -> list[dict[str, str]]:
    """Rows to print: all profiles, or what one of them keeps, removes and sets."""
    if not name:
        return [{"profile": name, "for": read_profile(name).sentence} for name in profile_names()]
    profile = read_profile(name)
    keeps = [{"what": "keeps", "of": text} for text in profile.keeps]
    removes = [{"what": "removes", "of": text} for text in profile.removes]
    settings = [
        {"what": "sets", "of": f"anonymize.{key} = {value!r}"}
        for key, value in profile.settings.items()
    ]
    return [*keeps, *removes, *settings]
