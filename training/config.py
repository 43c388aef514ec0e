"""The settings of the trainer, all of them. In: TOML and `-s` overrides. Out: a TrainConfig.

    katydid-train sft -c training/configs/tiny.toml -s optimizer.lr=1e-3 -s sft.steps=20 ...

Nothing here loads torch. Lengths are in tokens, lr is AdamW's learning rate.
"""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class TokenizerConfig:
    """A byte-level BPE, trained when a stage starts from no checkpoint."""

    vocab_size: int = 2048
    """Tokens at most; filled up with reserved tokens to a multiple of 64."""
    max_chars: int = 4_000_000
    """Characters of the corpus to learn merges from; beyond it, documents are drawn by seed."""

    def __post_init__(self) -> None:
        if self.vocab_size % 64 or self.vocab_size < 320:
            raise ValueError("vocab_size must be a multiple of 64, at least 320")
        _at_least(1, self, "max_chars")


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """A Qwen3 to start from when there is no checkpoint. Head size is 64."""

    hidden_size: int = 128
    """Width; a multiple of 64, so that serving engines accept the model."""
    num_layers: int = 4
    num_heads: int = 2
    num_kv_heads: int = 1
    """Key and value heads; divides num_heads."""
    intermediate_size: int = 384
    """Width of the feed-forward layers."""
    max_positions: int = 2048
    """Longest context that the model is meant for."""
    rope_theta: float = 10_000.0

    def __post_init__(self) -> None:
        _at_least(1, self, "hidden_size", "num_layers", "num_heads", "num_kv_heads")
        _at_least(1, self, "intermediate_size", "max_positions")
        if self.hidden_size % 64:
            raise ValueError("hidden_size must be a multiple of 64")
        if self.num_heads % self.num_kv_heads:
            raise ValueError("num_kv_heads must divide num_heads")


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig:
    """AdamW with a warm-up and a decay."""

    lr: float = 3e-3
    """Learning rate at its highest; each stage multiplies it by its lr_factor."""
    schedule: str = "cosine"
    """After the warm-up: "cosine", "linear" or "constant"."""
    warmup_fraction: float = 0.05
    """Share of the stage's steps in which the rate climbs from 0."""
    final_lr_fraction: float = 0.1
    """Share of the highest rate that is left at the last step."""
    weight_decay: float = 0.01
    """Applies to matrices, not to norms."""
    beta1: float = 0.9
    beta2: float = 0.95
    max_grad_norm: float = 1.0
    """Gradients are scaled down to this norm."""

    def __post_init__(self) -> None:
        if self.schedule not in ("cosine", "linear", "constant"):
            raise ValueError('schedule must be "cosine", "linear" or "constant"')
        _at_least(0, self, "weight_decay")
        for name in ("lr", "max_grad_norm"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} must be a number above 0")
        for name in ("warmup_fraction", "final_lr_fraction"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be between 0 and 1")
        if not (0 <= self.beta1 < 1 and 0 <= self.beta2 < 1):
            raise ValueError("beta1 and beta2 must be at least 0 and below 1")


@dataclass(frozen=True, kw_only=True)
class LossConfig:
    """What the three losses weigh against each other; see training/losses.py."""

    clip_low: float = 0.2
    """The ratio to the sampling policy is clipped from below at 1 - clip_low."""
    clip_high: float = 0.2
    """The ratio to the sampling policy is clipped from above at 1 + clip_high."""
    kl_coefficient: float = 0.0
    """Weight of the divergence from the model that the stage started from; rl only."""


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """What every stage's loop has."""

    steps: int = 100
    """Optimizer steps."""
    accumulate: int = 1
    """Forests in one step."""
    token_budget: int = 1024
    """Tokens of one forest at most: what fits in memory at once."""
    context: int = 1024
    """Tokens of one path through a forest at most; no more than token_budget."""
    lr_factor: float = 1.0
    """Multiplies optimizer.lr."""
    checkpoint_every: int = 50
    """Steps between checkpoints."""
    eval_forests: int = 8
    """Forests of the validation split that the loss is measured on before and after."""

    def __post_init__(self) -> None:
        _at_least(1, self, "steps", "accumulate", "checkpoint_every")
        _at_least(2, self, "context")
        _at_least(0, self, "lr_factor", "eval_forests")
        if self.context > self.token_budget:
            raise ValueError(f"context {self.context} is over token_budget {self.token_budget}")


@dataclass(frozen=True, kw_only=True)
class MidtrainConfig(LoopConfig):
    """Next-token prediction on every token of the documents."""


@dataclass(frozen=True, kw_only=True)
class SftConfig(LoopConfig):
    """Next-token prediction on what the assistant says in the dialogues."""

    mask_failed_calls: bool = True
    """No loss on the tokens of a tool call that failed (error-masked SFT)."""


@dataclass(frozen=True, kw_only=True)
class RlConfig(LoopConfig):
    """Group rollouts in the built-in store environment, one tree step for each batch of groups."""

    warmup_steps: int = 0
    """Steps of imitation of the environment's own expert that come first; part of `steps`."""
    policy_lr: float = 1e-4
    """Learning rate after the warm-up, constant; the warm-up follows `optimizer`."""
    warmup_dialogues: int = 8
    """Expert dialogues in one step of the warm-up."""
    groups: int = 4
    """Tasks in one batch."""
    group_size: int = 8
    """Rollouts of each task; advantages are relative to their mean reward."""
    max_turns: int = 3
    """Assistant messages in one rollout."""
    max_new_tokens: int = 48
    """Sampled tokens in one assistant message."""
    temperature: float = 1.0
    """Of sampling. Log-probabilities are recorded at temperature 1, so another value biases."""
    eval_tasks: int = 32
    """Held-out tasks that the mean reward is measured on before and after."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _at_least(0, self, "warmup_steps", "policy_lr")
        _at_least(1, self, "groups", "group_size", "max_turns", "max_new_tokens")
        _at_least(1, self, "warmup_dialogues", "eval_tasks")
        if not 0 < self.temperature < math.inf:
            raise ValueError("temperature must be a number above 0")
        if self.warmup_steps > self.steps:
            raise ValueError("warmup_steps are a part of steps and cannot be more")


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Everything. The sections of the TOML file are the fields."""

    seed: int = 0
    threads: int = 0
    """CPU threads for torch; 0 leaves torch's own choice. Part of what decides the last bit."""
    device: str = "auto"
    """"cpu", "cuda", or "auto": cuda where there is one."""
    tokenizer: TokenizerConfig = field(default_factory=TokenizerConfig)
    model: ModelConfig = field(default_factory=ModelConfig)
    optimizer: OptimizerConfig = field(default_factory=OptimizerConfig)
    loss: LossConfig = field(default_factory=LossConfig)
    midtrain: MidtrainConfig = field(default_factory=MidtrainConfig)
    sft: SftConfig = field(default_factory=SftConfig)
    rl: RlConfig = field(default_factory=RlConfig)

    def __post_init__(self) -> None:
        _at_least(0, self, "threads")


def _at_least(least: int, config: object, *names: str) -> None:
    for name in names:
        if not least <= getattr(config, name) < math.inf:
            raise ValueError(f"{name} must be at least {least}")
