"""Which repositories to mine. In: `mine.repos` and a TOML inventory. Out: `RepositorySpec`s.

    [[repository]]
    name = "pay"                  # else from its path
    path = "mirrors/shop.git"     # relative to this file, or absolute, or a URL
    owner = "payments"
    license = "internal"          # or an SPDX expression; else read from its licence files
    sensitivity = "confidential"  # any word; mine.sensitivities picks by it
    subpath = "services/pay"      # only this folder; globs are read from it
    include = ["*.py"]            # globs as of .gitignore, see `pipelines.mine.scope`
    exclude = ["fixtures/"]
    submodules = true             # mine those that are found beside it, too

One path may stand in several tables with different names: a monorepo in parts.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipelines.mine.clones import check_url, is_url
from pipelines.mine.config import MineConfig
from pipelines.mine.scope import EVERYTHING, PathScope, check_glob, scope_below
from schemas.errors import ConfigError, InputError
from schemas.settings import from_plain
from transforms.licenses import UNKNOWN, license_of
from transforms.spdx import LICENSES

_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]*(?:/[A-Za-z0-9][A-Za-z0-9._+-]*)*"
_NAMED = re.compile(rf"({_NAME})=(.+)", re.S)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, kw_only=True)
class RepositorySpec:
    """A repository that somebody asked for, and what they say of it."""

    name: str
    """"" to derive it from the location."""
    location: str
    """A URL, or an absolute path."""
    origin: str = "mine.repos"
    """Where it was asked for, as errors name it."""
    owner: str = ""
    license: str = ""
    """"" to read it from licence files."""
    sensitivity: str = ""
    subpath: str = ""
    """The folder that `scope` is limited to; "" for the root."""
    scope: PathScope = EVERYTHING
    submodules: bool = False


@dataclass(frozen=True, kw_only=True)
class InventoryTable:
    """A [[repository]] table as it is written."""

    path: str = ""
    name: str = ""
    owner: str = ""
    license: str = ""
    sensitivity: str = ""
    subpath: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    submodules: bool = False


@dataclass(frozen=True, kw_only=True)
class _Inventory:
    repository: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Specs:
    """What is asked for, and what `mine.sensitivities` leaves out."""

    wanted: list[RepositorySpec]
    withheld: list[RepositorySpec]


def read_specs(config: MineConfig) -> Specs:
    """The repositories of `mine.repos` and of the inventory.

    Raises ConfigError for what is written wrong or asks for nothing, InputError without a file.
    """
    listed: list[RepositorySpec] = []
    if config.inventory:
        path = Path(config.inventory).expanduser()
        listed = read_inventory(path)
        _check_sensitivities(config.sensitivities, listed, path)
    elif config.sensitivities:
        raise ConfigError("mine.sensitivities picks from an inventory; give mine.inventory, too")
    picked = config.sensitivities or {spec.sensitivity for spec in listed}
    wanted = [_parse_setting(text) for text in config.repos]
    wanted += [spec for spec in listed if spec.sensitivity in picked]
    if not wanted:
        raise ConfigError(
            "mine.repos is empty; add -s mine.repos='[\"/data/git/shop.git\"]' "
            "or -s mine.inventory=inventory.toml"
        )
    return Specs(wanted=wanted, withheld=[spec for spec in listed if spec not in wanted])


def read_inventory(path: Path) -> list[RepositorySpec]:
    """Every table of an inventory. Errors name the file, the table and what to write."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"no inventory {path}; give a TOML file as mine.inventory") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    try:
        tables = from_plain(_Inventory, values).repository
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}; write each as [[repository]]") from None
    if not tables:
        raise ConfigError(f'{path} names no repository; write [[repository]] and path = "..."')
    return [_spec(path, index, table) for index, table in enumerate(tables, start=1)]


def _parse_setting(text: str) -> RepositorySpec:
    """Of "path", "URL", "name=path" or "name=URL"."""
    match = _NAMED.fullmatch(text)
    name, location = (match[1], match[2]) if match else ("", text)
    if is_url(location):
        check_url(location)
    else:
        location = str(Path(location).expanduser().absolute())
    return RepositorySpec(name=name, location=location)


def _spec(path: Path, index: int, values: dict[str, Any]) -> RepositorySpec:
    origin = f"{path}: [[repository]] {index}"
    try:
        table = from_plain(InventoryTable, values)
        if table.name:
            origin += f" ({table.name!r})"
        _check(table)
        if is_url(table.path):
            check_url(table.path, origin)
    except ConfigError as error:
        raise ConfigError(f"{origin}: {str(error).removeprefix(f'{origin}: ')}") from None
    location = table.path if is_url(table.path) else _absolute(path, table.path)
    subpath = table.subpath.strip("/")
    return RepositorySpec(
        name=table.name,
        location=location,
        origin=origin,
        owner=table.owner,
        license=table.license,
        sensitivity=table.sensitivity,
        subpath=subpath,
        scope=scope_below(subpath, table.include, table.exclude),
        submodules=table.submodules,
    )


def _absolute(inventory: Path, path: str) -> str:
    return str(inventory.absolute().parent / Path(path).expanduser())


def _check(table: InventoryTable) -> None:
    for key in ("path", "name", "owner", "sensitivity", "subpath"):
        if _CONTROL.search(getattr(table, key)):
            raise ConfigError(f"{key} holds a control character; write it on one line")
    if not table.path:
        raise ConfigError('path is missing; write path = "mirrors/shop.git"')
    if table.name and not re.fullmatch(_NAME, table.name):
        raise ConfigError(f'name {table.name!r}: write it like "shop" or "acme/shop"')
    _check_license(table.license)
    for glob in (*table.include, *table.exclude, *([table.subpath] if table.subpath else ())):
        check_glob(glob)


def _check_license(license: str) -> None:
    if license in ("", "internal") or license_of(f"SPDX-License-Identifier: {license}") != UNKNOWN:
        return
    meant = get_close_matches(license, sorted(LICENSES), n=1)
    hint = f"did you mean {meant[0]}? " if meant else ""
    raise ConfigError(
        f'license {license!r} is no SPDX expression; {hint}write an id such as "Apache-2.0" or '
        '"internal", or leave it out to read licence files'
    )


def _check_sensitivities(
    sensitivities: Sequence[str], specs: Sequence[RepositorySpec], path: Path
) -> None:
    known = sorted({spec.sensitivity for spec in specs})
    for wanted in sensitivities:
        if wanted not in known:
            meant = get_close_matches(wanted, known, n=1) or known
            raise ConfigError(
                f"mine.sensitivities: {wanted!r} is in no table of {path} "
                f"(did you mean {', '.join(map(repr, meant))}?)"
            )


def named(spec: RepositorySpec, name: str) -> RepositorySpec:
    """The spec with a name derived from its location, if it has none of its own."""
    # A monorepo's parts are named after their folders.
    own = f"{name}/{spec.subpath}" if spec.subpath else name
    return spec if spec.name else replace(spec, name=own)
