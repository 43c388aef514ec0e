"""Groups of rollouts: tasks in, trajectories with exact token ids, rewards and advantages out.

    rollouts = collect(tasks, config, sampler, renderer, seed=0, name="step 3")
    chains = [rollout_chain(r, a) for r, a in zip(rollouts, advantages(rollouts))]

Sampled ids are kept verbatim: the next prompt is what was there before plus the newly rendered tool
results, never a rendering of parsed text, which may come out as other ids. All rollouts advance
turn by turn in one batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from schemas.errors import ConfigError
from schemas.ids import seed_for, stable_id
from schemas.tables import Trajectory
from training.config import RlConfig
from training.dialogue import Renderer
from training.forest import Chain
from training.rollout.calls import parse_message
from training.rollout.environment import TOOLS, Store, StoreTask, Turn, reward
from training.rollout.sampler import Sample, Sampler
from training.tokenizer import END_OF_MESSAGE, Tokenizer


@dataclass
class Rollout:
    """One attempt at a task, token by token."""

    task: StoreTask
    group: int
    name: str
    tokens: list[int]
    logprobs: list[float]
    sampled: list[bool]
    store: Store
    turns: list[Turn] = field(default_factory=list)
    is_over: bool = False

    @property
    def reward(self) -> float:
        """The environment's reward for what was done."""
        return reward(self.task, self.store, self.turns)

    def append(self, tokens: Sequence[int], logprobs: Sequence[float] | None = None) -> None:
        """Add sampled tokens, or observed ones when there are no log-probabilities."""
        self.tokens.extend(tokens)
        self.logprobs.extend(logprobs if logprobs is not None else [0.0] * len(tokens))
        self.sampled.extend([logprobs is not None] * len(tokens))


def collect(
    tasks: Sequence[StoreTask],
    config: RlConfig,
    sampler: Sampler,
    tokenizer: Tokenizer,
    *,
    group_size: int,
    seed: int,
    name: str,
) -> list[Rollout]:
    """`group_size` rollouts of each task, in the order of the tasks, none over the context.

    Raises ConfigError when the context does not hold a prompt and one sampled message.
    """
    renderer = Renderer(tokenizer)
    rollouts = [
        _start(task, group, f"{name} group {group} rollout {member}", renderer)
        for group, task in enumerate(tasks)
        for member in range(group_size)
    ]
    needed = max(len(rollout.tokens) for rollout in rollouts) + config.max_new_tokens
    if needed > config.context:
        raise ConfigError(f"a first turn can take {needed} tokens; raise rl.context to that")
    for turn in range(config.max_turns):
        active = [r for r in rollouts if not r.is_over]
        samples = sampler.sample(
            [rollout.tokens for rollout in active],
            [seed_for(seed, f"{rollout.name} turn {turn}") for rollout in active],
            config.max_new_tokens,
        )
        for rollout, sample in zip(active, samples, strict=True):
            next_prompt = _take_turn(rollout, sample, tokenizer, renderer)
            used = len(rollout.tokens) + len(next_prompt) + config.max_new_tokens
            rollout.is_over = not next_prompt or used > config.context
            if not rollout.is_over and turn + 1 < config.max_turns:
                rollout.append(next_prompt)
    return rollouts


def _start(task: StoreTask, group: int, name: str, renderer: Renderer) -> Rollout:
    prompt = renderer.tokens(TOOLS, task.messages) + renderer.generation_prompt()
    rollout = Rollout(task, group, name, [], [], [], Store(task))
    rollout.append(prompt)
    return rollout


def _take_turn(
    rollout: Rollout, sample: Sample, tokenizer: Tokenizer, renderer: Renderer
) -> list[int]:
    """Keep the sample and run its calls; what opens the next turn, or nothing at the end."""
    rollout.append(sample.tokens, sample.logprobs)
    text = tokenizer.decode(sample.tokens).removesuffix(END_OF_MESSAGE)
    message = parse_message(text)
    rollout.turns.append(Turn(text, message, sample.ended))
    if not sample.ended or not message.calls:
        return []
    results = [
        rollout.store.call(call.name, call.arguments).text if call else "error: malformed call"
        for call in message.calls
    ]
    opening = renderer.generation_prompt()
    return [*tokenizer.encode("\n"), *renderer.tool_results(results), *opening]


def advantages(rollouts: Sequence[Rollout]) -> list[float]:
    """Reward minus the group's mean, over the group's deviation (GRPO, arXiv 2402.03300).

    They add up to 0 in each group; a group whose rewards are equal gets zeros.
    """
    found: list[float] = []
    for _, group in groupby(rollouts, key=lambda rollout: rollout.group):
        rewards_G = np.array([rollout.reward for rollout in group])
        centred_G = rewards_G - rewards_G.mean()
        found.extend((centred_G / (rewards_G.std() + 1e-6)).tolist())
    return found


def rollout_chain(rollout: Rollout, advantage: float, *, with_kl: bool) -> Chain:
    """The rollout with loss on the tokens that the policy sampled."""
    sampled = [float(flag) for flag in rollout.sampled]
    return Chain.of(
        rollout.tokens,
        weight_pg=sampled,
        weight_kl=sampled if with_kl else 0.0,
        advantage=advantage,
        logp_old=rollout.logprobs,
    )


def trajectory(rollout: Rollout, policy_version: int) -> Trajectory:
    """The rollout as a row of the `trajectories` table."""
    return Trajectory(
        trajectory_id=stable_id("trajectory", rollout.task.task_id, rollout.name),
        repo="katydid/store",
        source="rollout",
        license="Apache-2.0",
        task_id=rollout.task.task_id,
        group=rollout.group,
        policy_version=policy_version,
        tokens=tuple(rollout.tokens),
        logprobs=tuple(rollout.logprobs),
        sampled=tuple(rollout.sampled),
        reward=rollout.reward,
    )
