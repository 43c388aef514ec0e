"""A part of Samsung/CredData rebuilt from clones. In: its tool and metadata, clones. Out: labels.

    build_subset(Path("CredData"), Path("clones"), Path("work"))  ->  {"owner/name": "1a2b3c4d"}

CredData pins each of its repositories to a commit, and its tool replaces the credentials in the
files by random ones of the same shape. Clones are folders "owner+name", bare or not, or with the
repository in "repo"; nothing is written to them. A repository without its clone, its commit or one
of its labelled files is left out, and said so.
"""

import binascii
import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TOOL = ("constants.py", "download_data.py", "meta_cred.py", "meta_key.py", "meta_row.py",
         "obfuscate_creds.py", "word_in_path.json")  # fmt: skip
_URL = "https://github.com/"


@dataclass(frozen=True, kw_only=True)
class Label:
    """What CredData says of some lines of a file, numbered from 1."""

    truth: str
    """T: a credential; F: none; X: a placeholder, an example, a test value."""
    category: str
    first: int
    last: int
    start: int
    """Column of the value in the first line; -1 where the whole line is meant."""
    end: int
    """Column after the value in the last line; -1 likewise."""

    @property
    def is_uuid(self) -> bool:
        return "UUID" in self.category


def part_of(repo: str) -> str:
    """ "development" or "test", by the first hex digit of SHA-256 of "owner/name"."""
    return "development" if hashlib.sha256(repo.encode()).hexdigest()[0] < "8" else "test"


def build_subset(creddata: Path, clones: Path, work: Path) -> dict[str, str]:
    """Folders of the repositories under work/data, by name. Takes a few minutes the first time."""
    built = work / "snapshot.json"
    if not (work / "data").exists():
        (work / "meta").mkdir(parents=True, exist_ok=True)
        for name in _TOOL:
            shutil.copy(creddata / name, work / name)
        snapshot = json.loads((creddata / "snapshot.json").read_text("utf-8"))
        kept = {key: url for key, url in snapshot.items() if _check_out(key, url, clones, work)}
        kept = {key: url for key, url in kept.items() if _has_files(key, url, creddata, work)}
        built.write_text(json.dumps(kept))
        command = [sys.executable, "download_data.py", "--skip_download", "--clean_data"]
        subprocess.run(command, cwd=work, check=True, capture_output=True)
    kept = json.loads(built.read_text("utf-8"))
    return {url.removeprefix(_URL): _folder(key) for key, url in kept.items()}


def labels_of(work: Path, folder: str) -> dict[Path, list[Label]]:
    """The labels of one repository by file."""
    found: dict[Path, list[Label]] = defaultdict(list)
    for row in _rows(work / "meta" / f"{folder}.csv"):
        label = Label(
            truth=row["GroundTruth"],
            category=row["Category"],
            first=int(row["LineStart"]),
            last=int(row["LineEnd"]),
            start=int(row["ValueStart"] or -1),
            end=int(row["ValueEnd"] or -1),
        )
        found[work / row["FilePath"]].append(label)
    return dict(sorted(found.items()))


def _folder(key: str) -> str:
    return f"{binascii.crc32(binascii.unhexlify(key)):08x}"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _check_out(key: str, url: str, clones: Path, work: Path) -> bool:
    """Fill work/tmp/KEY with the files of the pinned commit, as far as the clone has them."""
    name = url.removeprefix(_URL)
    clone = clones / name.replace("/", "+")
    git_dir = next(
        (path for path in (clone / "repo", clone / ".git", clone) if path.exists()), None
    )
    if git_dir is None:
        return False
    tree = work / "tmp" / key
    tree.mkdir(parents=True, exist_ok=True)
    paths = {"GIT_DIR": git_dir, "GIT_WORK_TREE": tree, "GIT_INDEX_FILE": work / "index"}
    environment = {**os.environ, **{name: str(path.resolve()) for name, path in paths.items()}}
    (work / "index").unlink(missing_ok=True)
    read = ["git", "read-tree", key[:40]]
    if subprocess.run(read, cwd=tree, env=environment, capture_output=True).returncode:
        print(f"left out: {name} lacks its pinned commit", file=sys.stderr)
        return False
    # Blobs that a partial clone lacks are reported by `_has_files`, where labels need them.
    write = ["git", "checkout-index", "--all", "--force", "--quiet"]
    subprocess.run(write, cwd=tree, env=environment, capture_output=True, check=False)
    return True


def _has_files(key: str, url: str, creddata: Path, work: Path) -> bool:
    """True when every labelled file is there; then its metadata is copied."""
    meta = creddata / "meta" / f"{_folder(key)}.csv"
    tree = work / "tmp" / key
    paths = (path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file())
    there = {hashlib.sha256(path.encode()).hexdigest()[:8] for path in paths}
    missing = {row["FileID"] for row in _rows(meta)} - there
    if missing:
        print(f"left out: {url} lacks {len(missing)} labelled files", file=sys.stderr)
        return False
    shutil.copy(meta, work / "meta")
    return True
