"""Which paths of a repository may be read. In: globs. Out: yes or no for a file or a folder.

    scope = PathScope(include=("services/pay/",), exclude=("*.pem", "**/fixtures/**"))
    scope.includes("services/pay/api.py")  ->  True

A path is in scope when a glob of `include` covers it (or there is none) and none of `exclude` does.
Globs are those of .gitignore, without "!" and "\\":

    *  ?  [a-z]  [!a-z]   characters of one name, never "/"
    **                    as a whole name: any number of folders
    "a/b", "/a"           with a "/" before its end: from the root of the repository
    "a", "*.py"           without: a name at any depth
    "a/"                  with a "/" at its end: folders only

A glob that covers a folder covers everything below it.
"""

import fnmatch
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from schemas.errors import ConfigError

_MAGIC = re.compile(r"[*?\[]")
_ANY_FOLDERS = re.compile(r"\*\*+")
_REFUSED = (
    (re.compile(r"^$|^/+$"), "it is empty"),
    (re.compile(r"[\x00-\x1f\x7f]"), "it holds a control character"),
    (re.compile(r"^!"), '"!" is not known; put the glob under include or exclude'),
    (re.compile(r"\\"), 'write "/" between folders, and "[*]" for a star'),
    (re.compile(r"(?:^|/)\.{1,2}(?:/|$)|//"), 'write it from the root, without ".", ".." or "//"'),
)


@dataclass(frozen=True, kw_only=True)
class PathScope:
    """Globs of what may be read and of what may not."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether every path is in scope."""
        return not self.include and not self.exclude

    def includes(self, path: str) -> bool:
        """Whether a file (or link, or submodule) is in scope."""
        if self.is_everything:
            return True
        names = path.split("/")
        is_included = not self.include or any(g.covers(names) for g in _globs(self.include))
        return is_included and not any(glob.covers(names) for glob in _globs(self.exclude))

    def may_hold(self, folder: str) -> bool:
        """Whether a path below the folder can be in scope; where not, it need not be read."""
        if self.is_everything:
            return True
        names = folder.split("/")
        can_be = not self.include or any(glob.leads_below(names) for glob in _globs(self.include))
        return can_be and not any(glob.covers_folder(names) for glob in _globs(self.exclude))

    def roots(self) -> tuple[str, ...]:
        """Paths above everything in scope, to list no more than those; () for the whole tree."""
        roots = [_literal_start(glob) for glob in self.include]
        return tuple(sorted(set(roots))) if roots and all(roots) else ()


EVERYTHING = PathScope()
"""No limits."""


def scope_below(folder: str, include: Sequence[str], exclude: Sequence[str]) -> PathScope:
    """A scope of globs that are read from a folder: `folder` "" is the root.

    scope_below("services/pay", ["*.py"], [])  ->  include=("/services/pay/**/*.py",)
    """
    if not folder:
        return PathScope(include=tuple(include), exclude=tuple(exclude))
    start = _literal(folder)
    below = [[start + _from_root(glob) for glob in globs] for globs in (include, exclude)]
    return PathScope(include=tuple(below[0]) or (start + "/",), exclude=tuple(below[1]))


def names_left_out(folder: str, exclude: Sequence[str]) -> PathScope:
    """Of a scope below a folder, the globs that stand for names at any depth.

    They hold in submodules too: who hides "*.pem" hides it wherever it lies.
    """
    start = f"{_literal(folder)}/**/" if folder else ""
    plain = [glob.removeprefix(start) for glob in exclude]
    names = [glob for glob in plain if "/" not in glob.rstrip("/") or glob.startswith("**/")]
    return PathScope(exclude=tuple(names))


def _literal(folder: str) -> str:
    """A glob of this very folder."""
    return "/" + _MAGIC.sub(lambda match: f"[{match[0]}]", folder)


def check_glob(glob: str) -> None:
    """Raise ConfigError for what would silently cover nothing, or something else."""
    for pattern, problem in _REFUSED:
        if pattern.search(glob):
            raise ConfigError(f"glob {glob!r}: {problem}")


class _Glob:
    """A glob as an automaton over the names of a path, so that no path costs more than
    (its names) x (the glob's names) comparisons. A state is a number of names of the glob."""

    def __init__(self, glob: str) -> None:
        names = _from_root(glob).strip("/").split("/")
        if _ANY_FOLDERS.fullmatch(names[-1]):
            names.append("*")  # Something must stand below.
        self._steps = [None if _ANY_FOLDERS.fullmatch(n) else _matcher(n) for n in names]
        self._end = len(names)
        self._is_folder = glob.endswith("/")

    def covers(self, names: Sequence[str]) -> bool:
        return self._end in self._states(names[:-1] if self._is_folder else names)

    def covers_folder(self, names: Sequence[str]) -> bool:
        return self._end in self._states(names)

    def leads_below(self, names: Sequence[str]) -> bool:
        return bool(self._states(names))

    def _states(self, names: Sequence[str]) -> set[int]:
        """The states after some names; none when no path that begins so can be covered."""
        states = self._with_skipped({0})
        for name in names:
            if not states or self._end in states:
                break
            steps = ((state, self._steps[state]) for state in states)
            states = self._with_skipped(
                {state if step is None else state + 1 for state, step in steps if _fits(step, name)}
            )
        return states

    def _with_skipped(self, states: set[int]) -> set[int]:
        """A "**" may stand for no folder at all."""
        for state in sorted(states):
            while state < self._end and self._steps[state] is None:
                state += 1
                states.add(state)
        return states


def _fits(step: Callable[[str], object] | None, name: str) -> bool:
    return step is None or step(name) is not None


def _matcher(name: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(name)).match


def _from_root(glob: str) -> str:
    """The glob as one that begins with "/"."""
    if "/" in glob.rstrip("/"):
        return "/" + glob.lstrip("/")
    return "/**/" + glob


@lru_cache(maxsize=256)
def _globs(globs: tuple[str, ...]) -> tuple[_Glob, ...]:
    return tuple(_Glob(glob) for glob in globs)


def _literal_start(glob: str) -> str:
    names = _from_root(glob).strip("/").split("/")
    num_literal = next((i for i, name in enumerate(names) if _MAGIC.search(name)), len(names))
    return "/".join(names[:num_literal])
