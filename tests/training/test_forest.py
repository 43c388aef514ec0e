"""The forest's arrays against brute force over paths."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.forest import Chain, Forest, join, merge, pad

# Three tokens, so that prefixes are shared, sequences are equal, and some end inside others.
sequences = st.lists(st.lists(st.integers(0, 2), max_size=6), max_size=8)


def path_of(forest: Forest, index: int) -> list[int]:
    """Indices from the root to the token."""
    path = []
    while index >= 0:
        path.append(index)
        index = int(forest.parent_T[index])
    return path[::-1]


def tokens_of(forest: Forest, index: int) -> tuple[int, ...]:
    return tuple(forest.tok_T[path_of(forest, index)].tolist())


@given(sequences)
def test_merge_holds_each_prefix_once(token_lists: list[list[int]]) -> None:
    forest = merge([Chain.of(tokens) for tokens in token_lists])
    prefixes = {tuple(tokens[: n + 1]) for tokens in token_lists for n in range(len(tokens))}
    found = [tokens_of(forest, index) for index in range(len(forest))]
    assert sorted(found) == sorted(prefixes)
    assert forest.num_chain_tokens == sum(len(tokens) for tokens in token_lists)


@given(sequences)
def test_a_query_sees_its_ancestors_and_itself(token_lists: list[list[int]]) -> None:
    forest = merge([Chain.of(tokens) for tokens in token_lists])
    for q in range(len(forest)):
        seen = [k for k in range(len(forest)) if k <= q < forest.end_T[k]]
        assert seen == path_of(forest, q)
        assert forest.pos_T[q] == len(seen) - 1


@given(sequences)
def test_weights_are_summed_over_the_chains_through_a_token(token_lists: list[list[int]]) -> None:
    chains = [
        Chain.of(tokens, weight_ce=1.0, weight_pg=2.0, advantage=index - 2.5)
        for index, tokens in enumerate(token_lists)
    ]
    forest = merge(chains)
    for t in range(len(forest)):
        prefix = list(tokens_of(forest, t))
        through = [i for i, tokens in enumerate(token_lists) if tokens[: len(prefix)] == prefix]
        advantages = [2.0 * (i - 2.5) for i in through] if len(prefix) > 1 else []
        assert forest.weight_ce_T[t] == (len(through) if len(prefix) > 1 else 0)
        assert forest.adv_pos_T[t] == sum(a for a in advantages if a > 0)
        assert forest.adv_neg_T[t] == sum(a for a in advantages if a < 0)


@given(sequences, st.randoms())
def test_merge_does_not_depend_on_the_order(token_lists: list[list[int]], random: object) -> None:
    forest = merge([Chain.of(tokens, weight_ce=1.0) for tokens in token_lists])
    shuffled = sorted(token_lists, key=lambda _: random.random())  # type: ignore[attr-defined]  # hypothesis hands a Random
    again = merge([Chain.of(tokens, weight_ce=1.0) for tokens in shuffled])
    assert np.array_equal(forest.parent_T, again.parent_T)
    assert np.array_equal(forest.weight_ce_T, again.weight_ce_T)


@given(sequences, sequences)
def test_joined_forests_do_not_see_each_other(
    left: list[list[int]], right: list[list[int]]
) -> None:
    first, second = (merge([Chain.of(tokens) for tokens in lists]) for lists in (left, right))
    both = join([first, second])
    found = [tokens_of(both, index) for index in range(len(both))]
    assert found == [tokens_of(f, i) for f in (first, second) for i in range(len(f))]
    assert all(end <= len(first) for end in both.end_T[: len(first)])


def test_a_token_of_another_policy_forks() -> None:
    chains = [
        Chain.of([1, 2, 3], weight_pg=[0, 1, 1], logp_old=[0, -0.5, -0.5], advantage=1.0),
        Chain.of([1, 2, 3], weight_pg=[0, 1, 1], logp_old=[0, -0.9, -0.5], advantage=-1.0),
    ]
    forest = merge(chains)
    assert forest.tok_T.tolist() == [1, 2, 3, 2, 3]
    assert forest.parent_T.tolist() == [-1, 0, 1, 0, 3]
    assert sorted(forest.logp_old_T[[1, 3]].tolist()) == [-0.9, -0.5]


def test_a_prompt_token_and_a_sampled_token_merge() -> None:
    forest = merge(
        [
            Chain.of([1, 2, 3], weight_pg=[0, 1, 0], logp_old=[0, -0.5, 0]),
            Chain.of([1, 2, 4], weight_pg=[0, 0, 1], logp_old=[0, 0, -0.7]),
        ]
    )
    assert forest.tok_T.tolist() == [1, 2, 3, 4]
    assert forest.logp_old_T.tolist() == [0, -0.5, 0, -0.7]


def test_padding_adds_roots_without_weight() -> None:
    forest = pad(merge([Chain.of([1, 2, 3], weight_ce=1.0)]), 8)
    assert len(forest) == 8
    assert forest.parent_T.tolist() == [-1, 0, 1, -1, -1, -1, -1, -1]
    assert forest.targets().tolist() == [1, 2]
    assert forest.num_chain_tokens == 3


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("parent_T", [-1, 0, 0, 1]),  # token 3 hangs below a subtree that is closed
        ("end_T", [4, 3, 3, 5]),  # a subtree beyond the forest
        ("pos_T", [0, 1, 2, 2]),
        ("weight_ce_T", [0.0, 1.0]),
    ],
)
def test_arrays_that_are_no_forest_are_refused(name: str, values: list[int]) -> None:
    forest = merge([Chain.of([1, 2]), Chain.of([1, 3, 4])])
    assert forest.parent_T.tolist() == [-1, 0, 0, 2]
    with pytest.raises(ValueError, match="forest"):
        replace(forest, **{name: np.array(values)})
