"""Dependency levels: an order of files that follows their imports."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.imports import levels
from transforms.imports.find import find_imports
from transforms.imports.levels import Placement, dependency_levels, strongly_connected

Graph = dict[int, set[int]]
"""Node -> the nodes that it imports."""


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 12))
    nodes = st.integers(0, size - 1)
    edges = draw(st.sets(st.tuples(nodes, nodes), max_size=30))
    return {n: {b for a, b in edges if a == n and b != n} for n in range(size)}


def reachable(graph: Graph, start: int) -> set[int]:
    found: set[int] = set()
    todo = [start]
    while todo:
        new = graph[todo.pop()] - found
        found |= new
        todo += new
    return found


def as_python(graph: Graph) -> dict[str, str]:
    """One module a node, in one package."""
    files = {
        f"pkg/m{n}.py": "".join(
            f"from .m{t} import thing\n" if t % 2 else f"import pkg.m{t}\n" for t in sorted(targets)
        )
        for n, targets in graph.items()
    }
    return files | {"pkg/__init__.py": ""}


def as_go(graph: Graph) -> dict[str, str]:
    """One package a node, of two files; the second imports nothing."""
    files = {"go.mod": "module example.com/m\n"}
    for n, targets in graph.items():
        imports = "".join(f'\t"example.com/m/p{t}"\n' for t in sorted(targets))
        files[f"p{n}/a.go"] = f"package p{n}\n\nimport (\n{imports})\n"
        files[f"p{n}/z.go"] = f"package p{n}\n"
    return files


def place(texts: dict[str, str]) -> dict[str, Placement]:
    language = {"py": "python", "go": "go"}
    files = {
        path: (kind, find_imports(kind, text))
        for path, text in texts.items()
        if (kind := language.get(path.rpartition(".")[2]))
    }
    return dependency_levels(files, {p: t for p, t in texts.items() if p.endswith("go.mod")})


def check_order(graph: Graph, level: list[int]) -> None:
    below = {n: reachable(graph, n) for n in graph}
    for n, targets in graph.items():
        for target in targets:
            if n in below[target]:
                assert level[n] == level[target]
            else:
                assert level[n] > level[target]
        if not targets:
            assert level[n] == 0


@given(graphs())
def test_python_files_follow_what_they_import(graph: Graph) -> None:
    placed = place(as_python(graph))
    check_order(graph, [placed[f"pkg/m{n}.py"].level or 0 for n in graph])


@given(graphs())
def test_go_files_follow_the_packages_that_they_import(graph: Graph) -> None:
    placed = place(as_go(graph))
    levels = [placed[f"p{n}/a.go"].level or 0 for n in graph]
    check_order(graph, levels)
    in_cycle = [n for n in graph if n in reachable(graph, n)]
    alone = [placed[f"p{n}/z.go"].level for n in graph if n not in in_cycle]
    assert alone == [0] * len(alone)


@given(graphs())
def test_levels_are_as_low_as_they_can_be(graph: Graph) -> None:
    placed = place(as_python(graph))
    level = [placed[f"pkg/m{n}.py"].level or 0 for n in graph]
    for n in graph:
        cycle = {m for m in reachable(graph, n) if n in reachable(graph, m)} | {n}
        below = {t for m in cycle for t in graph[m]} - cycle
        assert level[n] == 1 + max((level[t] for t in below), default=-1)


@given(graphs())
def test_a_file_elsewhere_changes_no_level(graph: Graph) -> None:
    texts = as_python(graph)
    after = place(texts | {"tools/run.py": "import pkg.m0\n", "tools/other.py": "import run\n"})
    assert {path: after[path] for path in texts} == place(texts)


@given(graphs())
def test_the_order_of_files_changes_nothing(graph: Graph) -> None:
    texts = as_go(graph)
    assert place(dict(reversed(texts.items()))) == place(texts)


@given(graphs())
def test_strongly_connected_parts(graph: Graph) -> None:
    parts = strongly_connected([sorted(graph[n]) for n in graph])
    assert sorted(n for part in parts for n in part) == sorted(graph)
    place_of = {n: index for index, part in enumerate(parts) for n in part}
    for n in graph:
        for target in graph[n]:
            assert place_of[target] <= place_of[n]
            assert (place_of[target] == place_of[n]) == (n in reachable(graph, target))


def test_files_of_other_languages_have_a_package_and_no_level() -> None:
    files = {"web/a.ts": ("typescript", ("./b.json",)), "web/b.json": ("json", ()),
             "README.md": ("markdown", ())}  # fmt: skip
    assert dependency_levels(files, {"web/package.json": "{"}) == {
        "README.md": Placement(package="", level=None),
        "web/a.ts": Placement(package="web", level=0),
        "web/b.json": Placement(package="web", level=None),
    }


def test_20_000_files_take_under_two_seconds() -> None:
    texts = {"go.mod": "module example.com/m\n"}
    for n in range(20_000):
        imports = "".join(f'\t"example.com/m/p{t % 2000}"\n' for t in range(n, n + 8))
        texts[f"p{n % 2000}/f{n}.go"] = f"package p\n\nimport (\n{imports})\n"
    files = {path: ("go", find_imports("go", text)) for path, text in texts.items()}
    start = time.process_time()
    placed = dependency_levels(files, {"go.mod": texts["go.mod"]})
    assert time.process_time() - start < 2
    # Each package imports the next one, and the last the first.
    assert {placement.level for placement in placed.values()} == {0}


def test_a_long_chain_needs_no_recursion() -> None:
    files = {f"m{n}.py": ("python", (f"m{n + 1}",)) for n in range(5000)}
    placed = dependency_levels(files, {})
    assert placed["m0.py"].level == 4999


def test_of_very_many_imports_the_first_of_each_file_count(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"m{i}.py": ("python", (*(f"m{n}" for n in range(i)), "os")) for i in range(20)}
    assert dependency_levels(files, {})["m19.py"].level == 19
    monkeypatch.setattr(levels, "MAX_IMPORTS_IN_ALL", 20)
    assert {placed.level for placed in dependency_levels(files, {}).values()} == {0, 1}
