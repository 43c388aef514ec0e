"""Where a stage starts, and what of it is done already.

In: a Request (settings, data, output folder). Out: an Opened stage, its tokenizer and its model.

    opened = open_stage(request, "sft", config.sft, corpus.fingerprint)
    opened.summary           ->  the summary of a finished run of the same fingerprint, or None

A stage starts from `--from`, else from the nearest earlier stage in the output folder, else (not
rl) from random weights and a tokenizer learned from the data. A run that was stopped goes on from
its newest checkpoint and ends with the bytes of a run that was not.
"""

import hashlib
import shutil
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from schemas.errors import ConfigError, InputError
from schemas.ids import fingerprint
from training.checkpoint import Checkpoints, read_state
from training.config import LoopConfig, TrainConfig
from training.corpus import Corpus
from training.tokenizer import Tokenizer

STAGES = ("midtrain", "sft", "rl")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a command line asks for."""

    config: TrainConfig
    out: Path
    data: str | None = None
    start: Path | None = None
    resume: bool = True


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A stage that is ready to be trained, or finished already."""

    stage: str
    loop: LoopConfig
    checkpoints: Checkpoints
    start: Path | None
    resumed: Path | None
    summary: dict[str, Any] | None


def open_stage(
    request: Request, stage: str, loop: LoopConfig, data_fingerprint: str | None
) -> Opened:
    """Where the stage starts and what of it is done. Loads no torch."""
    start = request.start or _earlier_stage(request.out, stage)
    key = fingerprint(
        {
            "stage": stage,
            "config": _relevant_config(request.config, loop, is_fresh=start is None),
            "data": data_fingerprint,
            "start": _fingerprint_of(start) if start else None,
            "versions": {name: version(name) for name in ("katydid", "torch", "transformers")},
        }
    )
    checkpoints = Checkpoints(request.out, stage, key)
    if not request.resume:
        checkpoints.discard()
    latest = checkpoints.latest()
    if latest and "summary" in (read_state(latest) or {}):
        checkpoints.publish(latest)  # the run was killed between its last save and this
        latest = None
    finished = checkpoints.finished() if request.resume else None
    return Opened(
        stage=stage,
        loop=loop,
        checkpoints=checkpoints,
        start=start,
        resumed=latest,
        summary=_summary_of(finished, checkpoints.final) if finished else None,
    )


def _summary_of(finished: dict[str, Any], folder: Path) -> dict[str, Any]:
    summary: dict[str, Any] = finished["summary"]
    return summary | {"folder": str(folder), "up_to_date": True}


def _earlier_stage(out: Path, stage: str) -> Path | None:
    earlier = [out / name for name in reversed(STAGES[: STAGES.index(stage)])]
    return next((folder for folder in earlier if (folder / "config.json").is_file()), None)


def _relevant_config(config: TrainConfig, loop: LoopConfig, *, is_fresh: bool) -> dict[str, Any]:
    common = ["seed", "threads", "device", "optimizer", "loss"]
    names = [*common, "tokenizer", "model"] if is_fresh else common
    return {name: value for name, value in asdict(config).items() if name in names} | {
        "loop": asdict(loop)
    }


def _fingerprint_of(folder: Path) -> str:
    """SHA-256 of a checkpoint's weights and tokenizer."""
    files = [*sorted(folder.glob("*.safetensors")), folder / "tokenizer.json"]
    if not files[0].name.endswith(".safetensors") or not files[-1].is_file():
        raise InputError(f"{folder} is no checkpoint: weights or tokenizer.json are missing")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def prepare_torch(config: TrainConfig) -> str:
    """Set threads, determinism and quiet for the process; returns the device."""
    import torch
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers ships it untyped
    has_cuda = torch.cuda.is_available()
    if config.device not in ("auto", "cpu", "cuda") or (config.device == "cuda" and not has_cuda):
        raise ConfigError(f'device {config.device!r} cannot be had here; set device="auto"')
    device = "cuda" if has_cuda and config.device != "cpu" else "cpu"
    if config.threads:
        torch.set_num_threads(config.threads)
    # Some CUDA kernels have no deterministic form; there it warns, on CPU it would raise.
    torch.use_deterministic_algorithms(True, warn_only=device == "cuda")
    # Filling fresh memory with NaN, which that implies, is for hunting reads of it; 4 % of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # set on its module type
    return device


def fresh_tokenizer(request: Request, corpus: Corpus) -> Path:
    """`<out>/tokenizer`, learned anew unless it is that of the same data and settings."""
    from training.tokenizer import train_tokenizer

    folder = request.out / "tokenizer"
    config, seed = request.config.tokenizer, request.config.seed
    key = fingerprint({"data": corpus.fingerprint, "config": asdict(config), "seed": seed})
    mark = folder / "fingerprint.txt"
    if mark.is_file() and mark.read_text(encoding="utf-8") == key:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    train_tokenizer(corpus.texts(seed, config.max_chars), folder, config.vocab_size)
    mark.write_text(key, encoding="utf-8")
    return folder


def build_model(request: Request, opened: Opened, tokenizer: Tokenizer, device: str) -> Any:
    """The model at the newest checkpoint, at the starting point, or with random weights."""
    from training.model import load_model, new_model

    folder, config = opened.resumed or opened.start, request.config
    if folder is not None:
        model = load_model(folder)
    else:
        model = new_model(config.model, len(tokenizer), tokenizer.special, config.seed)
    if len(tokenizer) > model.config.vocab_size:
        raise InputError(f"{folder} is no checkpoint: its tokenizer has more tokens than the model")
    if opened.loop.context > model.config.max_position_embeddings:
        raise ConfigError(
            f"{opened.stage}.context is over the model's {model.config.max_position_embeddings} "
            "positions; lower it"
        )
    return model.to(device)
