"""The course of single dialogues: what is asked, tried, checked and reported."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from replay import CHANGES, NEVER, TREE, calls_of, edited, only, pull_request, rows_of, run

from pipelines.settings import Settings
from pipelines.stages import STAGES
from schemas.discussion import LinkedIssue
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.task import search_terms


def test_another_seed_gives_another_course() -> None:
    rows = rows_of(CHANGES)
    assert run(rows, seed=1).kept != run(rows, seed=2).kept


def test_ambiguous_edits_fail_for_real_and_are_mended() -> None:
    row = pull_request(*CHANGES["identical blocks"])
    dialogue = only(run([row], replace(NEVER, ambiguous_edit_rate=1.0)))
    edits = [
        (json.loads(call.arguments), answer)
        for message in dialogue.messages
        for call in message.tool_calls
        if call.name == "edit_file"
        for answer in dialogue.messages
        if answer.tool_call_id == call.call_id
    ]
    (short, error), (full, success) = edits
    assert short["old_str"] == "    return total\n"
    assert "must occur once, it occurs 2 times, at lines 8, 15" in error.content
    assert (error.is_error, success.is_error) == (True, False)
    assert short["old_str"] in full["old_str"]
    assert only(run([row], replace(NEVER, ambiguous_edit_rate=0.0))).num_failed_calls == 0


def test_a_search_without_a_hit_is_an_error() -> None:
    row = pull_request(*CHANGES["one line"], body="The `no_such_name` is wrong.")
    dialogue = only(run([row]))
    (failed,) = (message for message in dialogue.messages if message.is_error)
    assert failed.content == "search: no line contains 'no_such_name'\n"
    assert failed.exit_status == 1


def test_a_failed_check_is_reported(shell_config: SynthesizeConfig) -> None:
    if not Path("/usr/bin/python3").exists():
        pytest.skip("no python3 in /usr/bin")
    dialogue = only(run([pull_request(*CHANGES["what does not parse"])], shell_config))
    (failed,) = (message for message in dialogue.messages if message.is_error)
    assert "SyntaxError" in failed.content
    assert failed.content.endswith("exit status: 1\n")
    assert "The check of `src/shop/cart.py` failed" in dialogue.messages[-1].content


def test_without_a_sandbox_there_is_no_shell() -> None:
    for dialogue in run(rows_of(CHANGES), NEVER).kept:
        assert "run_command" not in {tool.name for tool in dialogue.tools}
        assert "run_command" not in {call.name for _, call, _ in calls_of(dialogue)}
        assert "sandbox" not in dialogue.messages[0].content


def test_with_a_sandbox_there_is_one(shell_config: SynthesizeConfig) -> None:
    dialogue = only(run([pull_request(*CHANGES["several files"])], shell_config))
    assert dialogue.tools[-1].name == "run_command"
    commands = [a["command"] for _, call, a in calls_of(dialogue) if call.name == "run_command"]
    assert "bash -n scripts/build.sh" in commands


def test_the_request_holds_the_issues_and_no_form_comments() -> None:
    issue = LinkedIssue(number=7, title="Cents are lost", body="See `tax`. <!-- secret -->")
    body = "<!-- describe your\nchange -->Fixes #7.\r\n\r\n\r\n\r\nThanks <!-- unclosed"
    row = pull_request(*CHANGES["one line"], body=body, linked_issues=(issue,))
    text = only(run([row])).messages[1].content
    opening, _, rest = text.partition("\n\n")
    assert opening
    assert rest == "Round totals\n\nFixes #7.\n\nThanks\n\nIssue #7: Cents are lost\n\nSee `tax`."
    short = only(run([row], replace(NEVER, max_task_chars=50))).messages[1].content
    assert short.endswith("more characters are not shown]")


def test_search_terms() -> None:
    text = "Add --dry-run to `Cart.total()` so that cart_total and getTotal() agree in shop.cart"
    assert search_terms(text) == [
        *("Cart.total()", "--dry-run", "Cart.total", "cart_total", "getTotal", "shop.cart")
    ]
    assert search_terms("Fix rounding of every value") == ["rounding"]


REPOSITORY_CODE = "print('repository code ran')\n"
SHADOWS = {
    "py_compile.py": REPOSITORY_CODE,
    "json/__init__.py": "",
    "json/tool.py": REPOSITORY_CODE,
    "enum.py": "class Color:\n    pass\n",
    "package.json": '{"type": "module", "main": "py_compile.py"}\n',
    "app.js": "export const one = 1;\n",
    "data.json": '{"rate": 1}\n',
}
"""Modules of the checks' own names, which must not take part in a check."""


def test_a_check_runs_no_code_of_the_repository(shell_config: SynthesizeConfig) -> None:
    tree = TREE | SHADOWS
    files = (
        edited("src/shop/cart.py", ("0.2", "0.25")),
        edited("app.js", ("= 1", "= 2"), tree=tree),
        replace(edited("data.json", ("1", "2"), tree=tree), language="json"),
    )
    dialogue = only(run([pull_request(*files)], shell_config, tree))
    commands = [a["command"] for _, call, a in calls_of(dialogue) if call.name == "run_command"]
    assert any("py_compile src/shop/cart.py" in command for command in commands)
    assert any("json.tool" in command for command in commands)
    answers = [m.content for m in dialogue.messages if m.content.endswith("exit status: 0\n")]
    assert answers == ["exit status: 0\n"] * len(commands)


def test_versions_of_the_checks_programs_are_facts_of_the_run(
    shell_config: SynthesizeConfig,
) -> None:
    job: Any = SimpleNamespace(settings=Settings(synthesize=shell_config))
    find_environment = STAGES["synthesize"].environment
    assert find_environment is not None
    programs = find_environment(job).facts["programs"]
    assert programs["bash"].startswith("GNU bash, version ")
    assert all(re.search(r"\d+\.\d+", version) for version in programs.values())


@pytest.mark.parametrize("seed", range(8))
def test_a_file_left_empty_is_not_read_again(seed: int) -> None:
    emptied = CHANGES["everything removed"]
    names = [call.name for _, call, _ in calls_of(only(run([pull_request(*emptied)], seed=seed)))]
    assert names[-1] == "edit_file"
    both = pull_request(*emptied, *CHANGES["removal"])
    *_, (_, _, last) = calls_of(only(run([both], seed=seed)))
    assert last["path"] == "src/shop/cart.py"
