"""Imports that a manifest leads to: Go, Rust, JavaScript. In: `Tree`, `Manifests`. Out: paths.

resolve_go(tree, manifests, "cmd/main.go", "example.com/shop/cart")  ->  ("cart/cart.go",)
"""

import re
from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath, splitext

from transforms.imports.manifests import Manifests
from transforms.imports.tree import Tree, folders_above

_SCRIPTS = ("ts", "tsx", "d.ts", "mts", "cts", "js", "jsx", "mjs", "cjs", "vue", "svelte", "json")
_SCRIPT_ENDINGS = ("", *(f".{e}" for e in _SCRIPTS), *(f"/index.{e}" for e in _SCRIPTS))
_BUILT_FROM = {".js": (".ts", ".tsx", ".jsx", ".d.ts"), ".mjs": (".mts", ".ts"),
               ".cjs": (".cts", ".ts"), ".jsx": (".tsx",)}  # fmt: skip


def resolve_go(tree: Tree, manifests: Manifests, path: str, target: str) -> tuple[str, ...]:
    """The files, tests left out, of the package at an import path: a module's own or vendored."""
    modules = (target, *folders_above(target))
    module = next((name for name in modules if name in manifests.go_modules), "")
    if module:
        folder = join(manifests.go_modules[module], target[len(module) :].lstrip("/"))
        return _go_files(tree, folder.rstrip("/"))
    vendored = (join(folder, "vendor", target) for folder in folders_above(path))
    return next(filter(None, (_go_files(tree, folder) for folder in vendored)), ())


def _go_files(tree: Tree, folder: str) -> tuple[str, ...]:
    names = tree.by_folder.get(folder, ())
    return tuple(p for p in names if p.endswith(".go") and not p.endswith("_test.go"))


def resolve_rust(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """`mod x;` is x.rs or x/mod.rs; a path leads to the longest beginning of it that is a file."""
    own = _module_folder(path)
    if target.startswith("mod "):
        return _rust_file(tree, join(own, target[4:]))
    first, *rest = target.removeprefix("::").split("::")
    if first == "super":
        folder = dirname(own)
        while rest[:1] == ["super"]:
            folder, rest = dirname(folder), rest[1:]
    elif first == "crate":
        folder = join(manifests.package_of(path), "src")
    elif first in manifests.crates:
        folder = join(manifests.crates[first], "src")
    else:
        folder, rest = own, rest if first == "self" else [first, *rest]
        return _longest(tree, folder, rest)
    return _longest(tree, folder, rest) or _rust_file(tree, folder) or _crate_root(tree, folder)


def _longest(tree: Tree, folder: str, parts: list[str]) -> str | None:
    found = (_rust_file(tree, join(folder, *parts[:n])) for n in range(min(len(parts), 30), 0, -1))
    return next(filter(None, found), None)


def _module_folder(path: str) -> str:
    """Where the modules within a file's module lie."""
    folder, stem = dirname(path), splitext(basename(path))[0]
    is_root = stem in ("mod", "lib", "main") or basename(folder) in ("tests", "examples", "benches")
    return folder if is_root else join(folder, stem)


def _rust_file(tree: Tree, module: str) -> str | None:
    return tree.relative("", module, (".rs", "/mod.rs"))


def _crate_root(tree: Tree, folder: str) -> str | None:
    return tree.relative("", folder, ("/lib.rs", "/main.rs"))


def resolve_script_module(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """JavaScript and its kin: relative, an alias of the project, a package of the workspace."""
    plain = target.split("?")[0]
    if plain.startswith("."):
        return _script(tree, dirname(path), plain)
    package = manifests.package_of(path)
    if plain.startswith("/"):
        folders = (package, join(package, "public"), dirname(path), "")
        found = (_script(tree, folder, plain.lstrip("/")) for folder in folders)
        return next(filter(None, found), None)
    tried = (_script(tree, "", name) for name in _aliased(manifests, path, plain))
    return next(filter(None, tried), None) or _of_workspace(tree, manifests, plain)


def _script(tree: Tree, folder: str, target: str) -> str | None:
    found = tree.relative(folder, target, _SCRIPT_ENDINGS)
    stem, ending = splitext(target)
    return found or tree.relative(folder, stem, _BUILT_FROM.get(ending, ()))


def _aliased(manifests: Manifests, path: str, target: str) -> Iterator[str]:
    """What the aliases of the nearest folders make of a target."""
    for folder in folders_above(path):
        for pattern, replacement in manifests.aliases.get(folder, ()):
            start, star, end = pattern.partition("*")
            if target == pattern:
                yield replacement
            elif star and target.startswith(start) and target.endswith(end):
                middle = target[len(start) : len(target) - len(end)]
                yield normpath(replacement.replace("*", middle, 1))


def _of_workspace(tree: Tree, manifests: Manifests, target: str) -> str | None:
    num_parts = 2 if target.startswith("@") else 1
    name = "/".join(target.split("/")[:num_parts])
    if name not in manifests.npm_packages:
        return None
    folder, entries = manifests.npm_packages[name]
    rest = target[len(name) :].lstrip("/")
    # What is published is built from sources of the same name.
    names = [rest, f"src/{rest}"] if rest else _sources(entries)
    return next(filter(None, (_script(tree, folder, name) for name in names)), None)


def _sources(entries: tuple[str, ...]) -> list[str]:
    """Entries, and where they may be built from: dist/node/index.js from src/node/index.ts."""
    plain = [normpath(entry) for entry in entries]
    built = [re.sub(r"^(?:dist|build|lib|out)/", "src/", entry) for entry in plain]
    stems = [splitext(basename(entry))[0] for entry in plain]
    return [*plain, *built, *(f"src/{stem}" for stem in stems), "src/index", "index"]
