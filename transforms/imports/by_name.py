"""Imports that name a module, wherever it lies. In: files with imports. Out: `Names`.

    Names(tree, files).python("tests/test_cart.py", "shop.cart:Cart")  ->  ("src/shop/cart.py",)

Python's modules are named by their paths, from the folder above the outermost `__init__.py`;
in other languages files say what they are ("package x.y", as `find_imports` gives it).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from posixpath import basename, dirname, join, splitext

from transforms.imports.manifests import Manifests
from transforms.imports.tree import MAX_CANDIDATES, Tree, folders_above, num_shared

_FAMILY = dict.fromkeys(("java", "kotlin", "scala", "groovy"), "jvm")
_SEPARATOR = {"php": "\\"}
_NAMES_MEMBERS = frozenset({"jvm", "csharp", "php"})
"""Families whose package statement leaves out the file's own name."""

Files = Mapping[str, tuple[str, tuple[str, ...]]]
"""Path -> (language, what `find_imports` gave)."""


class Names:
    """What the files of a repository are called."""

    def __init__(self, tree: Tree, manifests: Manifests, files: Files) -> None:
        self._tree = tree
        self._manifests = manifests
        self._modules: dict[str, list[str]] = defaultdict(list)
        self._packages: dict[tuple[str, str], tuple[str, ...]] = {}
        self._members: dict[tuple[str, str], tuple[str, ...]] = {}
        self._add_python(files)
        self._add_declared(files)

    def _add_python(self, files: Files) -> None:
        for path, (language, _) in sorted(files.items()):
            if language in ("python", "cython"):
                for name in sorted(set(self._python_names(path))):
                    self._modules[name].append(path)

    def _python_names(self, path: str) -> Iterator[str]:
        """Dotted names from each root; of the roots, a script's own folder gives none."""
        module = splitext(path)[0].removesuffix("/__init__")
        above = folders_above(module)
        root = next(f for f in above if not f or join(f, "__init__.py") not in self._tree.paths)
        package = self._manifests.package_of(path)
        is_script = root == dirname(path) and basename(path) != "__init__.py"
        roots = {"", package, join(package, "src"), join(package, "lib")}
        for folder in roots if is_script else roots | {root}:
            if not folder or module.startswith(f"{folder}/"):
                yield module[len(folder) :].lstrip("/").replace("/", ".")

    def _add_declared(self, files: Files) -> None:
        packages, members = defaultdict(set), defaultdict(set)
        for path, (language, imports) in files.items():
            family = _FAMILY.get(language, language)
            separator = _SEPARATOR.get(family, ".")
            stem = basename(path).split(".")[0]
            for target in imports:
                if target.startswith("package "):
                    name = target.removeprefix("package ")
                    packages[family, name].add(path)
                    members[family, f"{name}{separator}{stem}"].add(path)
        self._packages = {key: tuple(sorted(paths)) for key, paths in packages.items()}
        self._members = {key: tuple(sorted(paths)) for key, paths in members.items()}

    def python(self, path: str, target: str) -> tuple[str, ...]:
        """The module "a.b" or of "a.b:c" the module a.b.c, else a.b."""
        module, _, name = target.partition(":")
        if module.startswith("."):
            return self._python_relative(path, module, name)
        for dotted in (f"{module}.{name}", module) if name else (module,):
            found = self._near(path, tuple(self._modules.get(dotted, ())[:MAX_CANDIDATES]))
            if found := found or self._beside(path, dotted):
                return found
        return ()

    def _beside(self, path: str, dotted: str) -> tuple[str, ...]:
        """A module in a script's own folder, which Python searches first."""
        folder = dirname(path)
        is_package = join(folder, "__init__.py") in self._tree.paths
        found = None if is_package else self._python_file(folder, dotted)
        return (found,) if found else ()

    def _python_relative(self, path: str, module: str, name: str) -> tuple[str, ...]:
        rest = module.lstrip(".")
        folder = dirname(path)
        for _ in range(len(module) - len(rest) - 1):
            folder = dirname(folder)
        dotted = [f"{rest}.{name}".strip("."), rest]
        found = (self._python_file(folder, name) for name in dotted)
        return tuple(list(filter(None, found))[:1])

    def _python_file(self, folder: str, dotted: str) -> str | None:
        endings = (".py", "/__init__.py", ".pyi", ".pyx", "/__init__.pyi")
        start = dotted.replace(".", "/") or "."
        return self._tree.relative(folder, start, endings if dotted else endings[1::3])

    def declared(self, language: str, path: str, target: str) -> tuple[str, ...]:
        """The file of a member, else all files of a package ("a.b.*", "a.b")."""
        family = _FAMILY.get(language, language)
        separator = _SEPARATOR.get(family, ".")
        name = target.removesuffix(f"{separator}*").removesuffix("._").lstrip(separator)
        parent = name.rpartition(separator)[0]
        if family not in _NAMES_MEMBERS:
            return self._near(path, self._packages.get((family, name), ()))
        # On the JVM "a.b.Cart.total" and "a.b.Cart.Line" are in Cart's file, "a.b.total" in a.b's.
        shorter = (parent, parent.rpartition(separator)[0]) if family == "jvm" else ()
        for tried in (name, *shorter):
            if found := self._members.get((family, tried)):
                return self._near(path, found)
        packages = (self._packages.get((family, tried), ()) for tried in (name, *shorter[:1]))
        return next(filter(None, packages), ())

    def _near(self, path: str, candidates: tuple[str, ...]) -> tuple[str, ...]:
        """The candidate that shares most folders with a file; sources before stubs.

        Of many candidates, as in `Tree.nearest`, the first by path are compared.
        """
        if len(candidates) < 2:
            return candidates
        folder = dirname(path)
        near = candidates[:MAX_CANDIDATES]
        ranks = ((-num_shared(folder, p), p.endswith(".pyi"), len(p), p) for p in near)
        return (min(ranks)[-1],)
