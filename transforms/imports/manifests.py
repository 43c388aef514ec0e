"""Packages and what their manifests say. In: paths and texts of manifests. Out: `Manifests`.

    read_manifests({"web/package.json": '{"name": "shop"}'}).package_of("web/src/a.ts")  ->  "web"

What a manifest declares is used to resolve imports; what cannot be parsed declares nothing.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath

from transforms.imports.tree import folders_above

PACKAGE_MANIFESTS = frozenset(
    (
        "build.gradle", "build.gradle.kts", "build.sbt", "cargo.toml", "composer.json",
        "dune-project", "go.mod", "mix.exs", "package.json", "package.swift", "pom.xml",
        "project.toml", "pubspec.yaml", "pyproject.toml", "rebar.config", "setup.cfg", "setup.py",
    )
)  # fmt: skip
"""Lower-case names of files that make their folder a package."""

_PACKAGE_SUFFIXES = (".csproj", ".fsproj", ".vbproj", ".gemspec", ".cabal", ".nimble")
# A string or comment without an end is one to the end of its line or of the file: linear time.
_JSONC_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*"?)|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)')
# `tomllib` takes quadratic time and memory for dotted keys: 14 s and all memory for 100 kB.
_CARGO_PACKAGE = re.compile(r"^[ \t]*\[[ \t]*package[ \t]*\][^\n]*", re.M)
_CARGO_NAME = re.compile(r"^[ \t]*(?:\[|name[ \t]*=[ \t]*[\"']([^\"'\n]+))", re.M)
_TRAILING_COMMA = re.compile(r",(?=\s{0,99}[}\]])")
_MAX_NESTING = 100
_MAX_ALIASES = 2_000
_MAX_ENTRIES = 100
"""Each import of a folder, or of a package, may try all of them."""


def is_manifest(path: str) -> bool:
    """Whether `read_manifests` wants to see a file's text."""
    name = basename(path).lower()
    return _is_package_manifest(name) or (name.startswith("tsconfig") and name.endswith(".json"))


def _is_package_manifest(name: str) -> bool:
    return name in PACKAGE_MANIFESTS or name.endswith(_PACKAGE_SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class Manifests:
    """What the manifests of a repository declare; folders are paths, "" for the root."""

    packages: frozenset[str] = frozenset()
    """Folders of packages."""
    go_modules: Mapping[str, str] = field(default_factory=dict)
    """Module path -> folder."""
    npm_packages: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    """Package name -> folder and the entry files that it names."""
    aliases: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Folder -> (pattern, path pattern) of TypeScript paths and of package.json's "imports"."""
    crates: Mapping[str, str] = field(default_factory=dict)
    """Crate name (with "_") -> folder."""
    dart_packages: Mapping[str, str] = field(default_factory=dict)
    """Package name -> folder."""

    def package_of(self, path: str) -> str:
        """The nearest package that a file is in; the root where there is none."""
        return next((folder for folder in folders_above(path) if folder in self.packages), "")


def read_manifests(texts: Mapping[str, str]) -> Manifests:
    """Everything that the manifests, by path, declare."""
    go: dict[str, str] = {}
    npm: dict[str, tuple[str, tuple[str, ...]]] = {}
    aliases: dict[str, tuple[tuple[str, str], ...]] = {}
    crates: dict[str, str] = {}
    dart: dict[str, str] = {}
    for path, text in sorted(texts.items(), key=lambda item: (item[0].count("/"), item[0])):
        folder, name = dirname(path), basename(path).lower()
        if name == "go.mod" and (match := re.search(r'^module\s+"?([^\s"]+)', text, re.M)):
            go.setdefault(match[1], folder)
        elif name == "package.json":
            _read_npm(folder, _json(text), npm, aliases)
        elif name.startswith("tsconfig"):
            found = _typescript_paths(folder, _json(text))
            known = dict.fromkeys((*aliases.get(folder, ()), *found))
            aliases[folder] = tuple(known)[:_MAX_ALIASES]
        elif name == "cargo.toml":
            crates.setdefault(_crate_name(text).replace("-", "_"), folder)
        elif name == "pubspec.yaml" and (match := re.search(r"^name:[ \t]*(\w+)", text, re.M)):
            dart.setdefault(match[1], folder)
    return Manifests(
        packages=frozenset(dirname(p) for p in texts if _is_package_manifest(basename(p).lower())),
        go_modules=go,
        npm_packages=npm,
        aliases=aliases,
        crates=crates,
        dart_packages=dart,
    )


def _json(text: str) -> dict[str, object]:
    """A JSON object, comments and trailing commas allowed; {} for anything else."""
    plain = _JSONC_COMMENT.sub(lambda match: match[1] or "", text)
    if plain.count("{") + plain.count("[") > 100_000:
        return {}
    try:
        value = json.loads(_TRAILING_COMMA.sub("", plain))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _read_npm(
    folder: str,
    manifest: dict[str, object],
    npm: dict[str, tuple[str, tuple[str, ...]]],
    aliases: dict[str, tuple[tuple[str, str], ...]],
) -> None:
    name = manifest.get("name")
    exports = manifest.get("exports")
    main = _object(exports).get(".", exports)
    entries = [*_strings(main), *_strings([manifest.get(k) for k in ("source", "module", "main")])]
    if isinstance(name, str):
        npm.setdefault(name, (folder, tuple(dict.fromkeys(entries))[:_MAX_ENTRIES]))
    internal = [
        (alias, normpath(join(folder, target)))
        for alias, value in _object(manifest.get("imports")).items()
        for target in _strings(value)
    ]
    aliases[folder] = (*aliases.get(folder, ()), *internal)[:_MAX_ALIASES]


def _strings(value: object, depth: int = 0) -> list[str]:
    """Every string in nested objects and lists, in order."""
    if isinstance(value, str):
        return [value]
    if depth > _MAX_NESTING or not isinstance(value, dict | list):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [text for part in parts for text in _strings(part, depth + 1)]


def _typescript_paths(folder: str, manifest: dict[str, object]) -> list[tuple[str, str]]:
    options = _object(manifest.get("compilerOptions"))
    base = options.get("baseUrl")
    root = join(folder, base) if isinstance(base, str) else folder
    pairs = [
        (alias, normpath(join(root, target)))
        for alias, targets in _object(options.get("paths")).items()
        for target in _strings(targets)
    ]
    return [*pairs, ("*", normpath(join(root, "*")))] if isinstance(base, str) else pairs


def _crate_name(text: str) -> str:
    """The name in the table [package]; "" where there is none before the next table."""
    package = _CARGO_PACKAGE.search(text)
    name = _CARGO_NAME.search(text, package.end()) if package else None
    return (name[1] or "") if name else ""
