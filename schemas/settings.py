"""Settings: TOML written by people, overridden with `-s stage.field=value`, checked by type.

In: a frozen dataclass type, a TOML file, override strings. Out: an instance of the dataclass.

    load(Settings, Path("my.toml"), ("dedup.threshold=0.8", 'mine.repos=["/data/click.git"]'))

An override's value is read as TOML; what is not valid TOML is taken as a string, so
`-s mine.license=MIT` needs no inner quotes. An unknown key is refused by its path.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from schemas.errors import ConfigError, InputError

Config = TypeVar("Config")


def load(config_class: type[Config], path: Path | None, overrides: Sequence[str] = ()) -> Config:
    """The settings of a TOML file with overrides applied, or the defaults.

    Raises InputError when the file is absent and ConfigError for bad TOML, an unknown key (named
    by its path) or a value of the wrong type.
    """
    return from_plain(config_class, read_values(path, overrides))


def read_values(path: Path | None, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """What a TOML file and overrides set, as nested dicts. Raises as `load` does, types apart."""
    values = _read_toml(path) if path else {}
    for override in overrides:
        _apply_override(values, override)
    return values


def from_plain(config_class: type[Config], values: dict[str, Any]) -> Config:
    """A configuration dataclass from nested dicts. Raises ConfigError as `load` does."""
    from pydantic import TypeAdapter, ValidationError

    unknown = sorted(_unknown_keys(config_class, values, ""))
    if unknown:
        raise ConfigError(f"unknown setting {', '.join(unknown)}")
    try:
        return TypeAdapter(config_class).validate_python(values)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        raise ConfigError("; ".join(_describe(problem) for problem in problems)) from None


def to_plain(config: Any) -> dict[str, Any]:
    """The resolved configuration as nested dicts and lists, for a manifest."""
    return cast(dict[str, Any], _lists(asdict(config)))


def _lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_lists(item) for item in value]
    return value


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"no settings file {path}; give another with -c") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _apply_override(values: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise ConfigError(f"-s {override!r}: write it as stage.field=value")
    for key in keys[:-1]:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            raise ConfigError(f"-s {path}: {key!r} is a value, not a section")
    values[keys[-1]] = _parse_value(text)


def _parse_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _unknown_keys(config_class: Any, values: dict[str, Any], path: str) -> Iterator[str]:
    """Dotted paths of keys that are no field, at any depth, each with what may have been meant."""
    known = get_type_hints(config_class)
    for key, value in values.items():
        if key not in known:
            meant = get_close_matches(key, known, n=1) or sorted(known)
            yield f"{path}{key} (did you mean {', '.join(path + name for name in meant)}?)"
        elif is_dataclass(known[key]) and isinstance(value, dict):
            yield from _unknown_keys(known[key], value, f"{path}{key}.")


def _describe(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    path = ".".join(str(part) for part in problem["loc"])
    return f"{path}: {message}" if path else message
