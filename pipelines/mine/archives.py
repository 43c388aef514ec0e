"""Repositories from files. In: a bundle or tarball, a folder. Out: the path of a bare repository.

    import_archive(Path("/data/shop.bundle"), clone_dir)  ->  Path(".../shop-3f2a91c0-77b1....git")

The repository is named after the file's place and its SHA-256: an unchanged file is not imported
again. It is made under another name and renamed when it is whole; what a killed run left is removed
by the next one, and so is what an earlier content of the same file gave.
"""

import fcntl
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.mine.bundles import import_bundle, is_bundle
from pipelines.mine.clones import slug_of
from pipelines.mine.tar_imports import import_tarball
from schemas.errors import InputError
from schemas.ids import stable_id

SUFFIXES = (".bundle", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst")
_TARBALLS = SUFFIXES[1:]
_FORMAT = 1
"""Of what is imported; a new number imports every archive again."""
_NOTES = "katydid-notes.json"


def is_archive(path: Path) -> bool:
    """Whether a file is a bundle by its first bytes, or a tarball by its name."""
    return path.is_file() and (path.name.lower().endswith(_TARBALLS) or is_bundle(path))


def name_of_archive(path: Path) -> str:
    """A file's name without what says that it is an archive."""
    name = path.name
    suffixes = [suffix for suffix in SUFFIXES if name.lower().endswith(suffix)]
    return name[: len(name) - len(max(suffixes, key=len, default=""))].removesuffix(".git")


def import_archive(path: Path, clone_dir: Path) -> Path:
    """Import, or find what was imported. Raises InputError when the file is no such archive."""
    prefix = f"{slug_of(name_of_archive(path))}-{stable_id('archive', str(path))[:8]}"
    key = stable_id("content", _FORMAT, _sha256(path))[:16]
    target = clone_dir / f"{prefix}-{key}.git"
    clone_dir.mkdir(parents=True, exist_ok=True)
    with _locked(clone_dir / f"{prefix}.lock"):
        if not target.exists():
            part = target.with_suffix(".part")
            _remove_others(clone_dir, prefix, keep=_versions(clone_dir, prefix, "git"))
            notes = import_bundle(path, part) if is_bundle(path) else import_tarball(path, part)
            (part / _NOTES).write_text(json.dumps(notes))
            part.rename(target)
        _remove_others(clone_dir, prefix, keep=[target])
    return target


def read_notes(repository: Path) -> list[str]:
    """What the import left out, one sentence each."""
    notes: list[str] = json.loads((repository / _NOTES).read_text())
    return notes


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One import of a file at a time; the lock ends with the process that holds it."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _versions(clone_dir: Path, prefix: str, suffix: str) -> list[Path]:
    name = re.compile(rf"{re.escape(prefix)}-[0-9a-f]{{16}}\.(?:{suffix})")
    return sorted(path for path in clone_dir.iterdir() if name.fullmatch(path.name))


def _remove_others(clone_dir: Path, prefix: str, *, keep: list[Path]) -> None:
    for path in _versions(clone_dir, prefix, "git|part"):
        if path not in keep:
            shutil.rmtree(path)
