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
from transforms.decontaminate.kernels import cover, cover_either
from transforms.decontaminate.names import repository_keys
from transforms.decontaminate.patch_views import Demand, PatchView
from transforms.decontaminate.patches import PatchFile
from transforms.dedup.arrays import F64, I64, Flags
from transforms.file_flags import is_documentation_file
from transforms.languages import language_of

ELSEWHERE = Demand(fewest=12, plenty=60, sure=0.95)
RENAMED_ELSEWHERE = Demand(fewest=10, plenty=50, sure=0.95)
SAME_REPOSITORY = Demand(fewest=8, plenty=40, sure=0.75)
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
        self._least_renamed = RENAMED_ELSEWHERE.least_shares(
            np.minimum(self._renamed.distinct, distinct), config.renamed_threshold
        )
        self._related: dict[str, list[int]] = {}
        for number, (instance, _, _) in enumerate(self._groups):
            for key in repository_keys(instance.repo):
                self._related.setdefault(key, []).append(number)
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
        flags = self._exact.index.flags(found)
        least = self._least.copy()
        related = self._related.get(repo.lower(), [])
        least[related] = self._least_related[related]
        best = self._best(self._exact.index.count(found), flags, None, least)
        if best is not None:
            return best
        shapes = self._renamed.find(added, removed)
        counts = self._renamed.index.count(shapes)
        return self._best(counts, flags, self._renamed.index.flags(shapes), self._least_renamed)

    def match_file(self, text: str, repo: str | None) -> PatchMatch | None:
        """The patch of which a whole file holds one file's added lines.

        Only windows within a run count: in a whole file unchanged lines lie between runs. Only
        patches of `repo` are looked at; None for all.
        """
        view, best = self._exact, None
        found = view.find([text], [])
        counts, flags, countable = view.index.count(found), view.index.flags(found), view.countable
        groups = np.flatnonzero(counts) if repo is None else self._related.get(repo.lower(), [])
        for group in groups:
            for part in view.parts[group] if counts[group] else ():
                places = np.where(part.within_run, part.places, len(view.index.table))
                distinct = np.array([len(np.unique(places[countable[places]]))])
                total = cover(countable[places], view.size)
                share = cover(flags[places], view.size) / max(1, total)
                least = ELSEWHERE.least_shares(distinct, self._threshold)[0]
                if share >= least and (best is None or share > best.share):
                    best = self._made(group, share, is_renamed=False)
        return best

    def _best(
        self, counts: I64, flags: Flags, shape_flags: Flags | None, least: F64
    ) -> PatchMatch | None:
        best: tuple[float, int] | None = None
        for group in np.flatnonzero((counts > 0) & (least <= 1)).tolist():
            share = self._share(group, flags, shape_flags)
            if share >= least[group] and (best is None or share > best[0]):
                best = (share, group)
        return self._made(best[1], best[0], shape_flags is not None) if best else None

    def _share(self, group: int, flags: Flags, shape_flags: Flags | None) -> float:
        """Tokens in found windows, of those in countable ones; by shapes too where given."""
        exact, renamed = self._exact, self._renamed
        total = covered = 0
        for part, shape in zip(exact.parts[group], renamed.parts[group], strict=True):
            if shape_flags is None:
                total += cover(exact.countable[part.places], exact.size)
                covered += cover(flags[part.places], exact.size)
                continue
            sizes = exact.size, renamed.size
            total += cover_either(
                exact.countable[part.places], sizes[0], renamed.countable[shape.places], sizes[1]
            )
            covered += cover_either(
                flags[part.places], sizes[0], shape_flags[shape.places], sizes[1]
            )
        return covered / max(1, total)

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
