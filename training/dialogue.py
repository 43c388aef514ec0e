"""Dialogues as tokens: what the chat template renders, with a loss on what the assistant said.

In: a Dialogue. Out: blocks (a message, or a run of tool results), each with its tokens and which of
them carry loss; then windows of blocks that fit the context.

    <|im_start|>assistant\\n Look. \\n\\n <tool_call> ... </tool_call> <|im_end|> \\n
    no loss                 loss, none on a call that failed       loss       no loss

The tokens equal those of `apply_chat_template`, except that markers written out in somebody's text
stay text. Every block begins with a marker and ends with a line break, so the tokens of a dialogue
are the tokens of its blocks in a row, and a longer dialogue only ever adds tokens.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from schemas.errors import SchemaError
from schemas.tables import Message, ToolCall, ToolSpec
from training.tokenizer import MARKERS, Tokenizer

GENERATION_PROMPT = "<|im_start|>assistant\n"

_MARKER = re.compile("|".join(re.escape(marker) for marker in MARKERS))


@dataclass(frozen=True)
class Piece:
    """A run of text. Markers in it are markers only when the template wrote it."""

    text: str
    from_template: bool = True
    has_loss: bool = False


@dataclass(frozen=True)
class Block:
    """Tokens of one message, or of the results that answer one message."""

    role: str
    tokens: list[int]
    has_loss: list[bool]
    starts_window: bool = False
    """The agent's context was rewritten before this message."""

    def __len__(self) -> int:
        return len(self.tokens)


class Renderer:
    """Renders dialogues with one tokenizer."""

    def __init__(self, tokenizer: Tokenizer, *, mask_failed_calls: bool = True) -> None:
        self._tokenizer = tokenizer
        self._mask_failed_calls = mask_failed_calls

    def blocks(self, tools: Sequence[ToolSpec], messages: Sequence[Message]) -> list[Block]:
        """The blocks of a conversation. Raises SchemaError for arguments that are no object."""
        blocks = []
        for role, pieces, starts_window in _rendered(tools, messages, self._mask_failed_calls):
            tokens, has_loss = self._encode(pieces)
            blocks.append(Block(role, tokens, has_loss, starts_window))
        return blocks

    def tokens(self, tools: Sequence[ToolSpec], messages: Sequence[Message]) -> list[int]:
        """The ids of a whole conversation."""
        return [token for block in self.blocks(tools, messages) for token in block.tokens]

    def generation_prompt(self) -> list[int]:
        """The ids that open an assistant message."""
        return self._encode([Piece(GENERATION_PROMPT)])[0]

    def tool_results(self, contents: Sequence[str]) -> list[int]:
        """The ids of tool results, for a prompt that goes on from sampled ids."""
        return self._encode(tool_pieces(contents))[0]

    def _encode(self, pieces: Sequence[Piece]) -> tuple[list[int], list[bool]]:
        """Text between two markers is encoded as one run, as the chat template's reader does."""
        tokens: list[int] = []
        has_loss: list[bool] = []
        for is_marker, run in groupby(_split_markers(pieces), key=lambda piece: piece[1]):
            if is_marker:
                for piece, _ in run:
                    tokens.append(self._tokenizer.special[piece.text])
                    has_loss.append(piece.has_loss)
                continue
            plain = [piece for piece, _ in run]
            ids, starts = self._tokenizer.encode_with_offsets("".join(p.text for p in plain))
            loss_by_char = [p.has_loss for p in plain for _ in p.text]
            tokens.extend(ids)
            has_loss.extend(loss_by_char[start] for start in starts)
        return tokens, has_loss


def plain_texts(tools: Sequence[ToolSpec], messages: Sequence[Message]) -> list[str]:
    """What lies between the markers of a conversation, to learn a tokenizer from."""
    texts = []
    for _, pieces, _ in _rendered(tools, messages, True):
        for is_marker, run in groupby(_split_markers(pieces), key=lambda piece: piece[1]):
            if not is_marker:
                texts.append("".join(piece.text for piece, _ in run))
    return texts


def _rendered(
    tools: Sequence[ToolSpec], messages: Sequence[Message], mask_failed_calls: bool
) -> Iterator[tuple[str, list[Piece], bool]]:
    """(role, pieces, context was rewritten before it) of each block."""
    rest = list(messages)
    system = rest.pop(0).content if rest and rest[0].role == "system" else None
    if system is not None or tools:
        yield "system", system_pieces(system or "", tools), False
    runs = [list(r) for _, r in groupby(rest, key=lambda message: message.role == "tool")]
    for run, answers in zip(runs, [*runs[1:], []], strict=True):
        if run[0].role == "tool":
            yield "tool", tool_pieces([message.content for message in run]), False
            continue
        # An id may come again in a later turn: only the results next to a call speak of it.
        failed = {m.tool_call_id for m in answers if m.is_error and mask_failed_calls}
        for message in run:
            is_answered = message is run[-1]
            pieces = message_pieces(message, failed if is_answered else set())
            yield message.role, pieces, message.boundary is not None


def _split_markers(pieces: Sequence[Piece]) -> Iterator[tuple[Piece, bool]]:
    """Pieces with the template's markers apart: (piece, is a marker)."""
    for piece in pieces:
        position = 0
        for match in _MARKER.finditer(piece.text) if piece.from_template else ():
            if match.start() > position:
                yield Piece(piece.text[position : match.start()], True, piece.has_loss), False
            yield Piece(match.group(), True, piece.has_loss), True
            position = match.end()
        if position < len(piece.text):
            yield Piece(piece.text[position:], piece.from_template, piece.has_loss), False


def system_pieces(system: str, tools: Sequence[ToolSpec]) -> list[Piece]:
    """The system message, with the tools described in it."""
    pieces = [Piece("<|im_start|>system\n"), Piece(system, False)]
    if tools:
        pieces.append(Piece("\n\n# Tools\n\nYou may call these functions:\n\n<tools>"))
        for tool in tools:
            parameters = json.dumps(json.loads(tool.parameters), ensure_ascii=False)
            text = (
                f"\n<function>\n<name>{tool.name}</name>\n<description>{tool.description}"
                f"</description>\n<parameters>{parameters}</parameters>\n</function>"
            )
            pieces.append(Piece(text, False))
        pieces.append(
            Piece(
                "\n</tools>\n\nCall a function like this, with nothing after it:\n\n<tool_call>\n"
                "<function=NAME>\n<parameter=PARAMETER>\nVALUE\n</parameter>\n</function>\n"
                "</tool_call>"
            )
        )
    return [*pieces, Piece("<|im_end|>\n")]


def message_pieces(message: Message, failed_calls: set[str | None]) -> list[Piece]:
    """A user or assistant message. Only an assistant's own words and its end carry loss."""
    opening = Piece(f"<|im_start|>{message.role}\n")
    if message.role != "assistant":
        return [opening, Piece(message.content, False), Piece("<|im_end|>\n")]
    content = message.content.strip()
    pieces = [opening, Piece(content, False, True)]
    for index, call in enumerate(message.tool_calls):
        separator = "\n" if index else "\n\n" if content else ""
        pieces.extend(_call_pieces(call, separator, call.call_id not in failed_calls))
    return [*pieces, Piece("<|im_end|>", True, True), Piece("\n")]


def _call_pieces(call: ToolCall, separator: str, has_loss: bool) -> list[Piece]:
    arguments = _arguments(call)
    body = "".join(
        f"<parameter={name}>\n{_value_text(value)}\n</parameter>\n"
        for name, value in arguments.items()
    )
    return [
        Piece(f"{separator}<tool_call>\n", True, has_loss),
        Piece(f"<function={call.name}>\n{body}</function>\n", False, has_loss),
        Piece("</tool_call>", True, has_loss),
    ]


def _arguments(call: ToolCall) -> dict[str, Any]:
    try:
        arguments = json.loads(call.arguments)
    except json.JSONDecodeError:
        arguments = None
    if not isinstance(arguments, dict):
        raise SchemaError(f"arguments of tool call {call.call_id} are no JSON object")
    return arguments


def _value_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def tool_pieces(contents: Sequence[str]) -> list[Piece]:
    """Tool results, as the one user message that the template makes of them."""
    pieces = [Piece("<|im_start|>user\n")]
    for content in contents:
        pieces.append(Piece("<tool_response>\n"))
        pieces.append(Piece(content, False))
        pieces.append(Piece("\n</tool_response>\n"))
    return [*pieces, Piece("<|im_end|>\n")]
