"""The windows of the `rl` stage. In: the policy as it is. Out: forests of imitation or rollouts.

    source = RolloutSource(request, opened, model, tokenizer, device)
    source.window(step)  ->  Window(forests=[...], numbers={"reward": 0.31, ...})

Every rollout is kept as a row of the `trajectories` table.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.arrow import to_batch, to_rows
from schemas.tables import Trajectory
from training.dialogue import Renderer
from training.forest import Forest
from training.loop import Window
from training.model import load_model
from training.packing import grow
from training.rollout.environment import TOOLS, StoreTask, expert_messages, make_task
from training.rollout.rollouts import Rollout, advantages, collect, rollout_chain, trajectory
from training.rollout.sampler import Sampler
from training.stage import Opened, Request
from training.tokenizer import END_OF_MESSAGE, Tokenizer
from training.trainer import lr_at, with_reference
from training.windows import window_chain

TRAJECTORIES = "trajectories.parquet"


class RolloutSource:
    """Makes each step's forests with the current policy."""

    def __init__(
        self, request: Request, opened: Opened, model: object, tokenizer: Tokenizer, device: str
    ) -> None:
        self._seed, self._config = request.config.seed, request.config.rl
        self._optimizer = request.config.optimizer
        self._tokenizer = tokenizer
        stop = tokenizer.special[END_OF_MESSAGE]
        self._sampler = Sampler(model, stop=stop, temperature=self._config.temperature)
        self._with_kl = request.config.loss.kl_coefficient > 0
        assert opened.start is not None
        self._reference = load_model(opened.start).to(device) if self._with_kl else None
        self._trajectories: list[Trajectory] = []
        if opened.resumed:
            table = pq.read_table(opened.resumed / TRAJECTORIES)
            self._trajectories.extend(to_rows(Trajectory, table))

    def window(self, step: int) -> Window:
        """Imitation in the warm-up, rollouts after it."""
        if step < self._config.warmup_steps:
            lr = self._config.lr_factor * lr_at(step, self._config.warmup_steps, self._optimizer)
            return Window(forests=self._expert_forests(step), lr=lr)
        numbers = {}
        if step == self._config.warmup_steps:
            numbers["reward_after_warmup"] = self.measure()["reward"] or 0.0
        rollouts = self._collect(self._tasks(f"step {step}"), self._config.group_size, step)
        self._trajectories.extend(trajectory(rollout, step) for rollout in rollouts)
        chains = [
            rollout_chain(rollout, advantage, with_kl=self._with_kl)
            for rollout, advantage in zip(rollouts, advantages(rollouts), strict=True)
        ]
        forests = grow(chains, self._config.token_budget)
        if self._reference is not None:
            forests = [with_reference(self._reference, forest) for forest in forests]
        numbers |= _numbers(rollouts)
        return Window(forests=forests, numbers=numbers, lr=self._config.policy_lr)

    def measure(self) -> dict[str, float | None]:
        """Mean reward on tasks that are not trained on."""
        tasks = [make_task(self._seed, f"held out {i}") for i in range(self._config.eval_tasks)]
        rollouts = self._collect(tasks, 1, -1)
        return {"reward": sum(rollout.reward for rollout in rollouts) / len(rollouts)}

    def save(self, folder: Path) -> None:
        """Write the trajectories so far."""
        batch = to_batch(Trajectory, self._trajectories)
        pq.write_table(pa.Table.from_batches([batch]), folder / TRAJECTORIES)

    def _tasks(self, name: str) -> list[StoreTask]:
        return [make_task(self._seed, f"{name} task {i}") for i in range(self._config.groups)]

    def _collect(self, tasks: list[StoreTask], group_size: int, step: int) -> list[Rollout]:
        return collect(
            tasks,
            self._config,
            self._sampler,
            self._tokenizer,
            group_size=group_size,
            seed=self._seed,
            name=f"step {step}",
        )

    def _expert_forests(self, step: int) -> list[Forest]:
        renderer = Renderer(self._tokenizer)
        tasks = [
            make_task(self._seed, f"expert {step} {index}")
            for index in range(self._config.warmup_dialogues)
        ]
        dialogues = [renderer.blocks(TOOLS, expert_messages(task)) for task in tasks]
        return grow([window_chain(blocks) for blocks in dialogues], self._config.token_budget)


def _numbers(rollouts: list[Rollout]) -> dict[str, float]:
    rewards = [rollout.reward for rollout in rollouts]
    called = [any(turn.message.calls for turn in rollout.turns) for rollout in rollouts]
    mean = sum(rewards) / len(rewards)
    return {
        "reward": mean,
        "reward_deviation": (sum((r - mean) ** 2 for r in rewards) / len(rewards)) ** 0.5,
        "called_a_tool": sum(called) / len(called),
        "turns": sum(len(rollout.turns) for rollout in rollouts) / len(rollouts),
    }
