"""Tree reinforcement learning: group rollouts merged into tries, one clipped step for each batch.

In: a trained checkpoint and settings. Out: `<out>/rl`, a checkpoint in Hugging Face layout with
trajectories.parquet beside it.

    rl(Request(config=config, out=Path("runs/click/model")))

It is GRPO, made simple: the tasks are those of training/rollout/environment.py; advantages are
normalised in the group; every batch of rollouts is used for one step, so the ratio to the sampling
policy is 1 but for rounding; loss is averaged over sampled tokens. What the rollouts of a batch
have in common (tools, task, what was sampled alike) is computed once, which changes no gradient.

The first `warmup_steps` imitate the environment's own expert instead, through the same trainer: a
model from the demonstration corpus has never seen these tools. They are not reinforcement learning,
and the reward is measured before them, after them and at the end. They use other tasks than the
measurement does.
"""

from typing import Any

from schemas.errors import InputError
from training.stage import Request, build_model, open_stage, prepare_torch
from training.tokenizer import Tokenizer


def rl(request: Request) -> dict[str, Any]:
    """Train and publish; returns the summary. Does nothing when the stage is up to date."""
    opened = open_stage(request, "rl", request.config.rl, None)
    if opened.summary:
        return opened.summary
    if opened.start is None:
        raise InputError(
            f"{request.out} holds no trained model; run katydid-train sft first or give --from"
        )
    from training.loop import run_stage
    from training.rl_source import RolloutSource
    from training.trainer import Trainer

    device = prepare_torch(request.config)
    tokenizer = Tokenizer(opened.start)
    trainer = Trainer(build_model(request, opened, tokenizer, device), request.config)
    source = RolloutSource(request, opened, trainer.model, tokenizer, device)
    return run_stage(opened, trainer, tokenizer, source.window, source.measure, source.save)
