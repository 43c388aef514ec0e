"""A repository's paths, looked up as imports need them. In: paths. Out: `Tree`.

Tree(["a/x.h", "b/x.h"]).nearest("x.h", "b/main.c")  ->  "b/x.h"
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from posixpath import basename, dirname, join, normpath

MAX_CANDIDATES = 500
"""Files of one name that are compared to find the nearest; of more, the first by path are."""


class Tree:
    """The paths of one repository, which are relative and use "/"."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        self._nearest: dict[tuple[str, str], str | None] = {}

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """File name -> paths, sorted."""
        found = defaultdict(list)
        for path in sorted(self.paths):
            found[basename(path)].append(path)
        return dict(found)

    @cached_property
    def by_folder(self) -> dict[str, tuple[str, ...]]:
        """Folder -> paths directly in it, sorted."""
        found = defaultdict(list)
        for path in sorted(self.paths):
            found[dirname(path)].append(path)
        return {folder: tuple(paths) for folder, paths in found.items()}

    def relative(self, folder: str, target: str, endings: Iterable[str] = ("",)) -> str | None:
        """The file at `target`, with one of the endings, seen from a folder."""
        start = normpath(join(folder, target))
        start = "" if start == "." else start
        return next((start + end for end in endings if start + end in self.paths), None)

    def nearest(self, ending: str, origin: str) -> str | None:
        """The file whose path ends with whole segments `ending`, closest in the tree to `origin`.

        Closest is what shares most leading folders, then the shortest path, then the first.
        """
        folder = dirname(origin)
        key = (folder, ending)
        if key not in self._nearest:
            candidates = self.by_name.get(basename(ending), [])[:MAX_CANDIDATES]
            fitting = [p for p in candidates if p == ending or p.endswith(f"/{ending}")]
            ranked = ((-num_shared(folder, path), len(path), path) for path in fitting)
            self._nearest[key] = min(ranked, default=(0, 0, None))[2]
        return self._nearest[key]


def folders_above(path: str) -> Iterator[str]:
    """The folder of a path, the folder of that, and so on up to the root, "".

    An import may name an absolute path, whose last folder, "/", is its own.
    """
    folder = dirname(path)
    while folder.strip("/"):
        yield folder
        folder = dirname(folder)
    yield ""


def num_shared(folder: str, path: str) -> int:
    count = 0
    for one, other in zip(folder.split("/"), path.split("/")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count
