"""Dialogues cut to the context: which of their blocks are trained on as one sequence.

In: the blocks of a dialogue. Out: windows, each a list of blocks within the context.

    windows([system, user, assistant, tools, assistant, tools], context=1024, counts)
      -> [[system, user, assistant, tools], [system, user, assistant, tools]]

The head (all before the first assistant message) opens each window; after it come whole turns (an
assistant message and what answers it), as many as fit. A turn that does not fit alone is cut to its
assistant message; when that does not fit either it is dropped; either way the window ends there, so
that no message follows one whose answer it cannot see. A compaction or mode switch, where
the agent's own context was rewritten, starts a window with the system message alone as its head.
Cut and dropped turns are counted. Merged into a forest, the windows of a dialogue share the head.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from training.dialogue import Block
from training.forest import Chain


@dataclass
class Counts:
    """What became of the dialogues of a corpus."""

    dialogues: int = 0
    windows: int = 0
    cut_turns: int = 0
    """Turns whose tool results did not fit."""
    dropped_turns: int = 0
    """Turns whose assistant message did not fit."""


def windows(blocks: Sequence[Block], context: int, counts: Counts) -> list[list[Block]]:
    """The windows of a dialogue; what happened is added to `counts`."""
    first = next((i for i, b in enumerate(blocks) if b.role == "assistant"), len(blocks))
    head = list(blocks[:first])
    found: list[list[Block]] = []
    room = 0
    for turn in _turns(blocks[first:]):
        if turn[0].starts_window:
            head, room = [block for block in blocks[:1] if block.role == "system"], 0
        kept = _fit(turn, context - _length(head), counts)
        if _length(kept) > room:
            found.append(list(head))
            room = context - _length(head)
        if kept:
            found[-1].extend(kept)
        room = room - _length(kept) if kept == turn else 0
    counts.dialogues += 1
    counts.windows += len(found)
    return found


def window_chain(window: Sequence[Block]) -> Chain:
    """The window's tokens, with a cross-entropy weight of 1 where there is loss."""
    tokens = [token for block in window for token in block.tokens]
    return Chain.of(tokens, weight_ce=[float(loss) for block in window for loss in block.has_loss])


def _turns(blocks: Sequence[Block]) -> list[list[Block]]:
    turns: list[list[Block]] = []
    for block in blocks:
        if not turns or block.role == "assistant" or block.starts_window:
            turns.append([])
        turns[-1].append(block)
    return turns


def _fit(turn: list[Block], room: int, counts: Counts) -> list[Block]:
    """The turn, its first message, or nothing."""
    if _length(turn) <= room:
        return turn
    if len(turn[0]) <= room:
        counts.cut_turns += 1
        return turn[:1]
    counts.dropped_turns += 1
    return []


def _length(blocks: Sequence[Block]) -> int:
    return sum(len(block) for block in blocks)
