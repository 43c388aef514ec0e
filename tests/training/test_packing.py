"""Plans: every item, within the budget, the same for a seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ConfigError
from training.config import LoopConfig
from training.forest import Chain
from training.packing import grow, pack_epoch, plan

lengths = st.lists(st.integers(1, 50), min_size=1, max_size=40)


@given(lengths, st.integers(0, 5))
def test_an_epoch_holds_every_item_once_within_the_budget(sizes: list[int], seed: int) -> None:
    bins = pack_epoch(sizes, 64, seed)
    assert sorted(item for items in bins for item in items) == list(range(len(sizes)))
    assert all(sum(sizes[item] for item in items) <= 64 for items in bins)
    assert bins == pack_epoch(sizes, 64, seed)


def test_seeds_and_epochs_give_other_orders() -> None:
    loop = LoopConfig(steps=8, token_budget=30, context=30)
    sizes = [10] * 12
    steps = plan(sizes, loop, seed=0)
    first, second = steps[:4], steps[4:]
    assert sorted(i for s in first for b in s for i in b) == list(range(12))
    assert sorted(i for s in second for b in s for i in b) == list(range(12))
    assert first != second
    assert plan(sizes, loop, seed=1) != steps


def test_a_step_has_as_many_forests_as_it_accumulates() -> None:
    loop = LoopConfig(steps=3, accumulate=4, token_budget=30, context=30)
    assert [len(step) for step in plan([10] * 5, loop, seed=0)] == [4, 4, 4]


def test_a_longer_plan_begins_like_a_shorter_one() -> None:
    """So the windows before an interruption are those after it."""
    short, long = (LoopConfig(steps=n, token_budget=30, context=30) for n in (5, 9))
    assert plan([10, 20] * 4, long, seed=3)[:5] == plan([10, 20] * 4, short, seed=3)


def test_a_chain_over_the_budget_is_refused() -> None:
    with pytest.raises(ConfigError, match="token_budget=4"):
        grow([Chain.of([1, 2, 3, 4, 5])], budget=4)


@given(st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=8), min_size=1, max_size=12))
def test_grown_forests_keep_the_budget_and_all_weight(token_lists: list[list[int]]) -> None:
    forests = grow([Chain.of(tokens, weight_ce=1.0) for tokens in token_lists], budget=10)
    assert all(len(forest) <= 10 for forest in forests)
    weight = sum(forest.weight_ce_T.sum() for forest in forests)
    assert weight == sum(len(tokens) - 1 for tokens in token_lists)
