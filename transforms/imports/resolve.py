"""The files that an import leads to. In: all files of a repository, an import. Out: paths.

    Resolver(files, manifests).resolve("shop/cart.py", "python", ".money:round_up")
        ->  ("shop/money.py",)

One path, or several where a whole package is imported; () for what is not in the repository.
"""

from collections.abc import Callable
from posixpath import dirname

from transforms.imports.by_module import resolve_go, resolve_rust, resolve_script_module
from transforms.imports.by_name import Files, Names
from transforms.imports.by_path import (
    resolve_dart,
    resolve_include,
    resolve_lua,
    resolve_ruby,
    resolve_schema,
    resolve_script,
    resolve_starlark,
    resolve_style,
)
from transforms.imports.manifests import Manifests
from transforms.imports.tree import Tree

_ToPath = Callable[[Tree, Manifests, str, str], str | None]

_BY_PATH: dict[str, _ToPath] = {
    **dict.fromkeys(
        ("astro", "javascript", "svelte", "tsx", "typescript", "vue"), resolve_script_module
    ),
    **dict.fromkeys(("arduino", "c", "cpp", "cuda", "glsl", "hlsl", "objectivec"), resolve_include),
    **dict.fromkeys(("css", "less", "postcss", "sass", "stylus"), resolve_style),
    **dict.fromkeys(("bash", "julia", "nix", "r", "tcl"), resolve_script),
    **dict.fromkeys(("erlang", "jsonnet", "protobuf", "solidity", "thrift", "zig"), resolve_schema),
    "dart": resolve_dart,
    "lua": resolve_lua,
    "ruby": resolve_ruby,
    "rust": resolve_rust,
    "starlark": resolve_starlark,
}


class Resolver:
    """Resolves imports within one repository; remembers what it found."""

    def __init__(self, files: Files, manifests: Manifests) -> None:
        self._tree = Tree(files)
        self._manifests = manifests
        self._names = Names(self._tree, manifests, files)
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def resolve(self, path: str, language: str, target: str) -> tuple[str, ...]:
        """Paths, sorted; never the importing file alone."""
        if target.startswith("package "):
            return ()
        found = self._find(path, language, target)
        return () if found == (path,) else found

    def _find(self, path: str, language: str, target: str) -> tuple[str, ...]:
        if language in ("python", "cython"):
            return self._names.python(path, target)
        if language == "go":
            return self._go(path, target)
        if language == "php" and target[:1] in "\"'":
            found = resolve_script(self._tree, self._manifests, path, target[1:-1].lstrip("/"))
        elif language in _BY_PATH:
            found = _BY_PATH[language](self._tree, self._manifests, path, target)
        else:
            return self._names.declared(language, path, target)
        return (found,) if found else ()

    def _go(self, path: str, target: str) -> tuple[str, ...]:
        key = (dirname(path), target)
        if key not in self._known:
            self._known[key] = resolve_go(self._tree, self._manifests, path, target)
        return self._known[key]
