"""Heads that a rebase brought in. In: a history, heads, commits taken. Out: where each landed.

    find_rebased(repository, history, {12: "3f2a..."}, taken, config)  ->  {12: "9c41..."}

A rebase keeps each commit's author, author time and changed lines, and makes a commit that is
younger. A head landed if all its commits have such a twin on the default branch; commits without
change count as landed, since a rebase drops them. Where two heads claim one twin, the one that
fills the batch (twins next to each other, made within a minute) has it; of equals none has it,
since git does not tell which of them was merged.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from pipelines.mine.config import MineConfig
from pipelines.mine.evidence import NO_CHANGE, patch_identities
from pipelines.mine.git import GitRepository
from pipelines.mine.history import History

_BATCH_SECONDS = 60
"""A rebase makes its commits at once; two merges are seldom so close."""

Author = tuple[str, str, int]


@dataclass(frozen=True, kw_only=True)
class _Landing:
    """Places in landing order of a head's twins, ascending."""

    places: tuple[int, ...]
    is_whole: bool

    def batch(self, place: int, times: Sequence[int]) -> set[int]:
        """The twins made together with the one at a place."""
        own = set(self.places)
        found = {place}
        for step in (-1, 1):
            here = place
            while here + step in own and abs(times[here + step] - times[here]) <= _BATCH_SECONDS:
                here += step
                found.add(here)
        return found


def find_rebased(
    repository: GitRepository,
    history: History,
    heads: Mapping[int, str],
    taken: Set[str],
    config: MineConfig,
) -> dict[int, str]:
    """Number -> the last commit of its series on the default branch.

    `taken` are commits that other pull requests are known to have brought in.
    """
    order = list(history.landed)
    times = [history.nodes[sha].committed_at for sha in order]
    places: dict[Author, list[int]] = {}
    for place, sha in enumerate(order):
        if sha not in taken:
            places.setdefault(history.nodes[sha].author, []).append(place)
    series = {n: own for n, sha in heads.items() if (own := _own(history, sha, places, config))}
    commits = {sha for own in series.values() for sha in own}
    authors = {history.nodes[sha].author for sha in commits}
    landed = {order[place] for author in authors for place in places.get(author, ())}
    identities = patch_identities(repository, history, sorted(commits | landed), config)
    landings = {}
    for number, own in series.items():
        changes = [sha for sha in own if identities.get(sha) != NO_CHANGE]
        twins = [_twin(history, sha, places, order, identities) for sha in changes]
        known = tuple(sorted(place for place in twins if place is not None))
        if known:
            landings[number] = _Landing(places=known, is_whole=len(known) == len(changes))
    return {number: order[landings[number].places[-1]] for number in _undisputed(landings, times)}


def _own(
    history: History, head: str, places: Mapping[Author, object], config: MineConfig
) -> list[str]:
    """A branch's commits without merges; [] where no twin can be, or not for all of them."""
    commits = history.branch_commits(head, config.max_commits)
    nodes = {sha: history.nodes[sha] for sha in commits}
    if any(node.is_cut or not node.parents for node in nodes.values()):
        return []
    own = [sha for sha in commits if len(nodes[sha].parents) == 1]
    return own if any(nodes[sha].author in places for sha in own) else []


def _twin(
    history: History,
    sha: str,
    places: Mapping[Author, Sequence[int]],
    order: Sequence[str],
    identities: Mapping[str, str],
) -> int | None:
    """The place of the first commit with the same change that is not older."""
    node = history.nodes[sha]
    for place in places.get(node.author, ()) if sha in identities else ():
        twin = order[place]
        is_copy = node.committed_at <= history.nodes[twin].committed_at
        if is_copy and identities.get(twin) == identities[sha]:
            return place
    return None


def _undisputed(landings: Mapping[int, _Landing], times: Sequence[int]) -> Iterator[int]:
    claims: dict[int, list[int]] = {}
    for number, landing in landings.items():
        for place in landing.places:
            claims.setdefault(place, []).append(number)
    for number, landing in landings.items():
        # One at a time: of a thousand heads that are the same, the first rival decides.
        rivals = (landings[other] for other in claims[landing.places[-1]] if other != number)
        if landing.is_whole and not any(_is_better(r, landing, times) for r in rivals):
            yield number


def _is_better(rival: _Landing, landing: _Landing, times: Sequence[int]) -> bool:
    """Whether a rival explains the batch that a landing ends with as well, or more of it."""
    last = landing.places[-1]
    ours, theirs = landing.batch(last, times), rival.batch(last, times)
    ends_alike = rival.is_whole and rival.places[-1] == last
    return theirs > ours or (ends_alike and theirs == ours)
