"""What `synthesize` rejects, and hostile trees, which do nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from replay import (
    CHANGES,
    NEVER,
    SHELL_CHANGES,
    TREE,
    Tree,
    change,
    only,
    pull_request,
    reason,
    run,
)

from schemas.arrow import to_batch
from schemas.errors import ConfigError
from schemas.tables import PullRequest
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.rows import Synthesize
from transforms.synthesize.snapshots import MemorySnapshots


def hostile_tree(canary: Path) -> Tree:
    touch = f"touch {canary}"
    python = f"import os\nos.system({touch!r})\n"
    return TREE | {
        "Makefile": f"all:\n\t{touch}\n",
        "conftest.py": python,
        "setup.py": python,
        "sitecustomize.py": python,
        "py_compile.py": python,
        "json.py": python,
        ".gitattributes": "* filter=evil\n",
        ".git/config": f'[core]\n\tfsmonitor = "{touch}"\n[filter "evil"]\n\tsmudge = {touch}\n',
        ".git/hooks/post-checkout": f"#!/bin/sh\n{touch}\n",
        ".bashrc": touch,
        ".env": f"BASH_ENV=$({touch})",
        "$(touch pwned)": "x\n",
        "; touch pwned; .py": "y = 1\n",
        "--help": "z\n",
    }


def test_a_hostile_tree_does_nothing_to_the_host(config: SynthesizeConfig, tmp_path: Path) -> None:
    canary = tmp_path / "touched"
    tree = hostile_tree(canary)
    names = ["$(touch pwned)", "; touch pwned; .py", "--help", "conftest.py", "Makefile"]
    files = [change(name, tree[name], tree[name] + "more = 1\n") for name in names]
    dialogue = only(run([pull_request(*files)], config, tree))
    assert not canary.exists()
    assert "pwned" not in [line for m in dialogue.messages for line in m.content.split("\n")]


@pytest.mark.parametrize("path", ["../escape.txt", "/etc/escape.txt", "a/../../escape.txt", "a//b"])
def test_a_tree_with_names_that_lead_outside_is_rejected(path: str) -> None:
    outcome = run([pull_request(*CHANGES["one line"])], tree=TREE | {path: "x"})
    assert reason(outcome)[0] == "unsuitable_change"
    assert not Path("/etc/escape.txt").exists()


def test_rejections() -> None:
    one = CHANGES["one line"]
    binary = change("logo.png", None, "", patch="")
    unknown = change("logo.png", "", "x", base_content=None)
    cases: dict[str, tuple[PullRequest, str]] = {
        "no title": (pull_request(*one, title="  "), "unsuitable_change"),
        "deletion only": (pull_request(SHELL_CHANGES["deletion"][0]), "unsuitable_change"),
        "renaming": (pull_request(*SHELL_CHANGES["renaming"]), "unsuitable_change"),
        "mode only": (pull_request(change("a", "x", "x", patch="")), "unsuitable_change"),
        "binary": (pull_request(*one, binary), "unsuitable_change"),
        "unknown base": (pull_request(unknown), "no_base_content"),
        "wrong patch": (pull_request(replace(one[0], patch="@@ -1 +1 @@\n-no\n+yes\n")), ""),
        "no patch": (pull_request(replace(one[0], patch="rubbish")), "patch_does_not_apply"),
        "other base": (pull_request(change("README.md", "# Other\n", "# New\n")), ""),
        "exists": (pull_request(change("README.md", None, "# New\n")), "replay_mismatch"),
        "no such file": (pull_request(change("absent.py", "a\n", "b\n")), "replay_mismatch"),
        "through a file": (pull_request(change("README.md/x", "a\n", "b\n")), "replay_mismatch"),
        "outside": (pull_request(change("../x", "a\n", "b\n")), "unsuitable_change"),
    }
    outcome = run([replace(row, pr_id=name) for name, (row, _) in cases.items()])
    assert outcome.kept == []
    found = {rejected.row_id: rejected.reason for rejected in outcome.rejected}
    wanted = {name: slug for name, (_, slug) in cases.items()}
    wanted |= {"wrong patch": "patch_does_not_apply", "other base": "replay_mismatch"}
    assert found == wanted
    assert {rejected.stage for rejected in outcome.rejected} == {"synthesize"}


def test_only_deletions_are_rejected_with_a_shell_too(shell_config: SynthesizeConfig) -> None:
    outcome = run([pull_request(SHELL_CHANGES["deletion"][0])], shell_config)
    assert reason(outcome) == ("unsuitable_change", "renames, deletions or modes only")


def test_limits_are_kept() -> None:
    row = pull_request(*CHANGES["several files"])
    assert reason(run([row], replace(NEVER, max_files=3))) == ("too_many_edits", "4 files > 3")
    assert reason(run([row], replace(NEVER, max_edits=3))) == ("too_many_edits", "4 edits > 3")
    assert reason(run([row], replace(NEVER, max_tree_files=5)))[0] == "tree_too_large"
    assert reason(run([row], replace(NEVER, max_tree_bytes=500)))[0] == "tree_too_large"
    small = replace(NEVER, max_observation_bytes=20)
    assert (
        reason(run([pull_request(*CHANGES["identical blocks"])], small))[0] == "unsuitable_change"
    )


def test_a_missing_commit_rejects_the_row_alone() -> None:
    rows = [pull_request(*CHANGES["one line"], pr_id=f"pr-{i}") for i in range(3)]
    stage = Synthesize(NEVER, 1, MemorySnapshots({("acme/shop", "c0ffee"): TREE}))
    stage.open()
    rows[1] = replace(rows[1], base_commit="unknown")
    outcome = stage.apply("pull_requests", to_batch(PullRequest, rows))
    assert [dialogue.pr_id for dialogue in outcome.kept] == ["pr-0", "pr-2"]
    assert [rejected.reason for rejected in outcome.rejected] == ["missing_commit"]


def test_a_wrong_setting_stops_the_run() -> None:
    with pytest.raises(ConfigError, match="auto, require or never"):
        Synthesize(replace(NEVER, run_commands="yes"), 1, MemorySnapshots({})).open()
