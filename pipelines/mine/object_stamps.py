"""Whether a repository may have got new objects. In: its path. Out: a stamp, or "" for "perhaps".

    object_stamp("/data/git/click.git")  ->  "5f2b..."

What a row lacked can only have arrived if the names or sizes of packs and loose objects changed.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from pipelines.mine.git_dirs import find_git_dirs
from schemas.ids import fingerprint

_MAX_LOOSE = 100_000


def object_stamp(path: str) -> str:
    """Equal for equal object stores; "" where objects are borrowed or too many to be listed."""
    objects = find_git_dirs(path).shared / "objects"
    if (objects / "info" / "alternates").exists():
        return ""
    files = []
    for name, size in _files(objects):
        files.append([name, size])
        if len(files) > _MAX_LOOSE:
            return ""
    return fingerprint(sorted(files))


def _files(objects: Path) -> Iterator[tuple[str, int]]:
    for folder in os.scandir(objects):
        if folder.is_dir(follow_symlinks=False) and folder.name != "info":
            for file in os.scandir(folder.path):
                yield f"{folder.name}/{file.name}", file.stat(follow_symlinks=False).st_size
