"""Imports that name a path. In: a `Tree`, the importing file, a target. Out: a path or None.

    resolve_include(tree, manifests, "src/main.c", '"cart.h"')  ->  "src/cart.h"

All resolvers have one signature, so that a table can hold them.
"""

import re
from posixpath import dirname, join

from transforms.imports.manifests import Manifests
from transforms.imports.tree import Tree

_STYLE_ENDINGS = ("", ".scss", ".sass", ".css", ".less", ".styl", ".pcss", "/index.scss",
                  "/_index.scss", "/index.sass", "/index.less", "/index.styl")  # fmt: skip


def resolve_include(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """C: beside the file, else the nearest path with that ending; <x.h> below "include" only."""
    name = target[1:-1]
    if target[0] == '"':
        return tree.relative(dirname(path), name) or tree.nearest(_plain(name), path)
    # <string.h> is the system's, even where a file of the repository has that name.
    return (
        tree.nearest(f"include/{name}", path) or ("/" in name and tree.nearest(name, path)) or None
    )


def resolve_style(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """CSS, Sass, Less: relative; Sass partials have a "_" before their name."""
    plain = target.split("?")[0].removeprefix("~")
    folder, _, name = plain.rpartition("/")
    partial = f"{folder}/_{name}" if folder else f"_{name}"
    found = (tree.relative(dirname(path), name, _STYLE_ENDINGS) for name in (plain, partial))
    return next(filter(None, found), None)


def resolve_ruby(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """Ruby: "./x" relative; else below a "lib" folder, the package's first."""
    name = target.removesuffix(".rb")
    if target.startswith("."):
        return tree.relative(dirname(path), f"{name}.rb")
    libraries = (join(manifests.package_of(path), "lib"), "lib")
    found = (tree.relative(folder, f"{name}.rb") for folder in libraries)
    return next(filter(None, found), None) or tree.nearest(f"lib/{name}.rb", path)


def resolve_lua(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """Lua: "a.b" is a/b.lua or a/b/init.lua, beside the file or nearest."""
    name = target.removesuffix(".lua").replace(".", "/")
    endings = (f"{name}.lua", f"{name}/init.lua")
    near = (tree.relative(dirname(path), ending) for ending in endings)
    far = (tree.nearest(ending, path) for ending in endings) if "/" in name else ()
    return next(filter(None, (*near, *far)), None)


def resolve_dart(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """Dart: relative, or "package:name/x.dart" in the lib folder of a package."""
    if not target.startswith("package:"):
        return tree.relative(dirname(path), target)
    name, _, rest = target.removeprefix("package:").partition("/")
    folder = manifests.dart_packages.get(name)
    return None if folder is None else tree.relative(join(folder, "lib"), rest)


def resolve_starlark(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """Bazel: "//package:file.bzl" from the root, ":file.bzl" beside the file."""
    if target.startswith("@"):
        return None
    package, _, name = target.removeprefix("//").partition(":")
    return tree.relative(package if target.startswith("//") else dirname(path), name or package)


def resolve_script(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """Shell, Tcl, R, Julia, Nix: relative to the file or the root; "$DIR/x.sh" is "x.sh"."""
    plain = re.sub(r"^.*[$][^/]*/", "", target)
    for folder in (dirname(path), manifests.package_of(path), ""):
        found = tree.relative(folder, plain, ("", "/default.nix"))
        if found or plain.startswith("."):
            return found
    return None


def resolve_schema(tree: Tree, manifests: Manifests, path: str, target: str) -> str | None:
    """Protocol buffers, Thrift, Jsonnet, Zig: relative, else the nearest with that ending."""
    found = tree.relative(dirname(path), target)
    return found or (tree.nearest(_plain(target), path) if "/" in target else None)


def _plain(target: str) -> str:
    """The target without leading "./" and "../"."""
    return re.sub(r"^(?:\.{0,2}/)+", "", target)
