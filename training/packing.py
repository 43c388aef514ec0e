"""Which forests make up which training step, as a function of the seed alone.

In: the token counts of all items (documents, dialogues, groups) and a token budget. Out: bins of
item indices, and for each step the bins of its accumulation window.

    plan(lengths=[300, 200, 600], loop=MidtrainConfig(steps=2, token_budget=800), seed=0)
      -> [[(2, 1)], [(0,)]]       a step is a list of bins, a bin is a tuple of items

The plan of step s is the same however often training was interrupted. Two limits differ: the
context limits one path through a tree, the token budget limits the whole forest.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np

from schemas.errors import ConfigError
from schemas.ids import seed_for
from training.config import LoopConfig
from training.forest import Chain, Forest, merge

Bin = tuple[int, ...]
Item = TypeVar("Item")


def plan(lengths: Sequence[int], loop: LoopConfig, seed: int) -> list[list[Bin]]:
    """The bins of every step; items are drawn anew, in another order, each time they run out."""
    if not lengths:
        return []
    needed = loop.steps * loop.accumulate
    bins: list[Bin] = []
    epoch = 0
    while len(bins) < needed:
        bins.extend(pack_epoch(lengths, loop.token_budget, seed_for(seed, f"epoch {epoch}")))
        epoch += 1
    return [bins[start : start + loop.accumulate] for start in range(0, needed, loop.accumulate)]


def pack_epoch(lengths: Sequence[int], budget: int, seed: int) -> list[Bin]:
    """Every item once, in an order drawn from the seed, cut where the budget is reached."""
    order = np.random.default_rng(seed).permutation(len(lengths)).tolist()
    bins: list[list[int]] = [[]]
    used = 0
    for item in order:
        if bins[-1] and used + lengths[item] > budget:
            bins.append([])
            used = 0
        bins[-1].append(item)
        used += lengths[item]
    return [tuple(items) for items in bins]


def shuffled(items: Sequence[Item], seed: int) -> list[Item]:
    """The items in an order drawn from the seed."""
    order = np.random.default_rng(seed_for(seed, "shuffle")).permutation(len(items))
    return [items[index] for index in order.tolist()]


def grow(chains: Iterable[Chain], budget: int) -> list[Forest]:
    """The chains merged into as few forests, each within the budget, as their order allows.

    Splitting repeats the shared prefix and changes no gradient, provided that all the forests
    are in one accumulation window. Raises ConfigError for a chain over the budget.
    """
    ordered = sorted((chain for chain in chains if len(chain)), key=lambda c: c.tok_N.tolist())
    groups: list[list[Chain]] = []
    used = 0
    for index, chain in enumerate(ordered):
        if len(chain) > budget:
            raise ConfigError(
                f"a sequence of {len(chain)} tokens is over token_budget={budget}; raise it"
            )
        added = len(chain) - (_shared_prefix(ordered[index - 1], chain) if groups else 0)
        if not groups or used + added > budget:
            groups.append([])
            used, added = 0, len(chain)
        groups[-1].append(chain)
        used += added
    return _within(groups, budget)


def _within(groups: list[list[Chain]], budget: int) -> list[Forest]:
    """Merged groups. A fork at a log-probability can make one larger than its tokens tell."""
    forests = []
    for group in groups:
        forest = merge(group)
        half = len(group) // 2
        if len(forest) > budget and half:
            forests.extend(_within([group[:half], group[half:]], budget))
        else:
            forests.append(forest)
    return forests


def _shared_prefix(left: Chain, right: Chain) -> int:
    length = min(len(left), len(right))
    same_N = left.tok_N[:length] == right.tok_N[:length]
    return length if same_N.all() else int(same_N.argmin())
