"""One optimizer step on a window of forests. The trainer does not know which algorithm it runs.

In: forests whose tokens carry weights. Out: a changed model and the step's numbers.

    trainer = Trainer(model, config)
    trainer.step(3e-4, [forest, forest])  ->  {"loss": 7.61, "grad_norm": 2.3, "lr": 0.0003, ...}

The forests of a window are one batch: each loss is divided by its summed weight in the whole window
before the gradients of the forests are added up.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from schemas.errors import StageError
from training.config import OptimizerConfig, TrainConfig
from training.forest import Forest
from training.losses import Totals, forest_losses
from training.model import forest_logp


class Trainer:
    """A model, its AdamW and the settings."""

    def __init__(self, model: Any, config: TrainConfig) -> None:
        # Not train(): dropout would draw random numbers and make rollouts' ratios other than 1.
        self.model = model.eval()
        self.config = config
        self._optimizer = torch.optim.AdamW(
            _parameter_groups(model, config.optimizer.weight_decay),
            lr=config.optimizer.lr,
            betas=(config.optimizer.beta1, config.optimizer.beta2),
        )

    def step(self, lr: float, forests: Sequence[Forest]) -> dict[str, float]:
        """Train on a window with this learning rate. Raises StageError when it diverges."""
        for group in self._optimizer.param_groups:
            group["lr"] = lr
        self._optimizer.zero_grad(set_to_none=True)
        numbers = self._backward(forests)
        limit = self.config.optimizer.max_grad_norm
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), limit)
        if not math.isfinite(norm):
            raise StageError(
                f"the gradient is {float(norm)} at loss {numbers['loss']}; lower optimizer.lr"
            )
        self._optimizer.step()
        return numbers | {"grad_norm": float(norm), "lr": lr}

    def _backward(self, forests: Sequence[Forest]) -> dict[str, float]:
        totals = Totals.of(forests)
        numbers = dict.fromkeys(("loss", "ce", "pg", "kl"), 0.0)
        for forest in forests:
            target_N = forest.targets()
            if not len(target_N):
                continue
            logp_N = forest_logp(self.model, forest, target_N)
            losses = forest_losses(logp_N, forest, target_N, totals, self.config.loss)
            losses.total.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
            for name, part in zip(numbers, losses.parts(), strict=True):
                numbers[name] += part
        return numbers

    @torch.no_grad()
    def evaluate(self, forests: Sequence[Forest]) -> float | None:
        """Cross entropy in nats per token, or None when there is nothing to measure it on."""
        total, weight = 0.0, 0.0
        for forest in forests:
            target_N = forest.targets()
            if len(target_N):
                logp_N = forest_logp(self.model, forest, target_N).double().cpu()
                total -= float(logp_N @ torch.from_numpy(forest.weight_ce_T[target_N]))
                weight += float(forest.weight_ce_T[target_N].sum())
        return total / weight if weight else None

    def save_optimizer(self, path: Path) -> None:
        """Write AdamW's state."""
        torch.save(self._optimizer.state_dict(), path)

    def load_optimizer(self, path: Path) -> None:
        """Read AdamW's state; the file can hold tensors and plain values only."""
        self._optimizer.load_state_dict(torch.load(path, weights_only=True))


@torch.no_grad()
def with_reference(model: Any, forest: Forest) -> Forest:
    """The forest with the reference policy's log-probabilities where the divergence has weight."""
    logp_ref_T = forest.logp_ref_T.copy()
    target_N = forest.targets()
    if len(target_N):
        logp_ref_T[target_N] = forest_logp(model, forest, target_N).double().cpu().numpy()
    return replace(forest, logp_ref_T=logp_ref_T)


def lr_at(step: int, steps: int, config: OptimizerConfig) -> float:
    """The learning rate of a step: a linear climb, then the schedule down to its last share."""
    warmup = max(1, round(config.warmup_fraction * steps))
    if step < warmup:
        return config.lr * (step + 1) / warmup
    if config.schedule == "constant":
        return config.lr
    done = (step - warmup) / max(1, steps - warmup)
    left = 1 - done if config.schedule == "linear" else 0.5 * (1 + math.cos(math.pi * done))
    return config.lr * (config.final_lr_fraction + (1 - config.final_lr_fraction) * left)


def _parameter_groups(model: Any, weight_decay: float) -> list[dict[str, Any]]:
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in parameters if parameter.dim() >= 2]
    vectors = [parameter for parameter in parameters if parameter.dim() < 2]
    return [
        {"params": matrices, "weight_decay": weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
