"""Licences told by their texts, against Licensee.

    python tests/benchmarks/licenses.py /data/git/click.git .venv/lib/python3.11/site-packages

Needs Ruby and Licensee (Debian: ruby-licensee). In: folders and git repositories whose licence
files are read, and "spdx=FOLDER" of files named ID.txt or ID.json (with "licenseText", as npm's
spdx-license-list has them), whose names are the truth. Out: tables. Ids are compared without
"-only" and "-or-later", which a text alone does not tell; where we find several licences in one
file, one of which is Licensee's, the file counts as "more".
"""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from pipelines.mine.commits import decode_text
from pipelines.mine.git import open_repository
from pipelines.text_table import render_table
from transforms.licenses import UNKNOWN, is_license_path, license_of

_RUBY = r"""
require 'licensee'; require 'json'
STDIN.each_line(chomp: true) do |path|
  text = File.read(path, encoding: 'bom|utf-8').scrub
  file = Licensee::ProjectFiles::LicenseFile.new(text, 'LICENSE')
  puts JSON.generate(file.license&.spdx_id)
end
"""


def read_texts(source: str) -> Iterator[tuple[str, str]]:
    """(path, text) of the licence files of a folder or of a repository's head commit."""
    if (Path(source) / "objects").is_dir():
        with open_repository(source) as repository:
            head = repository.head(repository.refs())
            names = {e.sha: e.path for e in repository.tree_entries(head) if _is_wanted(e.path)}
            for sha, data in repository.read_blobs(sorted(names)):
                if text := decode_text(data or b""):
                    yield names[sha], text
        return
    for path in sorted(Path(source).rglob("*")):
        is_file = _is_wanted(path.name) and path.is_file()
        if is_file and (text := decode_text(path.read_bytes())):
            yield str(path), text


def _is_wanted(path: str) -> bool:
    return is_license_path(path.rpartition("/")[2])


def read_truth(folder: str) -> Iterator[tuple[str, str]]:
    """(id, text) of the SPDX texts."""
    for path in sorted(Path(folder).iterdir()):
        text = path.read_text()
        yield path.stem, json.loads(text)["licenseText"] if path.suffix == ".json" else text


def ask_licensee(texts: list[str]) -> list[str]:
    """Licensee's ids, "unknown" where it has none."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / str(number) for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        asked = "".join(f"{path}\n" for path in paths)
        command = ["ruby", "-e", _RUBY]
        answer = subprocess.run(command, input=asked, text=True, check=True, capture_output=True)
    found = map(json.loads, answer.stdout.splitlines())
    return [UNKNOWN if spdx in (None, "NOASSERTION", "NONE") else spdx for spdx in found]


def plain(spdx: str) -> str:
    """An id or expression without what a text alone does not tell."""
    return re.sub(r"-only\b|-or-later\b|\+", "", spdx)


def verdict(ours: str, truth: str) -> str:
    """How our answer relates to another's."""
    if plain(ours) == plain(truth):
        return "same" if truth != UNKNOWN else "both unknown"
    if UNKNOWN in (ours, truth):
        return "ours unknown" if ours == UNKNOWN else "theirs unknown"
    return "more" if plain(truth) in re.split(r" (?:AND|OR|WITH) ", plain(ours)) else "differs"


def compare_files(sources: list[str]) -> None:
    """Licence files of projects: each text once."""
    texts: dict[bytes, tuple[str, str]] = {}
    for source in sources:
        for path, text in read_texts(source):
            texts.setdefault(hashlib.sha256(text.encode()).digest(), (f"{source}: {path}", text))
    theirs = ask_licensee([text for _, text in texts.values()])
    rows = [
        (verdict(ours := license_of(text), spdx), ours, spdx, name)
        for (name, text), spdx in zip(texts.values(), theirs, strict=True)
    ]
    counts = Counter(row[0] for row in rows)
    told = counts["same"] + counts["more"]
    num_ours, num_theirs = told + counts["differs"], told + counts["differs"]
    print(render_table([[k, n] for k, n in counts.most_common()], ["verdict", "texts"]))
    print(f"precision {told / max(num_ours, 1):.3f} where both have an answer, ", end="")
    print(
        f"recall {told / max(num_theirs + counts['ours unknown'], 1):.3f} of Licensee's answers\n"
    )
    for kind in ("differs", "ours unknown", "more", "theirs unknown"):
        differing = Counter(row[1:3] for row in rows if row[0] == kind).most_common(12)
        lines = [[kind, *pair, n] for pair, n in differing]
        print(render_table(lines, ["verdict", "ours", "Licensee", "texts"]) + "\n")


def compare_truth(folder: str) -> None:
    """The texts of SPDX: both programs against the name."""
    names, texts = zip(*read_truth(folder), strict=True)
    theirs = ask_licensee(list(texts))
    rows = []
    for who, answers in (("ours", list(map(license_of, texts))), ("Licensee", theirs)):
        kinds = Counter(verdict(answer, name) for answer, name in zip(answers, names, strict=True))
        right, wrong = kinds["same"], kinds["differs"] + kinds["more"]
        precision = right / max(right + wrong, 1)
        rows.append([who, len(texts), right, wrong, kinds["ours unknown"], f"{precision:.3f}"])
    print(render_table(rows, ["SPDX texts", "texts", "right", "wrong", "unknown", "precision"]))
    common = [
        (verdict(license_of(text), name), license_of(text), name)
        for name, text, spdx in zip(names, texts, theirs, strict=True)
        if plain(spdx) == plain(name)
    ]
    right = sum(kind == "same" for kind, _, _ in common)
    print(f"\nof the {len(common)} that Licensee knows, ours are right in {right}; others:")
    print(", ".join(f"{name}: {ours}" for kind, ours, name in common if kind != "same"))


def main(sources: list[str]) -> None:
    """Compare and report."""
    truth = [source.removeprefix("spdx=") for source in sources if source.startswith("spdx=")]
    for folder in truth:
        compare_truth(folder)
    if others := [source for source in sources if not source.startswith("spdx=")]:
        compare_files(others)


if __name__ == "__main__":
    main(sys.argv[1:])
