"""The messages of a dialogue so far, and the paths seen in them. In: turns. Out: `Message` rows.

    transcript.ask("Please fix ...")
    (hits,) = transcript.act("I search for it.", [("search", {"pattern": "total"})])
    transcript.has_seen("src/cart.py")            ->  True

A path counts as seen when it is a line of a listing, the place of a search hit, or a word of the
request. The assistant names no file before.
"""

import json
import re
from collections.abc import Sequence

from schemas.tables import Message, ToolCall
from transforms.synthesize.tools import Arguments, Observation, Toolbox

Call = tuple[str, Arguments]
_HIT = re.compile(r"(.+?):\d+:")
_PATH_WORD = re.compile(r"[\w./+@-]*[\w+@-]")


class Transcript:
    """Runs the assistant's calls and writes down everything."""

    def __init__(self, toolbox: Toolbox) -> None:
        self.toolbox = toolbox
        self.messages: list[Message] = []
        self.num_calls = 0
        self._seen: set[str] = set()

    def instruct(self, text: str) -> None:
        """The system message."""
        self.messages.append(Message(role="system", content=text))

    def ask(self, text: str) -> None:
        """A user message."""
        self.messages.append(Message(role="user", content=text))
        self._seen |= set(_PATH_WORD.findall(text))

    def say(self, text: str) -> None:
        """An assistant message without calls."""
        self.messages.append(Message(role="assistant", content=text))

    def act(self, text: str, calls: Sequence[Call]) -> list[Observation]:
        """An assistant message with calls, and the tool messages that answer them in order."""
        tool_calls = tuple(self._tool_call(name, arguments) for name, arguments in calls)
        self.messages.append(Message(role="assistant", content=text, tool_calls=tool_calls))
        observations = []
        for call, (name, arguments) in zip(tool_calls, calls, strict=True):
            observation = self.toolbox.call(name, arguments)
            observations.append(observation)
            self.messages.append(_tool_message(call.call_id, observation))
            self._look_at(name, observation)
        return observations

    def has_seen(self, path: str) -> bool:
        """Whether the path of a file or folder was shown."""
        return path in self._seen

    @property
    def num_failed_calls(self) -> int:
        """Calls with an exit status other than 0."""
        return sum(message.is_error for message in self.messages)

    def _tool_call(self, name: str, arguments: Arguments) -> ToolCall:
        self.num_calls += 1
        text = json.dumps(arguments, sort_keys=True, ensure_ascii=False)
        return ToolCall(call_id=f"call_{self.num_calls}", name=name, arguments=text)

    def _look_at(self, name: str, observation: Observation) -> None:
        lines = observation.text.split("\n")
        if name == "list_files":
            self._seen |= {line.removesuffix("/") for line in lines}
        if name == "search":
            self._seen |= {hit[1] for hit in map(_HIT.match, lines) if hit}


def _tool_message(call_id: str, observation: Observation) -> Message:
    return Message(
        role="tool",
        content=observation.text,
        tool_call_id=call_id,
        exit_status=observation.exit_status,
        is_error=observation.exit_status != 0,
    )
