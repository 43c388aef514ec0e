"""The loop: learns, reloads bit for bit, resumes bit for bit, knows when it is up to date."""

import itertools
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from schemas.errors import StageError
from training.checkpoint import METRICS
from training.config import OptimizerConfig, TrainConfig
from training.forest import Forest
from training.midtrain import midtrain
from training.sft import sft
from training.stage import Request
from training.trainer import Trainer, lr_at

COMPARED = ("model.safetensors", METRICS, "tokenizer.json", "trainer/optimizer.pt")


def test_learning_rate_climbs_and_falls() -> None:
    config = OptimizerConfig(lr=1.0, warmup_fraction=0.2, final_lr_fraction=0.1)
    rates = [lr_at(step, 10, config) for step in range(10)]
    assert rates[:2] == [0.5, 1.0]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert 0.1 < rates[-1] < 0.2
    assert lr_at(9, 10, replace(config, schedule="constant")) == 1.0


def test_midtraining_lowers_the_loss_and_reloads_bit_for_bit(
    tmp_path: Path, corpus: Path, small_config: TrainConfig
) -> None:
    config = replace(small_config, midtrain=replace(small_config.midtrain, steps=40))
    request = Request(config=config, data=str(corpus), out=tmp_path)
    summary = midtrain(request)
    assert summary["validation_loss_after"] < summary["validation_loss_before"] - 0.5
    assert summary["train_loss_last"] < summary["train_loss_first"] - 0.5

    folder = tmp_path / "midtrain"
    again = AutoModelForCausalLM.from_pretrained(folder)
    again.save_pretrained(tmp_path / "copy")
    assert type(again).__name__ == "Qwen3ForCausalLM"
    input_ids = torch.arange(20)[None]
    logits = [
        AutoModelForCausalLM.from_pretrained(path)(input_ids).logits
        for path in (folder, tmp_path / "copy")
    ]
    assert torch.equal(logits[0], logits[1])
    assert midtrain(request)["up_to_date"]


def test_the_published_model_gives_the_logits_of_the_trained_one(
    tmp_path: Path, corpus: Path, small_config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trainer's own object is caught as it is made, then compared with what was written."""
    made: list[Trainer] = []
    original = Trainer.__init__

    def caught(self: Trainer, model: Any, config: TrainConfig) -> None:
        original(self, model, config)
        made.append(self)

    monkeypatch.setattr(Trainer, "__init__", caught)
    midtrain(Request(config=small_config, data=str(corpus), out=tmp_path))
    reloaded = AutoModelForCausalLM.from_pretrained(tmp_path / "midtrain")
    input_ids = torch.arange(30)[None]
    with torch.no_grad():
        assert torch.equal(made[0].model(input_ids).logits, reloaded(input_ids).logits)


@pytest.mark.parametrize("stage", [midtrain, sft])
def test_three_steps_and_three_more_are_six(  # type: ignore[no-untyped-def]  # two stages
    tmp_path: Path, corpus: Path, small_config: TrainConfig, monkeypatch, stage
) -> None:
    name = stage.__name__
    whole = Request(config=small_config, data=str(corpus), out=tmp_path / "whole")
    parts = Request(config=small_config, data=str(corpus), out=tmp_path / "parts")
    stage(whole)

    step, calls = Trainer.step, itertools.count(1)
    with monkeypatch.context() as patch:

        def dies_at_five(self: Trainer, lr: float, forests: list[Forest]) -> dict[str, float]:
            if next(calls) == 5:
                raise KeyboardInterrupt
            return step(self, lr, forests)

        patch.setattr(Trainer, "step", dies_at_five)
        with pytest.raises(KeyboardInterrupt):
            stage(parts)
    assert not (tmp_path / "parts" / name).exists()
    summary = stage(parts)
    assert summary["resumed_from_step"] == 3
    for file in COMPARED:
        one, other = (tmp_path / side / name / file for side in ("whole", "parts"))
        assert one.read_bytes() == other.read_bytes(), file


def test_a_run_killed_by_sigkill_ends_with_the_same_bytes(
    tmp_path: Path, corpus: Path, small_config: TrainConfig, small_toml: Path
) -> None:
    steps = {"steps": 60, "checkpoint_every": 2}
    config = replace(small_config, midtrain=replace(small_config.midtrain, **steps))
    midtrain(Request(config=config, data=str(corpus), out=tmp_path / "whole"))

    command = [sys.executable, "-c", "from training.cli import main; main()", "midtrain"]
    command += ["-c", str(small_toml), "--data", str(corpus), "--out", str(tmp_path / "parts")]
    command += [part for name, n in steps.items() for part in ("-s", f"midtrain.{name}={n}")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not list((tmp_path / "parts").glob(".midtrain/step-000*4")) and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.wait()
    assert not (tmp_path / "parts" / "midtrain").exists(), "it finished before it was killed"

    summary = midtrain(Request(config=config, data=str(corpus), out=tmp_path / "parts"))
    assert summary["resumed_from_step"] > 0
    for file in COMPARED:
        one, other = (tmp_path / side / "midtrain" / file for side in ("whole", "parts"))
        assert one.read_bytes() == other.read_bytes(), file


def test_a_run_that_diverges_stops(
    tmp_path: Path, corpus: Path, small_config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "_backward", lambda self, forests: _poison(self.model))
    with pytest.raises(StageError, match=r"optimizer\.lr"):
        midtrain(Request(config=small_config, data=str(corpus), out=tmp_path))
    assert not (tmp_path / "midtrain").exists()


def _poison(model: Any) -> dict[str, float]:
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, float("nan"))
    return {"loss": float("nan")}


def test_other_settings_train_anew(tmp_path: Path, corpus: Path, small_config: TrainConfig) -> None:
    first = midtrain(Request(config=small_config, data=str(corpus), out=tmp_path))
    other = replace(small_config, optimizer=replace(small_config.optimizer, lr=1e-4))
    second = midtrain(Request(config=other, data=str(corpus), out=tmp_path))
    assert not second["up_to_date"]
    assert first["validation_loss_after"] != second["validation_loss_after"]


def test_sft_starts_from_midtrain_and_counts_windows(
    tmp_path: Path, corpus: Path, small_config: TrainConfig
) -> None:
    midtrain(Request(config=small_config, data=str(corpus), out=tmp_path))
    summary = sft(Request(config=small_config, data=str(corpus), out=tmp_path))
    assert summary["started_from"] == "midtrain"
    assert summary["dialogues"] == 6
    rows = [json.loads(line) for line in (tmp_path / "sft" / METRICS).read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[0]["loss"] > rows[-1]["loss"]
