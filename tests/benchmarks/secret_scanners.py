"""Public secret scanners, run on a folder. In: a folder. Out: (path, secret) of each finding.

    list(gitleaks(Path("files")))  ->  [("files/0001.txt", "..."), ...]

What they report stays in memory and in a temporary file: it holds the secrets in clear.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Found = tuple[str, str]


def gitleaks(folder: Path) -> Iterator[Found]:
    """gitleaks with its default rules."""
    command = [_tool("gitleaks"), "dir", str(folder), "--no-banner", "--log-level", "error"]
    report = _run([*command, "--exit-code", "0", "--report-format", "json", "--report-path", "-"])
    for finding in json.loads(report or "[]"):
        yield finding["File"], finding["Secret"]


def kingfisher(folder: Path) -> Iterator[Found]:
    """Kingfisher with its default rules of every confidence, without asking any service."""
    options = "--no-validate --no-update-check --no-dedup --quiet --confidence low --format json"
    report = json.loads(_run([_tool("kingfisher"), "scan", str(folder), *options.split()]))
    for row in report["findings"]:
        yield row["finding"]["path"], row["finding"]["snippet"]


def detect_secrets(folder: Path) -> Iterator[Found]:
    """detect-secrets with its default plugins and filters."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    for path in sorted(folder.iterdir()):
        secrets = SecretsCollection()
        with default_settings():
            secrets.scan_file(str(path))
        for name, secret in secrets:
            yield name, secret.secret_value or ""


SCANNERS: dict[str, Callable[[Path], Iterable[Found]]] = {
    "gitleaks": gitleaks,
    "detect-secrets": detect_secrets,
    "kingfisher": kingfisher,
}


def _tool(name: str) -> str:
    """The command beside this Python, as packages install it."""
    return str(Path(sys.executable).with_name(name))


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    if done.returncode not in (0, 200, 205):
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}")
    return done.stdout
