"""Tool calls in what a model wrote. In: the text of an assistant message. Out: content and calls.

    parse_message("Look.\\n\\n<tool_call>\\n<function=get>\\n<parameter=key>\\nred\\n</parameter>\\n"
                  "</function>\\n</tool_call>")
      -> ParsedMessage(content="Look.", calls=(ParsedCall(name="get", arguments={"key": "red"}),))

The format is that of vLLM's `qwen3_coder` parser: one line break is stripped at either end of a
value, and values stay strings. A call that is opened but not well formed is None in `calls`.
"""

import re
from dataclasses import dataclass

from training.tokenizer import END_OF_TOOL_CALL, TOOL_CALL

_CALL = re.compile(r"\s*<function=([^>\s]+)>\s*(.*?)</function>\s*", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([^>\s]+)>\n?(.*?)\n?</parameter>\s*", re.DOTALL)


@dataclass(frozen=True)
class ParsedCall:
    """A well-formed call."""

    name: str
    arguments: dict[str, str]


@dataclass(frozen=True)
class ParsedMessage:
    """What an assistant message says and calls."""

    content: str
    calls: tuple[ParsedCall | None, ...]


def parse_message(text: str) -> ParsedMessage:
    """Content up to the first call, and the calls in order."""
    content, *rest = text.split(TOOL_CALL)
    return ParsedMessage(content.strip(), tuple(_parse_call(part) for part in rest))


def _parse_call(text: str) -> ParsedCall | None:
    body, closing, _ = text.partition(END_OF_TOOL_CALL)
    match = _CALL.fullmatch(body)
    if not closing or match is None or _PARAMETER.sub("", match.group(2)):
        return None
    return ParsedCall(match.group(1), dict(_PARAMETER.findall(match.group(2))))
