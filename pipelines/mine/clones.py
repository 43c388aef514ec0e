"""Repositories given by URL. In: a URL, a folder. Out: the path of an up-to-date bare clone.

    update_clone("https://github.com/pallets/click", Path("~/.cache/katydid/clones"))

A clone is a repository of our own making, without templates, hooks or remotes; only branches, tags
and the heads of pull and merge requests are fetched, and only over https, http, ssh and file.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.mine.environment import safe_environment
from schemas.errors import ConfigError, InputError
from schemas.ids import stable_id

REFSPECS = (
    "+refs/heads/*:refs/heads/*",
    "+refs/tags/*:refs/tags/*",
    "+refs/pull/*/head:refs/pull/*/head",
    "+refs/merge-requests/*/head:refs/merge-requests/*/head",
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_PROTOCOLS = ("https", "http", "ssh", "file")


def is_url(location: str) -> bool:
    """Whether a location is a URL and not a path."""
    return _URL.match(location) is not None


def check_url(url: str, origin: str = "mine.repos") -> None:
    """Raise ConfigError for a transport that could run programs and for a URL with a secret.

    Before the "@" of https there is a token or a password; of ssh there is an account.
    """
    parts = urlsplit(url)
    if parts.scheme not in _PROTOCOLS:
        raise ConfigError(
            f"{origin}: {parts.scheme}:// is not allowed; use {', '.join(_PROTOCOLS)}, "
            "or clone the repository and give its path"
        )
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        raise ConfigError(
            f"{origin}: the URL of {parts.hostname} holds a password or token, which would be "
            "recorded with the run; clone the repository and give its path"
        )


def name_of_url(url: str) -> str:
    """The last two parts of a URL's path, "owner/name", or as many as there are."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return "/".join(parts[-2:]).removesuffix(".git")


def slug_of(name: str) -> str:
    """A name as part of a file name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")


def update_clone(url: str, clone_dir: Path) -> Path:
    """Clone, or fetch what is new. Raises InputError when the URL cannot be fetched."""
    check_url(url)
    path = clone_dir / f"{slug_of(name_of_url(url))}-{stable_id('clone', url)[:8]}.git"
    if not (path / "HEAD").exists():
        path.mkdir(parents=True, exist_ok=True)
        _git(path, url, "init", "--quiet", "--bare", "--template=")
    _git(path, url, "fetch", "--quiet", "--prune", "--no-tags", "--no-write-fetch-head",
         "--no-recurse-submodules", "--", url, *REFSPECS)  # fmt: skip
    symref = _git(path, url, "ls-remote", "--symref", "--", url, "HEAD")
    match = re.match(r"ref: (refs/heads/\S+)\tHEAD", symref)
    if match:
        _git(path, url, "symbolic-ref", "HEAD", match[1])
    return path


def _git(path: Path, url: str, *arguments: str) -> str:
    environment = os.environ | safe_environment(str(path), protocols=":".join(_PROTOCOLS))
    try:
        return run_git(arguments, environment)
    except InputError as error:
        raise InputError(f"{name_of_url(url)}: {error}; check the URL in mine.repos") from None


def run_git(arguments: tuple[str, ...], environment: Mapping[str, str]) -> str:
    """What git prints. Raises InputError with git's last line when it fails."""
    result = subprocess.run(
        ["git", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if result.returncode:
        said = result.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise InputError(f"git {arguments[0]} failed: {said}")
    return result.stdout.decode("utf-8", "replace")
