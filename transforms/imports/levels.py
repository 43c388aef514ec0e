"""An order in which every file follows what it imports. In: files, imports, manifests. Out: levels.

    dependency_levels({"a.py": ("python", ("b",)), "b.py": ("python", ())}, {})  ->
        {"a.py": Placement(package="", level=1), "b.py": Placement(package="", level=0)}

Level 0 imports nothing of the repository; else it is one more than the highest level imported,
after files that import each other are contracted to one (Tarjan 1972, "Depth-first search and
linear graph algorithms"; iterative). A level depends on what a file imports, directly or not, and
on no other file. DeepSeek-Coder (arXiv 2401.14196) trained on files in such an order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transforms.imports.by_name import Files
from transforms.imports.find import IMPORT_LANGUAGES
from transforms.imports.manifests import read_manifests
from transforms.imports.resolve import Resolver

MAX_IMPORTS_IN_ALL = 5_000_000
"""Of a repository; a few objects can unfold to half a million files of 2,000 imports each."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a file stands in its repository."""

    package: str
    """The folder of the nearest manifest; "" for the root."""
    level: int | None
    """Its dependency level; None where imports are not read for its language."""


def dependency_levels(files: Files, manifests: Mapping[str, str]) -> dict[str, Placement]:
    """Package and level of every file; `manifests` are texts by path (see `is_manifest`)."""
    declared = read_manifests(manifests)
    paths = sorted(path for path, (language, _) in files.items() if language in IMPORT_LANGUAGES)
    levels = dict(zip(paths, _levels(paths, files, Resolver(files, declared)), strict=True))
    return {
        path: Placement(package=declared.package_of(path), level=levels.get(path))
        for path in sorted(files)
    }


def _levels(paths: Sequence[str], files: Files, resolver: Resolver) -> list[int]:
    """A level per path. Several files imported together are one node, which adds no level.

    Over `MAX_IMPORTS_IN_ALL` only the first imports of each file count.
    """
    is_bounded = sum(len(files[path][1]) for path in paths) <= MAX_IMPORTS_IN_ALL
    limit = None if is_bounded else MAX_IMPORTS_IN_ALL // len(paths)
    numbers = {path: number for number, path in enumerate(paths)}
    edges: list[list[int]] = [[] for _ in paths]
    groups: dict[tuple[str, ...], int] = {}
    for path in paths:
        language, targets = files[path]
        found = dict.fromkeys(
            resolver.resolve(path, language, target) for target in targets[:limit]
        )
        for group in found:
            if len(group) > 1 and group not in groups:
                groups[group] = len(edges)
                edges.append([numbers[p] for p in group if p in numbers])
            single = [numbers[p] for p in group if p in numbers]
            edges[numbers[path]] += [groups[group]] if len(group) > 1 else single
    return _longest_paths(edges, len(paths))[: len(paths)]


def _longest_paths(edges: Sequence[Sequence[int]], num_files: int) -> list[int]:
    """Longest path below each node, in edges out of strongly connected parts that hold files."""
    levels = [-1] * len(edges)
    for part in strongly_connected(edges):
        members = set(part)
        below = max((levels[t] for n in part for t in edges[n] if t not in members), default=-1)
        level = below + any(number < num_files for number in part)
        for number in part:
            levels[number] = level
    return levels


def strongly_connected(edges: Sequence[Sequence[int]]) -> list[list[int]]:
    """Strongly connected parts, each after all that it leads to. Linear in nodes and edges."""
    index = [-1] * len(edges)
    low = [0] * len(edges)
    on_stack = [False] * len(edges)
    stack: list[int] = []
    parts: list[list[int]] = []
    count = 0
    for root in range(len(edges)):
        work = [(root, 0)] if index[root] < 0 else []
        while work:
            node, start = work.pop()
            if start == 0:
                index[node] = low[node] = count
                count += 1
                stack.append(node)
                on_stack[node] = True
            for position in range(start, len(edges[node])):
                target = edges[node][position]
                if index[target] < 0:
                    work += [(node, position + 1), (target, 0)]
                    break
                if on_stack[target]:
                    low[node] = min(low[node], index[target])
            else:
                if low[node] == index[node]:
                    part = _pop_until(stack, on_stack, node)
                    parts.append(part)
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
    return parts


def _pop_until(stack: list[int], on_stack: list[bool], node: int) -> list[int]:
    part: list[int] = []
    while not part or part[-1] != node:
        part.append(stack.pop())
        on_stack[part[-1]] = False
    return part
