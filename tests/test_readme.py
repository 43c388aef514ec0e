"""Every command of the README is run, with the sample run in the place of `runs/demo`."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import FaultServer
from gharchive_rows import course, write_hour
from github_rows import many_pulls
from support import ROOT, RUN_COMMAND, TRAIN_COMMAND, Samples, command, katydid

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
KATYDID = [line for line in LINES if line.startswith("katydid ")]
TRAIN = [line for line in LINES if line.startswith("katydid-train ")]
ELSEWHERE = {
    "make demo": "test_make_targets_exist",
    ". .venv/bin/activate": "belongs to the shell",
    "export GITHUB_TOKENS=token-1,token-2": "the variable is set for all",
    **{
        line: "tests/airflow_dags/test_dags.py, with folders of its own"
        for line in LINES
        if line.startswith(("airflow ", "export AIRFLOW_HOME=", "export KATYDID_CONFIG="))
    },
}


def test_no_command_is_forgotten() -> None:
    assert {*LINES} == {*KATYDID, *TRAIN, *ELSEWHERE}


def test_every_subcommand_is_in_the_readme() -> None:
    from pipelines.cli import katydid as group
    from training.cli import train

    assert set(group.commands) == {line.split()[1] for line in KATYDID}
    assert set(train.commands) == {line.split()[1] for line in TRAIN}


@pytest.fixture(scope="module")
def place(
    sample_run: Path, samples: Samples, key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder that looks like a checkout after `make demo`."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(sample_run, folder / "runs" / "demo")
    shutil.copy(key_file, folder / "runs" / "demo" / "anonymize.key")
    shutil.copytree(ROOT / "training" / "configs", folder / "training" / "configs")
    (folder / "data_samples").mkdir()
    (folder / "data_samples" / "repos").symlink_to(samples.folder)
    (folder / "data_samples" / "sample.toml").symlink_to(samples.config)
    lists = ROOT / "data_samples" / "benchmark.jsonl"
    (folder / "data_samples" / "benchmark.jsonl").symlink_to(lists)
    for name in ("git/click.git", "mirrors/shop.git"):
        (folder / name).parent.mkdir()
        (folder / name).symlink_to(samples.folder / "brine.git")
    write_hour(folder / "gharchive", "2024-03-01-5", course(1))
    for text in re.findall(r"```toml\n(.*?)```", README, re.DOTALL):
        (folder / text.split()[1]).write_text(text.replace("services/pay", "brine"))
    return folder


@pytest.fixture
def github(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server of ours in the place of GitHub."""
    monkeypatch.setenv("GITHUB_TOKENS", "token-1,token-2")
    with FaultServer({"pallets/click": many_pulls(3)}) as server:
        settings = place / "katydid.toml"
        text = settings.read_text()
        settings.write_text(text.replace("[github]", f'[github]\napi_url = "{server.url}"'))
        yield


@pytest.mark.usefixtures("github")
def test_the_commands_run_in_the_order_of_the_readme(place: Path) -> None:
    for line in KATYDID:
        arguments = shlex.split(line)[1:]
        run = subprocess.run(
            command(RUN_COMMAND, *arguments),
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stderr}"
        assert run.stdout.strip()


def test_the_trainer_commands_run(place: Path) -> None:
    """With two steps each: the settings are tested elsewhere, here the commands are."""
    for line in TRAIN:
        arguments = shlex.split(line)[1:]
        steps = [f"{arguments[0]}.steps=2"]
        steps += ["rl.warmup_steps=1"] if arguments[0] == "rl" else []
        overrides = [part for step in steps for part in ("-s", step)]
        run = subprocess.run(
            command(TRAIN_COMMAND, *arguments, *overrides),
            cwd=place,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{line}\n{run.stderr}"
    report = katydid("report", place / "runs" / "demo", "--model", place / "runs/demo/model").stdout
    assert "validation loss" in report
    assert "reward" in report


@pytest.mark.parametrize("target", ["demo", "test", "check", "bench"])
def test_make_targets_exist(target: str) -> None:
    subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True)


def test_the_readme_shows_what_the_report_prints(sample_run: Path) -> None:
    report = katydid("report", sample_run).stdout
    stages = report.partition("\n\n")[2].partition("\n\n")[0]
    assert stages in README
