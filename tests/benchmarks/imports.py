"""Dependency order on real repositories: how many files have a level, which imports resolve.

    python tests/benchmarks/imports.py /data/git/click.git /data/git/loki.git ...

In: git repositories, of which the files of the head commits are read. Out: tables. An import looks
internal by rules that are not the resolver's: it is relative; its first part is a folder with an
`__init__.py`; it begins with a module path of a go.mod or a package that a file declares; it names
a package of a package.json; it is included in quotes.
"""

import re
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from posixpath import basename, dirname

sys.path.insert(0, str(Path(__file__).parent))

from detection import read_texts

from pipelines.text_table import render_table
from transforms.imports.find import find_imports
from transforms.imports.levels import Placement, dependency_levels
from transforms.imports.manifests import is_manifest, read_manifests
from transforms.imports.resolve import Resolver
from transforms.languages import language_of

_ASSET = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif|woff2?|wasm|ico|mp[34]|pdf)(?:\?|$)")
_SCRIPTS = ("javascript", "typescript", "tsx", "vue", "svelte")
_C = ("c", "cpp", "objectivec", "cuda")
_JVM = ("java", "kotlin", "scala", "groovy")


class Internal:
    """Whether an import looks as if it led to a file of the repository."""

    def __init__(
        self, texts: dict[str, str], files: dict[str, tuple[str, tuple[str, ...]]]
    ) -> None:
        self._python = {basename(dirname(path)) for path in texts if path.endswith("/__init__.py")}
        found = (re.findall(r"^module (\S+)", t, re.M) for p, t in texts.items() if "go.mod" in p)
        self._go = tuple(module for modules in found for module in modules)
        manifests = {p: t for p, t in texts.items() if p.endswith("package.json")}
        self._npm = set(read_manifests(manifests).npm_packages)
        self._packages = {
            target.removeprefix("package ")
            for _, targets in files.values()
            for target in targets
            if target.startswith("package ")
        }

    def __call__(self, language: str, target: str) -> bool:
        if language == "python":
            return target[0] == "." or re.split(r"[.:]", target)[0] in self._python
        if language == "go":
            return any(target == m or target.startswith(f"{m}/") for m in self._go)
        if language in _SCRIPTS:
            name = "/".join(target.split("/")[: 2 if target[0] == "@" else 1])
            return (target[0] == "." or name in self._npm) and not _ASSET.search(target)
        if language in _JVM:
            return any(target.startswith(f"{package}.") for package in self._packages)
        return target[0] == '"' if language in _C else target[0] == "."


def measure(git_dir: str) -> tuple[list[object], dict[str, list[int]]]:
    """A row of the repository; per language: imports, internal ones, resolved ones of these."""
    texts = {path: text for path, _, text in read_texts(git_dir)}
    languages = {path: language_of(path, text) for path, text in texts.items()}
    start = time.process_time()
    files = {path: (languages[path], find_imports(languages[path], text))
             for path, text in texts.items()}  # fmt: skip
    read = time.process_time()
    manifests = {path: text for path, text in texts.items() if is_manifest(path)}
    placed = dependency_levels(files, manifests)
    done = time.process_time()
    check_order(files, placed, resolver := Resolver(files, read_manifests(manifests)))
    levels = [p.level for p in placed.values() if p.level is not None]
    row = [git_dir, len(files), len(levels), f"{len(levels) / len(files):.2f}",
           sum(level > 0 for level in levels), max(levels, default=0),
           len({p.package for p in placed.values()}), f"{read - start:.2f}",
           f"{done - read:.2f}"]  # fmt: skip
    return row, resolved(files, resolver, Internal(texts, files))


def resolved(
    files: dict[str, tuple[str, tuple[str, ...]]], resolver: Resolver, is_internal: Internal
) -> dict[str, list[int]]:
    """Per language: imports, those that look internal, those of these that lead to a file."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for path, (language, targets) in files.items():
        for target in targets:
            if not target.startswith("package "):
                internal = is_internal(language, target)
                counts[language][0] += 1
                counts[language][1] += internal
                counts[language][2] += internal and bool(resolver.resolve(path, language, target))
    return counts


def check_order(
    files: dict[str, tuple[str, tuple[str, ...]]],
    placed: dict[str, Placement],
    resolver: Resolver,
) -> None:
    """Raises AssertionError where a file's level is below that of what it imports."""
    for path, (language, targets) in files.items():
        for target in targets:
            for other in resolver.resolve(path, language, target):
                own, below = placed[path].level, placed[other].level
                assert own is None or below is None or own >= below, (path, other)


def main(git_dirs: list[str]) -> None:
    """Measure and report."""
    rows: list[list[object]] = []
    total: Counter[tuple[str, int]] = Counter()
    for git_dir in git_dirs:
        row, counts = measure(git_dir)
        rows.append(row)
        for language, numbers in counts.items():
            total.update({(language, place): number for place, number in enumerate(numbers)})
    print(render_table(rows, ["repository", "files", "with level", "share", "above 0", "highest",
                              "packages", "read CPU s", "levels CPU s"]))  # fmt: skip
    by_language = [
        [name, *(total[name, place] for place in range(3)),
         f"{total[name, 2] / max(total[name, 1], 1):.3f}"]
        for name in sorted({name for name, _ in total})
    ]  # fmt: skip
    print()
    print(render_table(by_language, ["language", "imports", "internal", "resolved", "share"]))


if __name__ == "__main__":
    main(sys.argv[1:])
