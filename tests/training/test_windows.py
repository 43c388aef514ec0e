"""Windows of dialogues that are over the context."""

from training.dialogue import Block
from training.windows import Counts, window_chain, windows


def block(role: str, size: int, first: int, starts_window: bool = False) -> Block:
    """`size` tokens counting up from `first`, all with loss if the assistant says them."""
    tokens = list(range(first, first + size))
    return Block(role, tokens, [role == "assistant"] * size, starts_window)


SYSTEM, USER = block("system", 3, 0), block("user", 2, 10)
TURNS = [
    part
    for index in range(4)
    for part in (
        block("assistant", 2, 100 * (index + 1)),
        block("tool", 3, 100 * (index + 1) + 50),
    )
]


def test_a_dialogue_that_fits_is_one_window() -> None:
    counts = Counts()
    assert windows([SYSTEM, USER, *TURNS], 25, counts) == [[SYSTEM, USER, *TURNS]]
    assert counts == Counts(dialogues=1, windows=1)


def test_each_window_has_the_head_and_whole_turns() -> None:
    counts = Counts()
    found = windows([SYSTEM, USER, *TURNS], 15, counts)
    assert found == [[SYSTEM, USER, *TURNS[:4]], [SYSTEM, USER, *TURNS[4:]]]
    assert counts.cut_turns == counts.dropped_turns == 0


def test_a_turn_too_long_is_cut_to_the_assistant_message_or_dropped() -> None:
    counts = Counts()
    long_result = [block("assistant", 2, 500), block("tool", 90, 600)]
    long_message = [block("assistant", 90, 700), block("tool", 3, 900)]
    found = windows([SYSTEM, USER, *long_result, *long_message, *TURNS[:2]], 15, counts)
    # What follows opens a window: it answers a result that is not there to be seen.
    assert found == [[SYSTEM, USER, long_result[0]], [SYSTEM, USER, *TURNS[:2]]]
    assert (counts.cut_turns, counts.dropped_turns) == (1, 1)


def test_a_rewritten_context_starts_a_window_below_the_system_message() -> None:
    summary = block("user", 2, 800, starts_window=True)
    found = windows([SYSTEM, USER, *TURNS[:2], summary, *TURNS[2:4]], 100, Counts())
    assert found == [[SYSTEM, USER, *TURNS[:2]], [SYSTEM, summary, *TURNS[2:4]]]


def test_no_window_is_over_the_context_and_no_loss_is_counted_twice() -> None:
    for context in range(8, 30):
        found = windows([SYSTEM, USER, *TURNS], context, Counts())
        chains = [window_chain(window) for window in found]
        assert all(len(chain) <= context for chain in chains)
        assert sum(chain.weight_ce_N.sum() for chain in chains) == 8


def test_a_dialogue_without_assistant_has_no_window() -> None:
    assert windows([SYSTEM, USER], 100, Counts()) == []
