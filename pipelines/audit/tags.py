"""Keyed tags of values, and the list of values that somebody has reviewed. In: key, TOML file.

    [[allow]]
    tag = "5b0f0c6c1a2f4d3e8a9b7c6d5e4f3a2b"
    reason = "test vector of RFC 7748"

A tag is an HMAC under the key of the pseudonyms, so neither report nor list holds a raw value.
"""

import hashlib
import hmac
import tomllib
from pathlib import Path

from schemas.errors import ConfigError, InputError

TAG_CHARS = 32


def value_tag(key: bytes, value: str) -> str:
    """32 hex digits that tell values apart, whatever their case; another key gives others."""
    message = b"katydid audit\0" + value.strip().casefold().encode("utf-8", "replace")
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:TAG_CHARS]


def read_allowed(path: Path | None) -> dict[str, str]:
    """Tag -> reason. Raises InputError for no such file, ConfigError for a wrong entry."""
    if path is None:
        return {}
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"no file {path}; give another with --allow") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    entries = values.get("allow", [])
    if set(values) - {"allow"} or not isinstance(entries, list):
        raise ConfigError(f"{path}: write entries as [[allow]] with a tag and a reason")
    return dict(_entry(path, number, entry) for number, entry in enumerate(entries, start=1))


def _entry(path: Path, number: int, entry: object) -> tuple[str, str]:
    values = entry if isinstance(entry, dict) else {}
    tag, reason = values.get("tag", ""), values.get("reason", "")
    is_tag = isinstance(tag, str) and len(tag) == TAG_CHARS
    if set(values) != {"tag", "reason"} or not is_tag or not str(reason).strip():
        raise ConfigError(
            f"{path}: entry {number}: an entry has a tag of {TAG_CHARS} digits and a reason"
        )
    return tag, str(reason)
