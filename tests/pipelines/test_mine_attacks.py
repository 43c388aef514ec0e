"""`katydid run mine` on a repository full of commands: none runs, nothing outside is written."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from mined import Git, new_shop
from support import ROOT, RUN_COMMAND, command

from pipelines.query import run_query

HOOKS = (
    "applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit",
    "prepare-commit-msg", "commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge",
    "pre-push", "pre-receive", "update", "proc-receive", "post-receive", "post-update",
    "reference-transaction", "push-to-checkout", "pre-auto-gc", "post-rewrite",
    "sendemail-validate", "fsmonitor-watchman", "post-index-change",
)  # fmt: skip
COMMANDS = (
    "core.fsmonitor", "core.pager", "core.editor", "core.askPass", "core.sshCommand",
    "core.gitProxy", "core.alternateRefsCommand", "diff.external", "diff.evil.command",
    "diff.evil.textconv", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
    "merge.evil.driver", "gpg.program", "gpg.ssh.program", "gpg.ssh.defaultKeyCommand",
    "gpg.x509.program", "pager.log", "pager.diff", "pager.show", "sequence.editor",
    "interactive.diffFilter", "uploadpack.packObjectsHook", "remote.origin.uploadpack",
    "remote.origin.receivepack", "mergetool.evil.cmd", "difftool.evil.cmd", "trailer.evil.command",
    "trailer.evil.cmd", "browser.evil.cmd", "sendemail.sendmailCmd", "web.browser",
    "imap.tunnel", "instaweb.httpd", "man.evil.cmd", "help.browser", "init.templateDir",
)  # fmt: skip
SHELL_COMMANDS = (
    "credential.helper", "alias.rev-parse", "alias.cat-file", "alias.for-each-ref",
    "alias.diff-tree", "alias.ls-tree", "alias.config", "submodule.evil.update",
)  # fmt: skip
PLUMBING = ("cat-file", "config", "diff-tree", "for-each-ref", "ls-tree", "rev-parse")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.commit("One (#1)", one__py="x = 1\n")
    return git


def set_traps(git: Git, trap: Path) -> None:
    """Every setting, hook, attribute and environment in which git looks for a command."""
    for key in COMMANDS:
        git("config", key, str(trap))
    for key in SHELL_COMMANDS:
        git("config", key, f"!{trap}")
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.promisor", "true")
    git("config", "remote.origin.url", f"ext::{trap}")
    git("config", "remote.origin.vcs", "evil")
    git("config", f"url.ext::{trap}.insteadOf", "https://")
    git("config", "protocol.allow", "always")
    git("config", "log.showSignature", "true")
    included = git.folder.parent / "included.config"
    included.write_text(f'[core]\n\tfsmonitor = "{trap}"\n\thooksPath = "{trap.parent}"\n')
    git("config", "include.path", str(included))
    git("config", "includeIf.gitdir:/**.path", str(included))
    for name in HOOKS:
        shutil.copy(trap, git.folder / ".git" / "hooks" / name)
    macros = "[attr]a0 diff=evil filter=evil merge=evil\n"
    macros += "".join(f"[attr]a{i} {f'a{i - 1} ' * 20}\n" for i in range(1, 12))
    git.write(".git/info/attributes", macros + "* a11\n")


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a mark beside itself."""
    trap = tmp_path / "evil" / "trap.sh"
    trap.parent.mkdir()
    trap.write_text(f'#!/bin/sh\ntouch "{trap.parent}/marker"\n')
    trap.chmod(0o755)
    return trap


def only_git(folder: Path) -> Path:
    """A PATH on which git is noted and nothing else is found."""
    folder.mkdir()
    real = shutil.which("git")
    (folder / "git").write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"with open({str(folder / 'log')!r}, 'a') as log:\n"
        "    log.write(json.dumps([sys.argv[1:], os.environ.get('GIT_ALLOW_PROTOCOL')]) + '\\n')\n"
        f"os.execv({real!r}, ['git', *sys.argv[1:]])\n"
    )
    (folder / "git").chmod(0o755)
    return folder


def snapshot(folder: Path, without: Path) -> dict[str, tuple[int, int, int, str]]:
    """Every file, folder and link below a folder, as it is and as it was last changed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path == without or without in path.parents:
            continue
        facts = path.lstat()
        content = str(path.readlink()) if path.is_symlink() else ""
        if path.is_file() and not path.is_symlink():
            content = hashlib.sha1(path.read_bytes()).hexdigest()
        found[str(path)] = (facts.st_mode, facts.st_ino, facts.st_mtime_ns, content)
    return found


def test_nothing_is_run_or_written_outside_the_run(git: Git, trap: Path, tmp_path: Path) -> None:
    git.write(".gitattributes", "* diff=evil filter=evil merge=evil -text\n" + "x y\n" * 100_000)
    module = f"path = x\n\turl = ext::{trap}\n\tupdate = !{trap}\n"
    git.write(".gitmodules", f'[submodule "evil"]\n\t{module}')
    git("add", "--all")
    git.commit_index("Two (#2)")
    two = git.commit("Three (#3)", three__py="y = 1\n")
    git.object_file("HEAD:three.py").unlink()
    git.pull(7, two)
    set_traps(git, trap)
    (trap.parent / "marker").unlink(missing_ok=True)
    subprocess.run(["git", "status"], cwd=git.folder, capture_output=True, check=False)
    marker = trap.parent / "marker"
    assert marker.exists(), "git sprung no trap, so this test shows nothing"
    marker.unlink()
    work = tmp_path / "work"
    folders = {name: work / name for name in ("home", "tmp", "cache", "run")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    shutil.copy(git.folder / ".git" / "config", folders["home"] / ".gitconfig")
    before = snapshot(tmp_path, without=work)
    environment = {
        "PATH": str(only_git(work / "path")), "HOME": str(folders["home"]),
        "TMPDIR": str(folders["tmp"]), "XDG_CACHE_HOME": str(folders["cache"]),
        "GIT_EXTERNAL_DIFF": str(trap), "GIT_SSH_COMMAND": str(trap), "GIT_PAGER": str(trap),
        "PAGER": str(trap), "EDITOR": str(trap), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    repos = f'mine.repos=["{git.folder}"]'
    arguments = ("run", "mine", "-s", repos, "--run-dir", folders["run"])
    result = subprocess.run(
        command(RUN_COMMAND, *arguments), env=environment, cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert not marker.exists()
    assert snapshot(tmp_path, without=work) == before
    left = [path for name in ("tmp", "cache") for path in folders[name].rglob("*")]
    assert left == []
    lines = (work / "path" / "log").read_text().splitlines()
    asked = [json.loads(line) for line in lines]
    asked = [(words[2:] if words[0] == "-c" else words, protocols) for words, protocols in asked]
    # GitPython asks for git's version when it is imported.
    assert {words[0] for words, _ in asked} <= {*PLUMBING, "version"}
    assert {protocols for words, protocols in asked if words[0] != "version"} == {"none"}
    numbers = run_query(str(folders["run"]), "select number from mine.pull_requests order by 1")[1]
    assert [number for (number,) in numbers] == [1, 2]
