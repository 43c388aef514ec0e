"""Which benchmark patch a change holds. In: instances; a change's files. Out: the best match.

    index = PatchIndex(instances, config)
    index.match(read_patch(patch), "acme/shop")
        ->  PatchMatch(instance=..., kind="gold", share=0.93, num_lines=41, is_renamed=False)

A patch counts as held when enough of its tokens lie in windows that the change brings in as well:
of 5 tokens with names as they are, or of 14 whatever names are called. That is containment, not
similarity, since a change may hold more than the benchmark asks, and one changed token spoils
little more than itself. How much is enough depends on how much the patch says (`Demand`); within
the benchmark's own repository less is asked, since nothing else there is likely by chance.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from transforms.decontaminate.benchmarks import Instance
from transforms.decontaminate.config import DecontaminateConfig
from transforms.decontaminate.kernels import cover
from transforms.decontaminate.names import repository_keys
from transforms.decontaminate.patch_views import Demand, PatchView
from transforms.decontaminate.patches import PatchFile
from transforms.dedup.arrays import F64, I64
from transforms.file_flags import is_documentation_file
from transforms.languages import language_of

ELSEWHERE = Demand(fewest=12, plenty=60, sure=0.95)
RENAMED = Demand(fewest=8, plenty=50, sure=0.95)
SAME_REPOSITORY = Demand(fewest=7, plenty=40, sure=0.7)
WHOLE = "whole"

Group = tuple[Instance, str, tuple[PatchFile, ...]]
"""An instance, "gold", "test" or both together as "whole", and the files."""


@dataclass(frozen=True, kw_only=True)
class PatchMatch:
    """One patch of a benchmark that a row holds."""

    instance: Instance
    kind: str
    """"gold", "test" or "whole"."""
    share: float
    """Of its countable tokens."""
    num_lines: int
    """Lines that the patch adds."""
    is_renamed: bool
    """Found only because names do not count."""

    @property
    def detail(self) -> str:
        """The evidence, without text of the row."""
        names = " under other names" if self.is_renamed else ""
        # Rounded down, or a share just under a threshold would seem to reach it.
        share = int(self.share * 100) / 100
        return (
            f"{self.instance.benchmark} {self.instance.instance_id}, {self.kind} patch: "
            f"containment {share:.2f} of {self.num_lines} lines{names}"
        )


class PatchIndex:
    """The patches of all instances."""

    def __init__(self, instances: Sequence[Instance], config: DecontaminateConfig) -> None:
        self._threshold = config.patch_threshold
        self._groups = [group for one in instances for group in _groups_of(one)]
        files = [files for _, _, files in self._groups]
        self._exact, self._renamed = PatchView(files, exact=True), PatchView(files, exact=False)
        distinct = self._exact.distinct
        self._least = ELSEWHERE.least_shares(distinct, config.patch_threshold)
        self._least_related = SAME_REPOSITORY.least_shares(distinct, config.patch_threshold)
        self._least_renamed = RENAMED.least_shares(
            np.minimum(self._renamed.distinct, distinct), config.renamed_threshold
        )
        self._related: dict[str, list[int]] = {}
        for number, (instance, _, _) in enumerate(self._groups):
            for key in repository_keys(instance.repo):
                self._related.setdefault(key, []).append(number)
        self._in_files = [self._parts_in_files(group) for group in range(len(files))]
        self.small = [
            group
            for group, least in zip(self._groups, self._least_related, strict=True)
            if least > 1 and group[1] != WHOLE
        ]
        """Patches that are too small to be told from others by their windows."""

    def match(self, files: Sequence[PatchFile], repo: str) -> PatchMatch | None:
        """The patch that a change of a repository holds most of; None for none."""
        added, removed = [file.added for file in files], [file.removed for file in files]
        found = self._exact.find(added, removed)
        least = self._least.copy()
        related = self._related.get(repo.lower(), [])
        least[related] = self._least_related[related]
        best = self._best(self._exact, found, least)
        if best is not None:
            return best
        return self._best(self._renamed, self._renamed.find(added, removed), self._least_renamed)

    def match_file(self, text: str, repo: str | None) -> PatchMatch | None:
        """The patch of which a whole file holds one file's added lines.

        Only windows within a run count: in a whole file unchanged lines lie between runs. Only
        patches of `repo` are looked at; None for all.
        """
        groups = range(len(self._groups)) if repo is None else self._related.get(repo.lower(), [])
        view = self._exact
        found = view.find([text], [])
        counts, flags = view.index.count(found), view.index.flags(found)
        best: tuple[float, int] | None = None
        for group in groups:
            for places, total, least in self._in_files[group] if counts[group] else ():
                share = cover(flags[places], view.size) / total
                if share >= least and (best is None or share > best[0]):
                    best = (share, group)
        return self._made(best[1], best[0], is_renamed=False) if best else None

    def _parts_in_files(self, group: int) -> list[tuple[I64, int, float]]:
        """(windows within runs, tokens in them, share to reach) of each file that says enough."""
        view, made = self._exact, []
        for part in view.parts[group]:
            places = np.where(part.within_run, part.places, len(view.index.table))
            total = cover(view.countable[places], view.size)
            distinct = np.array([len(np.unique(places[view.countable[places]]))])
            least = float(ELSEWHERE.least_shares(distinct, self._threshold)[0])
            if least <= 1:
                made.append((places, total, least))
        return made

    def _best(self, view: PatchView, found: I64, least: F64) -> PatchMatch | None:
        flags = view.index.flags(found)
        best: tuple[float, int] | None = None
        for group in np.flatnonzero((view.index.count(found) > 0) & (least <= 1)).tolist():
            places = [part.places for part in view.parts[group]]
            share = sum(cover(flags[one], view.size) for one in places) / view.totals[group]
            if share >= least[group] and (best is None or share > best[0]):
                best = (share, group)
        return self._made(best[1], best[0], view is self._renamed) if best else None

    def _made(self, group: int, share: float, is_renamed: bool) -> PatchMatch:
        instance, kind, files = self._groups[group]
        return PatchMatch(
            instance=instance,
            kind=kind,
            share=share,
            num_lines=sum(file.added.count("\n") for file in files),
            is_renamed=is_renamed,
        )


def _groups_of(instance: Instance) -> Iterator[Group]:
    """Its patches, without prose where there is code, and all of them together."""
    both: list[PatchFile] = []
    for kind, files in instance.patches:
        code = tuple(f for f in files if not is_documentation_file(f.path, language_of(f.path)))
        both += code
        yield instance, kind, code or files
    if len(instance.patches) > 1:
        yield instance, WHOLE, tuple(both)
