"""A store to be read and written through tools: the environment of the `rl` stage.

In: a seed and an index. Out: a task with tools, a store to call them on, an expert's dialogue and
a reward for a transcript.

    task = make_task(seed=0, name="7")
    task.messages[-1].content            ->  "Copy red to blue."
    store = Store(task)
    store.call("get", {"key": "red"})    ->  ToolResult("4", is_error=False)
    reward(task, store, transcript)      ->  between 0.0 and 1.0

What the store holds is not in the prompt, so a task can only be solved by calling a tool, reading
what it answers and using it. The reward is graded, because a small model starts far from any
success and equal rewards in a group teach nothing:

    0.1  share of the first message that agrees with the expert's from its beginning
    0.1  every message was ended by the model itself
    0.2  a tool was called in the right form
    0.2  the tool `get` was called with the key that the task is about
    0.4  the answer, or the store in the end, is right
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from schemas.ids import seed_for
from schemas.tables import Message, ToolCall, ToolSpec
from training.rollout.calls import ParsedMessage

KEYS = ("red", "blue", "green", "black", "white", "brown")
VALUES = tuple("0123456789")
DONE = "done"

TOOLS = (
    ToolSpec(
        name="get",
        description="Read a key.",
        parameters='{"type": "object", "properties": {"key": {"type": "string"}}}',
    ),
    ToolSpec(
        name="set",
        description="Write a key.",
        parameters='{"type": "object", "properties": {"key": {"type": "string"}, '
        '"value": {"type": "string"}}}',
    ),
)


@dataclass(frozen=True, kw_only=True)
class StoreTask:
    """One task: read a key, or copy it to another."""

    task_id: str
    initial: Mapping[str, str]
    key: str
    copy_to: str | None
    """None: the task is to tell the value."""
    messages: tuple[Message, ...]

    @property
    def value(self) -> str:
        """What the task is about and the prompt does not say."""
        return self.initial[self.key]


@dataclass(frozen=True)
class ToolResult:
    """What a tool printed."""

    text: str
    is_error: bool = False


@dataclass(frozen=True)
class Turn:
    """One assistant message of a transcript."""

    text: str
    message: ParsedMessage
    ended: bool
    """False when the limit on tokens ended it."""


class Store:
    """The store of one rollout."""

    def __init__(self, task: StoreTask) -> None:
        self.values = dict(task.initial)

    def call(self, name: str, arguments: Mapping[str, str]) -> ToolResult:
        """Run a tool. Whatever is wrong with the call is an answer, never an exception."""
        if name == "get" and arguments.get("key") in self.values:
            return ToolResult(self.values[arguments["key"]])
        if name == "set" and arguments.keys() == {"key", "value"}:
            self.values[arguments["key"]] = arguments["value"]
            return ToolResult("ok")
        return ToolResult("error", is_error=True)


def make_task(seed: int, name: str) -> StoreTask:
    """The task of this name: the same on every machine."""
    random = Random(seed_for(seed, f"store task {name}"))
    initial = {key: random.choice(VALUES) for key in KEYS}
    key, other = random.sample(KEYS, 2)
    copy_to = other if random.random() < 0.5 else None
    wish = f"Copy {key} to {copy_to}." if copy_to else f"What is {key}?"
    return StoreTask(
        task_id=f"store-{seed}-{name}",
        initial=initial,
        key=key,
        copy_to=copy_to,
        messages=(Message(role="user", content=wish),),
    )


def expert_messages(task: StoreTask) -> list[Message]:
    """The dialogue of an agent that solves the task in as few calls as it takes."""
    messages = [*task.messages, _call_message("1", "get", f'{{"key": "{task.key}"}}')]
    messages.append(Message(role="tool", content=task.value, tool_call_id="1"))
    if task.copy_to is None:
        return [*messages, Message(role="assistant", content=task.value)]
    arguments = f'{{"key": "{task.copy_to}", "value": "{task.value}"}}'
    messages.append(_call_message("2", "set", arguments))
    messages.append(Message(role="tool", content="ok", tool_call_id="2"))
    return [*messages, Message(role="assistant", content=DONE)]


def expert_first_text(task: StoreTask) -> str:
    """The expert's first message as the model would write it."""
    return (
        f"<tool_call>\n<function=get>\n<parameter=key>\n{task.key}\n</parameter>\n"
        "</function>\n</tool_call>"
    )


def reward(task: StoreTask, store: Store, turns: Sequence[Turn]) -> float:
    """Between 0 and 1, graded as the module says."""
    calls = [call for turn in turns for call in turn.message.calls if call is not None]
    known = [call for call in calls if call.name in {tool.name for tool in TOOLS}]
    asked = any(call.name == "get" and call.arguments == {"key": task.key} for call in known)
    score = 0.1 * _agreement(turns[0].text, expert_first_text(task)) if turns else 0.0
    score += 0.1 * float(bool(turns) and all(turn.ended for turn in turns))
    score += 0.2 * float(bool(known)) + 0.2 * float(asked)
    return score + 0.4 * float(bool(turns) and _is_solved(task, store, turns[-1]))


def _is_solved(task: StoreTask, store: Store, last: Turn) -> bool:
    if task.copy_to is not None:
        return store.values == {**task.initial, task.copy_to: task.value}
    return not last.message.calls and last.message.content == task.value


def _agreement(text: str, expected: str) -> float:
    """Share of the expected characters that the text begins with."""
    pairs = zip(text, expected, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(text), len(expected)))
    return same / len(expected)


def _call_message(call_id: str, name: str, arguments: str) -> Message:
    call = ToolCall(call_id=call_id, name=name, arguments=arguments)
    return Message(role="assistant", content="", tool_calls=(call,))
