"""Patches of a line or two, within their own repository. In: a row's changes. Out: an instance.

    small = SmallPatches([(instance, "gold", files)])
    small.match(row_files, "acme/shop")     ->  (instance, "gold", number of lines)

Such a patch says too little to be told from innocent ones elsewhere. A row of the same repository
holds it when it has every run of changed lines, with the same lines removed and added, blanks,
quotes and what else formatters change left out; they must have `MIN_CHARS` characters together.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from transforms.decontaminate.benchmarks import Instance
from transforms.decontaminate.names import repository_keys
from transforms.decontaminate.patches import PatchFile, Run

MIN_CHARS = 12
_DROPPED = str.maketrans("", "", " \t\r\n\v\f\"'`,;()\\#")


@dataclass(frozen=True, kw_only=True)
class SmallPatch:
    """A small patch as it is compared."""

    instance: Instance
    kind: str
    runs: frozenset[tuple[str, str]]
    """(removed, added) of each run."""
    num_lines: int


class SmallPatches:
    """Small patches by repository."""

    def __init__(self, patches: Iterable[tuple[Instance, str, tuple[PatchFile, ...]]]) -> None:
        self._patches: dict[str, list[SmallPatch]] = defaultdict(list)
        self.num_unusable = 0
        """Patches with too few characters, or of no repository."""
        for instance, kind, files in patches:
            made = _small(instance, kind, files)
            if not instance.repo or sum(map(_num_chars, made.runs)) < MIN_CHARS:
                self.num_unusable += 1
                continue
            for key in repository_keys(instance.repo):
                self._patches[key].append(made)

    def match(self, files: Sequence[PatchFile], repo: str) -> SmallPatch | None:
        """The first small patch that the changes hold whole."""
        candidates = self._patches.get(repo.lower(), [])
        if not candidates:
            return None
        runs = {_bare(run) for file in files for run in file.runs}
        return next((small for small in candidates if small.runs <= runs), None)


def _small(instance: Instance, kind: str, files: Sequence[PatchFile]) -> SmallPatch:
    runs = [run for file in files for run in file.runs]
    return SmallPatch(
        instance=instance,
        kind=kind,
        runs=frozenset(bare for run in runs if any(bare := _bare(run))),
        num_lines=sum(run.removed.count("\n") + run.added.count("\n") for run in runs),
    )


def _bare(run: Run) -> tuple[str, str]:
    return run.removed.translate(_DROPPED), run.added.translate(_DROPPED)


def _num_chars(run: tuple[str, str]) -> int:
    return len(run[0]) + len(run[1])
