"""Scanners for secrets that detection does not use. In: a folder of texts. Out: what they find.

    find_scanners()  ->  [Scanner(name="detect-secrets", version="1.5.0", ...), ...]

Their reports hold raw values: they are read from pipes and reduced at once. Marks in a text that
would silence a scanner ("gitleaks:allow") are switched off, as are look-ups over the network.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from pipelines.audit.stock import Found
from schemas.errors import StageError

INSTALL = {
    "detect-secrets": "pip install 'katydid[audit]'",
    "kingfisher": "pip install 'katydid[audit]'",
    "gitleaks": "put a gitleaks binary on PATH",
}
"""How each scanner is had."""
_SILENCERS = ("detect_secrets.filters.allowlist.is_line_allowlisted",)
_SETTINGS = ("GITLEAKS_", "KF_")


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """A scanner that is there."""

    name: str
    version: str
    program: str = ""
    """Its path; "" for a Python package."""


def find_scanners() -> list[Scanner]:
    """The scanners of this machine, by name."""
    scanners = []
    if importlib.util.find_spec("detect_secrets"):
        scanners.append(Scanner(name="detect-secrets", version=metadata.version("detect-secrets")))
    for name, arguments in (("gitleaks", ["version"]), ("kingfisher", ["--version"])):
        if program := _program(name):
            said = _run([program, *arguments], Path.cwd()).split()
            scanners.append(Scanner(name=name, version=said[-1] if said else "?", program=program))
    return scanners


def scan(scanner: Scanner, folder: Path, cache: Path) -> Iterator[tuple[str, Found]]:
    """(file name, what was found in it). `cache` is a folder for compiled rules."""
    return _SCANS[scanner.name](scanner, folder, cache)


def _program(name: str) -> str | None:
    """On PATH, or beside the interpreter, where pip puts it."""
    beside = Path(sys.executable).parent / name
    return shutil.which(name) or (str(beside) if beside.exists() else None)


def _detect_secrets(scanner: Scanner, folder: Path, cache: Path) -> Iterator[tuple[str, Found]]:
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import default_settings, get_settings

    with default_settings():
        get_settings().disable_filters(*_SILENCERS)
        for path in sorted(folder.iterdir()):
            for secret in scan_file(str(path)):
                yield path.name, Found(secret.type, secret.secret_value or "", secret.line_number)


def _gitleaks(scanner: Scanner, folder: Path, cache: Path) -> Iterator[tuple[str, Found]]:
    report = _run(
        [scanner.program, "dir", str(folder), "--no-banner", "--ignore-gitleaks-allow",
         "--exit-code", "0", "--report-format", "json", "--report-path", "-"],
        folder,
    )  # fmt: skip
    for finding in json.loads(report or "[]"):
        found = Found(finding["RuleID"], finding["Secret"], finding["StartLine"])
        yield Path(finding["File"]).name, found


def _kingfisher(scanner: Scanner, folder: Path, cache: Path) -> Iterator[tuple[str, Found]]:
    report = _run(
        [scanner.program, "scan", str(folder), "--no-validate", "--no-update-check", "--no-dedup",
         "--confidence", "low", "--format", "jsonl", "--no-extract-archives",
         "--rule-cache-dir", str(cache)],
        folder,
    )  # fmt: skip
    for line in report.splitlines():
        values: dict[str, Any] = json.loads(line)
        if finding := values.get("finding"):
            found = Found(values["rule"]["id"], finding["snippet"], finding["line"])
            yield Path(finding["path"]).name, found


def _run(command: list[str], folder: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_SETTINGS)}
    result = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    # Kingfisher says with 200 to 205 that it found something.
    if result.returncode not in (0, *range(200, 206)):
        raise StageError(
            f"audit: {Path(command[0]).name} ended with status {result.returncode}; "
            "install another version, or take it off PATH"
        )
    return result.stdout.decode("utf-8", "replace")


_SCANS: dict[str, Callable[[Scanner, Path, Path], Iterator[tuple[str, Found]]]] = {
    "detect-secrets": _detect_secrets,
    "gitleaks": _gitleaks,
    "kingfisher": _kingfisher,
}
