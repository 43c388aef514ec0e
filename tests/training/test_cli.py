"""The `katydid-train` command, end to end on a small corpus, and its errors."""

import itertools
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from schemas.arrow import table_schema
from training.cli import train
from training.forest import Forest
from training.trainer import Trainer

CONFIGS = Path(__file__).parents[2] / "training" / "configs"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(train, [str(argument) for argument in arguments])


def test_midtrain_then_sft_then_rl(tmp_path: Path, corpus: Path, small_toml: Path) -> None:
    out = tmp_path / "model"
    summaries = {}
    for stage in ("midtrain", "sft", "rl"):
        result = run(stage, "-c", small_toml, "--data", corpus, "--out", out, "--json")
        assert result.exit_code == 0, result.output
        summaries[stage] = json.loads(result.stdout)
        names = {path.name for path in (out / stage).iterdir()}
        assert names >= {
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "generation_config.json",
            "metrics.jsonl",
            "trainer",
        }
    assert summaries["sft"]["started_from"] == "midtrain"
    assert summaries["rl"]["started_from"] == "sft"
    assert summaries["rl"]["tree_token_ratio"] < 0.6
    assert {"reward_before", "reward_after"} <= summaries["rl"].keys()
    trajectories = pq.read_table(out / "rl" / "trajectories.parquet")
    assert trajectories.schema.equals(table_schema("trajectories"))
    assert trajectories.num_rows == 2 * 2 * 3  # steps after the warm-up, groups, rollouts
    assert {path.name for path in out.iterdir()} == {"tokenizer", "midtrain", "sft", "rl"}

    again = run("rl", "-c", small_toml, "--out", out, "--json")
    assert json.loads(again.stdout)["up_to_date"]


def test_rl_resumes_with_its_trajectories(
    tmp_path: Path, corpus: Path, small_toml: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = tmp_path / "start"
    assert run("sft", "-c", small_toml, "--data", corpus, "--out", start).exit_code == 0
    for name in ("whole", "parts"):
        shutil.copytree(start / "sft", tmp_path / name / "sft")
    assert run("rl", "-c", small_toml, "--out", tmp_path / "whole").exit_code == 0
    step, calls = Trainer.step, itertools.count(1)
    with monkeypatch.context() as patch:

        def dies_at_four(self: Trainer, lr: float, forests: list[Forest]) -> dict[str, float]:
            if next(calls) == 4:
                raise KeyboardInterrupt
            return step(self, lr, forests)

        patch.setattr(Trainer, "step", dies_at_four)
        stopped = run("rl", "-c", small_toml, "--out", tmp_path / "parts")
        assert stopped.exit_code == 1
        assert stopped.stderr.splitlines()[-1].startswith("stopped; ")
    result = run("rl", "-c", small_toml, "--out", tmp_path / "parts", "--json")
    assert json.loads(result.stdout)["resumed_from_step"] == 3
    for file in ("model.safetensors", "metrics.jsonl", "trajectories.parquet"):
        one, other = (tmp_path / name / "rl" / file for name in ("whole", "parts"))
        assert one.read_bytes() == other.read_bytes(), file


def test_the_divergence_is_from_the_model_rl_started_from(
    tmp_path: Path, corpus: Path, small_toml: Path
) -> None:
    out = tmp_path / "model"
    assert run("sft", "-c", small_toml, "--data", corpus, "--out", out).exit_code == 0
    settings = ["-s", "loss.kl_coefficient=0.1", "-s", "rl.warmup_steps=0"]
    assert run("rl", "-c", small_toml, *settings, "--out", out).exit_code == 0
    lines = (out / "rl" / "metrics.jsonl").read_text().splitlines()
    first, *_, last = [json.loads(line)["kl"] for line in lines]
    assert abs(first) < 1e-6 < last


def test_a_result_that_was_not_yet_published_is(
    tmp_path: Path, corpus: Path, small_toml: Path
) -> None:
    command = ("sft", "-c", small_toml, "--data", corpus, "--out", tmp_path, "--json")
    assert run(*command).exit_code == 0
    (tmp_path / ".sft").mkdir()
    (tmp_path / "sft").rename(tmp_path / ".sft" / "step-000006")
    assert json.loads(run(*command).stdout)["up_to_date"]
    assert (tmp_path / "sft" / "config.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["midtrain", "--data", "{corpus}/dialogues"], "MANIFEST.json"),
        (["sft", "--data", "{tmp}/nothing"], "MANIFEST.json"),
        (["sft", "--data", "{corpus}", "-s", "sft.stepz=3"], "sft.stepz"),
        (["sft", "--data", "{corpus}", "-s", "sft.context=9999999"], "token_budget"),
        (["sft", "--data", "{corpus}", "-c", "{tmp}/none.toml"], "none.toml"),
        (["sft", "--data", "{corpus}", "--from", "{tmp}"], "no checkpoint"),
        (["rl"], "katydid-train sft"),
        (["midtrain", "--data", "{corpus}", "-s", "device=tpu"], "device"),
        (["midtrain", "--data", "{corpus}", "-s", "threads=-1"], "threads"),
        (["midtrain", "--data", "{corpus}", "-s", "optimizer.lr=nan"], "lr"),
        (["midtrain", "--data", "{corpus}", "-s", "model.num_kv_heads=0"], "num_kv_heads"),
        (["midtrain", "--data", "{corpus}", "-s", "model.max_positions=10"], "positions"),
        (["rl", "-s", "rl.groups=0"], "groups"),
        (["rl", "-s", "rl.temperature=0"], "temperature"),
        (["rl", "-s", "rl.warmup_steps=999"], "warmup_steps"),
    ],
)
def test_errors_are_one_line(
    tmp_path: Path, corpus: Path, arguments: list[str], message: str
) -> None:
    filled = [argument.format(corpus=corpus, tmp=tmp_path) for argument in arguments]
    result = run(*filled, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("stage", ["midtrain", "sft"])
def test_a_corpus_may_lack_a_split(
    tmp_path: Path, corpus_of: Callable[[Path, str], Path], small_toml: Path, stage: str
) -> None:
    for split in ("", "validation"):
        data = corpus_of(tmp_path / f"only {split}", split)
        result = run(stage, "-c", small_toml, "--data", data, "--out", tmp_path / "out")
        assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
        assert "no training text" in result.stderr
    data = corpus_of(tmp_path / "only train", "train")
    result = run(stage, "-c", small_toml, "--data", data, "--out", tmp_path / "out", "--json")
    assert json.loads(result.stdout)["validation_loss_after"] is None


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_damaged_checkpoint_is_one_line(
    tmp_path: Path, corpus: Path, small_toml: Path, file: str
) -> None:
    first = run("sft", "-c", small_toml, "--data", corpus, "--out", tmp_path / "a")
    assert first.exit_code == 0
    (tmp_path / "a" / "sft" / file).write_bytes(b"{}")
    arguments = ("--data", corpus, "--from", tmp_path / "a" / "sft", "--out", tmp_path / "b")
    result = run("midtrain", "-c", small_toml, *arguments)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1


def test_the_output_may_not_be_a_file(tmp_path: Path, corpus: Path, small_toml: Path) -> None:
    (tmp_path / "file").touch()
    result = run("midtrain", "-c", small_toml, "--data", corpus, "--out", tmp_path / "file")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_the_folder_of_another_stage_is_refused(tmp_path: Path, corpus: Path) -> None:
    shutil.copytree(corpus, tmp_path / "dedup")
    manifest = tmp_path / "dedup" / "MANIFEST.json"
    manifest.write_text(manifest.read_text().replace('"stage": "mix"', '"stage": "dedup"'))
    result = run("midtrain", "--data", tmp_path / "dedup", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "'dedup'" in result.stderr


def test_a_corrupt_shard_is_refused(tmp_path: Path, corpus: Path) -> None:
    copy = tmp_path / "run" / "mix"
    shutil.copytree(corpus, copy)
    shard = copy / "documents" / "shop-00000.parquet"
    shard.write_bytes(shard.read_bytes()[:-1])
    result = run("midtrain", "--data", copy, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "corrupt" in result.stderr


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.toml")), ids=lambda path: path.name)
def test_every_settings_file_loads(path: Path) -> None:
    from schemas.settings import load
    from training.config import TrainConfig

    assert load(TrainConfig, path).model.hidden_size % 64 == 0


@pytest.mark.parametrize(
    "statement",
    ["import training", "from training.cli import train; train(['--help'], standalone_mode=False)"],
)
def test_the_door_is_light(statement: str) -> None:
    heavy = "torch", "transformers", "apache_beam", "presidio_analyzer", "datasets"
    code = f"{statement}\nimport sys\nprint([m for m in {heavy!r} if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert result.stdout.splitlines()[-1] == "[]"
