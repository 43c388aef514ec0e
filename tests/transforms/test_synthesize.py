"""What holds of every dialogue of `synthesize`."""

import json
import os
import re
from pathlib import Path

import pytest
from replay import CHANGES, NEVER, SHELL_CHANGES, TREE, calls_of, rows_of, run

from schemas.tables import Dialogue, FileChange
from transforms.patch import apply_hunks, parse_hunks
from transforms.sandbox.bubblewrap import find_sandbox
from transforms.synthesize.checkout import Checkout
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.tools import Toolbox


@pytest.fixture(scope="module")
def dialogues(config: SynthesizeConfig) -> list[Dialogue]:
    """A dialogue of every change that this configuration can replay."""
    changes = CHANGES | (SHELL_CHANGES if config.run_commands == "require" else {})
    outcome = run(rows_of(changes), config)
    assert outcome.rejected == []
    return outcome.kept


def test_replaying_the_calls_makes_the_change(dialogues: list[Dialogue], outside: Path) -> None:
    """Independent of the stage's own comparison: the recorded calls alone, on a fresh checkout."""
    for dialogue in dialogues:
        files = _files(dialogue)
        checkout = Checkout(outside / "again", max_files=100, max_bytes=10**6)
        checkout.bring_to((path, text, False) for path, text in TREE.items())
        toolbox = Toolbox(checkout.folder, find_sandbox(), NEVER)
        for _, call, arguments in calls_of(dialogue):
            toolbox.call(call.name, dict(arguments))
        tree = {entry.path for entry in checkout.folder.walk() if entry.kind == "file"}
        for file in files:
            if file.status == "deleted":
                assert file.path not in tree
                continue
            base = file.base_content or ""
            new = apply_hunks(base, parse_hunks(file.patch))
            assert checkout.folder.read(file.path) == new.encode()
        renamed = {file.old_path for file in files if file.old_path}
        assert not renamed & tree


def test_every_call_is_answered_in_order(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        waiting: list[str] = []
        roles = [message.role for message in dialogue.messages]
        assert roles[:2] == ["system", "user"]
        assert roles[-1] == "assistant"
        for message in dialogue.messages:
            if message.role == "tool":
                assert message.tool_call_id == waiting.pop(0)
                assert message.is_error == (message.exit_status != 0)
            else:
                assert waiting == []
                assert message.content
                waiting = [call.call_id for call in message.tool_calls]
        assert waiting == []
        assert dialogue.num_tool_calls == sum(1 for _ in calls_of(dialogue))
        assert dialogue.num_failed_calls == sum(m.is_error for m in dialogue.messages)


def test_arguments_fit_the_tools(dialogues: list[Dialogue]) -> None:
    types = {"string": str, "integer": int}
    for dialogue in dialogues:
        tools = {tool.name: json.loads(tool.parameters) for tool in dialogue.tools}
        for _, call, arguments in calls_of(dialogue):
            schema = tools[call.name]
            assert set(schema["required"]) <= set(arguments) <= set(schema["properties"])
            for name, value in arguments.items():
                assert isinstance(value, types[schema["properties"][name]["type"]])
            assert call.arguments == json.dumps(arguments, sort_keys=True, ensure_ascii=False)


def test_old_text_was_read_before_it_is_replaced(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        for index, call, arguments in calls_of(dialogue):
            if call.name == "edit_file":
                shown = [m.content for m in dialogue.messages[:index] if m.role == "tool"]
                assert any(arguments["old_str"] in text for text in shown)


def test_no_path_is_named_before_it_is_seen(dialogues: list[Dialogue]) -> None:
    folders = {str(parent) for path in TREE for parent in Path(path).parents} - {"."}
    for dialogue in dialogues:
        seen = ""
        for message in dialogue.messages:
            said = message.content + "".join(call.arguments for call in message.tool_calls)
            if message.role == "assistant":
                for path in [*TREE, *folders]:
                    pattern = rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)"
                    assert path in seen or not re.search(pattern, said), (path, said)
            seen += said + "\n"


def test_no_line_of_the_change_is_told_before_it_is_read(dialogues: list[Dialogue]) -> None:
    """New text appears for the first time in an edit."""
    for dialogue in dialogues:
        first_edit = next(i for i, call, _ in calls_of(dialogue) if call.name == "edit_file")
        before = "\n".join(str(message) for message in dialogue.messages[:first_edit])
        for name in ("round(", "fresh_name", "TAX_RATE", "other_value", "new_module"):
            assert name not in before


def test_a_dialogue_explores_reads_edits_and_reports(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        names = [call.name for _, call, _ in calls_of(dialogue)]
        assert names[0] == "list_files"
        assert "edit_file" in names
        assert all(file.path in dialogue.messages[-1].content for file in _files(dialogue))


def _files(dialogue: Dialogue) -> tuple[FileChange, ...]:
    return (CHANGES | SHELL_CHANGES)[dialogue.pr_id]


def test_nothing_of_this_machine_is_told(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        text = str(dialogue)
        assert "/tmp" not in text
        assert str(os.getpid()) not in text
        assert "katydid-" not in text


def test_same_input_same_dialogues_whatever_the_order(
    config: SynthesizeConfig, dialogues: list[Dialogue]
) -> None:
    first = {dialogue.pr_id: dialogue for dialogue in dialogues}
    again = run(rows_of({name: CHANGES[name] for name in sorted(CHANGES, reverse=True)}), config)
    assert again.kept == [first[name] for name in sorted(CHANGES, reverse=True)]


def test_several_files_are_read_at_once(dialogues: list[Dialogue]) -> None:
    dialogue = next(d for d in dialogues if d.pr_id == "several files")
    reads = [[c for c in m.tool_calls if c.name == "read_file"] for m in dialogue.messages]
    assert max(len(calls) for calls in reads) == 4
