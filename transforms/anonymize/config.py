"""Settings and key of the anonymize stage. In: TOML values, a key file. Out: a config, key bytes.

    AnonymizeConfig(key_file="runs/demo/anonymize.key", deny_list=("Acme Pay",))

Whoever holds the key can test a guess ("is this pseudonym Jane Doe?"), so it lies beside the data
with mode 0600, is never copied into a manifest (`key_fingerprint` is), and deleting it ends the
link between pseudonyms and people.
"""

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigError

MIN_KEY_BYTES = 32
RESERVED_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, kw_only=True)
class AnonymizeConfig:
    """What to look for and what to leave. Raises ConfigError for values out of range."""

    profile: str = "public"
    """Which profile of `katydid profiles` fills in the settings that are not set."""
    key_file: str = ""
    """File with the secret key of the pseudonyms; empty: the run directory's `anonymize.key`."""
    deny_list: tuple[str, ...] = ()
    """Names of companies, projects and products; replaced in any casing, inside identifiers too."""
    keep_emails: tuple[str, ...] = RESERVED_DOMAINS
    """Domains and addresses to leave as they are; a committer's own address is replaced anyway."""
    keep_names: tuple[str, ...] = ()
    """Committer names or logins that are no person's, such as a team or a build account."""
    keep_private_ips: bool = True
    """Leave RFC 1918 and unique local IPv6 addresses; they identify no one outside the network."""
    keep_reserved: bool = True
    """Leave values of ranges reserved for documentation and tests; pseudonyms lie in them."""
    keep_entities: tuple[str, ...] = ()
    """Entities to leave as they are wherever they stand, such as "MAC_ADDRESS"."""
    find_names: bool = True
    """Look for names of persons in prose, besides those of the history and of files."""
    names_in_code: bool = False
    """And in comments and docstrings, beside words such as "by" and "author"."""
    decode: bool = True
    """Look into base64, hexadecimal, percent signs and character escapes."""
    internal_domains: tuple[str, ...] = ()
    """Domains of the owner's network; hosts and URLs under them are replaced."""
    code_names_from_repository: bool = False
    """Take the names of a repository, of its owner and of its packages into the deny-list."""
    keep_notices: bool = True
    """Leave the copyright holders in vendored files, which are somebody else's work."""
    commit_shas: str = "keep"
    """"keep", or "pseudonym": SHAs lead to the original on a public host."""
    keyed_ids: bool = False
    """Key the ids of rows, which are plain hashes of the repository's name and a number or path."""
    times: str = "keep"
    """"keep", or round down to the "day" or "week" (from Monday), in UTC."""
    min_author_commits: int = 0
    """Persons with fewer commits in a repository share one pseudonym, "contributor-other"."""
    ticket_key_pattern: str = ""
    """RE2 pattern of ticket keys, such as "[A-Z]{2,9}-[0-9]{1,6}"; empty: none are looked for."""
    employee_id_pattern: str = ""
    """RE2 pattern of employee ids, for example "E[0-9]{6}"; empty: none are looked for."""
    min_score: float = 0.3
    """Findings of recognizers below this score are dropped."""
    extra_recognizers: tuple[str, ...] = ()
    """Presidio recognizers of your own as "module:Class"; they see whole texts."""
    extra_operators: tuple[str, ...] = ()
    """Presidio operators of your own as "ENTITY=module:Class", in place of our pseudonyms."""

    def __post_init__(self) -> None:
        if self.commit_shas not in ("keep", "pseudonym"):
            raise ConfigError('anonymize.commit_shas is "keep" or "pseudonym"')
        if self.times not in ("keep", "day", "week"):
            raise ConfigError('anonymize.times is "keep", "day" or "week"')
        if any(len(name.strip()) < 3 for name in self.deny_list):
            raise ConfigError("anonymize.deny_list: a name needs at least 3 characters")


def create_key(path: Path) -> bytes:
    """Write 64 hex digits from the system's randomness, mode 0600, and return them as bytes.

    Raises ConfigError when the file exists: replacing a key would break every issued pseudonym.
    """
    key = secrets.token_hex(MIN_KEY_BYTES).encode()
    # Written under another name first: a kill must not leave a key that is half there.
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise ConfigError(f"{path} exists; move it away to start with a new key") from None
    finally:
        temporary.unlink()
    return key


def read_key(path: Path) -> bytes:
    """The key's bytes. Raises ConfigError when the file is absent or shorter than 32 bytes."""
    try:
        key = path.read_bytes()
    except OSError:
        raise ConfigError(f"cannot read the key {path}; set anonymize.key_file") from None
    if len(key) < MIN_KEY_BYTES:
        raise ConfigError(f"{path} holds {len(key)} bytes; a key has at least {MIN_KEY_BYTES}")
    return key


def key_fingerprint(key: bytes) -> str:
    """32 hex digits that tell keys apart and reveal nothing of them; safe in a manifest."""
    return hmac.new(key, b"katydid anonymize key fingerprint", hashlib.sha256).hexdigest()[:32]
