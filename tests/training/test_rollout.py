"""The store environment, the sampler, and the step on a group of rollouts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from schemas.arrow import to_batch
from schemas.errors import ConfigError
from schemas.tables import Trajectory
from training.config import LossConfig, ModelConfig, RlConfig
from training.dialogue import Renderer
from training.forest import merge
from training.losses import Totals, forest_losses
from training.model import forest_logp, new_model
from training.rollout.calls import ParsedCall, parse_message
from training.rollout.environment import (
    TOOLS,
    Store,
    Turn,
    expert_first_text,
    expert_messages,
    make_task,
    reward,
)
from training.rollout.rollouts import Rollout, advantages, collect, rollout_chain, trajectory
from training.rollout.sampler import Sampler
from training.tokenizer import Tokenizer

CONFIG = RlConfig(
    max_turns=3, max_new_tokens=6, context=1024, token_budget=1024, groups=2, group_size=4
)


@pytest.fixture(scope="module")
def model(tokenizer: Tokenizer) -> Any:
    config = ModelConfig(hidden_size=64, num_layers=2, num_heads=1, intermediate_size=64)
    return new_model(config, len(tokenizer), tokenizer.special, seed=0)


@pytest.fixture(scope="module")
def rollouts(model: Any, tokenizer: Tokenizer) -> list[Rollout]:
    sampler = Sampler(model, stop=tokenizer.special["<|im_end|>"])
    tasks = [make_task(0, "a"), make_task(0, "b")]
    return collect(tasks, CONFIG, sampler, tokenizer, group_size=4, seed=0, name="test")


def transcript(tokenizer: Tokenizer, name: str) -> tuple[Any, Store, list[Turn]]:
    """The expert's dialogue played in a store, read back from its tokens."""
    task = make_task(0, name)
    store, turns = Store(task), []
    for block in Renderer(tokenizer).blocks(TOOLS, expert_messages(task)):
        said = [t for t, loss in zip(block.tokens, block.has_loss, strict=True) if loss]
        if said:
            text = tokenizer.decode(said).removesuffix("<|im_end|>")
            turns.append(Turn(text, parse_message(text), ended=True))
            for call in turns[-1].message.calls:
                assert call is not None
                assert not store.call(call.name, call.arguments).is_error
    return task, store, turns


@pytest.mark.parametrize("name", ["a", "b", "c", "d", "e", "f"])
def test_the_expert_gets_the_whole_reward(tokenizer: Tokenizer, name: str) -> None:
    task, store, turns = transcript(tokenizer, name)
    assert turns[0].text == expert_first_text(task)
    assert reward(task, store, turns) == pytest.approx(1.0)
    assert make_task(0, name) == task
    assert task.value not in task.messages[0].content


def test_both_kinds_of_task_occur() -> None:
    kinds = {make_task(0, str(index)).copy_to is None for index in range(20)}
    assert kinds == {True, False}


def test_reward_is_graded() -> None:
    task = next(t for t in (make_task(0, str(i)) for i in range(20)) if t.copy_to is None)
    call = expert_first_text(task)
    other = call.replace(f"\n{task.key}\n", "\nnothing\n")

    def score(*texts: str, ended: bool = True) -> float:
        turns = [Turn(text, parse_message(text), ended) for text in texts]
        return reward(task, Store(task), turns)

    steps = [
        score("", ended=False),
        score(""),
        score(call[:10]),
        score(other),
        score(call),
        score(call, task.value),
    ]
    assert steps == sorted(set(steps))
    assert steps[0] == 0.0
    assert steps[-1] == pytest.approx(1.0)


def test_calls_are_parsed_or_none() -> None:
    text = (
        "Look.\n\n<tool_call>\n<function=set>\n<parameter=key>\nred\n</parameter>\n"
        "<parameter=value>\n\n 3 \n\n</parameter>\n</function>\n</tool_call>"
    )
    message = parse_message(text)
    assert message.content == "Look."
    assert message.calls == (ParsedCall("set", {"key": "red", "value": "\n 3 \n"}),)
    for broken in (text[:-1], text.replace("</function>", ""), text.replace("</parameter>", "")):
        assert parse_message(broken).calls == (None,)


def test_wrong_calls_are_answers() -> None:
    store = Store(make_task(0, "a"))
    for name, arguments in (("get", {}), ("get", {"key": "x"}), ("set", {"key": "red"}), ("x", {})):
        assert store.call(name, arguments).is_error


def test_sampled_logprobs_are_the_models(model: Any, rollouts: list[Rollout]) -> None:
    for rollout in rollouts:
        input_ids = torch.tensor([rollout.tokens])
        with torch.no_grad():
            logp = model(input_ids).logits[0, :-1].log_softmax(-1)
        expected = logp.gather(1, input_ids[0, 1:, None])[:, 0].numpy()
        sampled = np.array(rollout.sampled[1:])
        found = np.array(rollout.logprobs[1:])
        assert sampled.any()
        np.testing.assert_allclose(found[sampled], expected[sampled], atol=1e-4)
        assert (found[~sampled] == 0).all()


def test_a_sample_depends_on_its_prompt_and_seed_alone(model: Any, tokenizer: Tokenizer) -> None:
    sampler = Sampler(model, stop=tokenizer.special["<|im_end|>"])
    prompts = [[5, 6, 7, 8], [5, 6], [9, 10, 11, 12, 13, 14], [5, 6]]
    together = sampler.sample(prompts, [1, 2, 3, 4], 10)
    for prompt, seed, sample in zip(prompts, [1, 2, 3, 4], together, strict=True):
        (alone,) = sampler.sample([prompt], [seed], 10)
        assert alone.tokens == sample.tokens
        np.testing.assert_allclose(alone.logprobs, sample.logprobs, atol=1e-5)
    assert together[1].tokens != together[3].tokens


def test_samples_follow_the_models_distribution(model: Any, tokenizer: Tokenizer) -> None:
    """The frequency of the first token over many seeds, against its probability."""
    sampler = Sampler(model, stop=tokenizer.special["<|im_end|>"], temperature=0.25)
    samples = sampler.sample([[5, 6, 7]] * 4000, list(range(4000)), 1)
    counts = np.bincount([s.tokens[0] for s in samples], minlength=len(tokenizer))
    with torch.no_grad():
        expected = (model(torch.tensor([[5, 6, 7]])).logits[0, -1] / 0.25).softmax(-1).numpy()
    assert np.abs(counts / 4000 - expected).sum() < 3 * np.sqrt(len(tokenizer) / 4000)
    assert abs(counts[expected.argmax()] / 4000 - expected.max()) < 0.03


def test_no_rollout_is_over_the_context(model: Any, tokenizer: Tokenizer) -> None:
    sampler = Sampler(model, stop=tokenizer.special["<|im_end|>"])
    task = make_task(0, "a")
    length = len(Renderer(tokenizer).tokens(TOOLS, task.messages))
    length += len(Renderer(tokenizer).generation_prompt()) + CONFIG.max_new_tokens
    settings = {"group_size": 4, "seed": 0, "name": "test"}
    fits = replace(CONFIG, context=length)
    found = collect([task], fits, sampler, tokenizer, **settings)  # type: ignore[arg-type]  # kinds differ
    assert all(len(rollout.tokens) <= length for rollout in found)
    too_small = replace(CONFIG, context=length - 1)
    with pytest.raises(ConfigError, match=r"rl\.context"):
        collect([task], too_small, sampler, tokenizer, **settings)  # type: ignore[arg-type]  # kinds differ


def test_advantages_add_up_to_zero_in_each_group(rollouts: list[Rollout]) -> None:
    found = np.array(advantages(rollouts)).reshape(2, 4)
    np.testing.assert_allclose(found.sum(axis=1), 0, atol=1e-9)
    assert np.abs(found).max() > 0


def test_the_tree_step_is_the_linear_step(
    float64_model: Any,
    rollouts: list[Rollout],
    relative_error: Callable[[list[torch.Tensor], list[torch.Tensor]], float],
    tokenizer: Tokenizer,
) -> None:
    """Real rollouts, merged, on the float64 model with the tokenizer's vocabulary."""
    model = type(float64_model)(vocab_size=len(tokenizer))
    chains = [
        rollout_chain(rollout, advantage, with_kl=False)
        for rollout, advantage in zip(rollouts, advantages(rollouts), strict=True)
    ]
    tree, linear = merge(chains), [merge([chain]) for chain in chains]
    assert len(tree) < 0.5 * tree.num_chain_tokens
    grads = []
    for forests in ([tree], linear):
        model.zero_grad()
        totals = Totals.of(forests)
        for forest in forests:
            target_N = forest.targets()
            logp_N = forest_logp(model, forest, target_N)
            forest_losses(logp_N, forest, target_N, totals, LossConfig()).total.backward()
        grads.append([parameter.grad.clone() for parameter in model.parameters()])
    error = relative_error(*grads)
    print(f"rollouts: relative gradient error {error:.1e}, {len(tree)}/{tree.num_chain_tokens}")
    assert error < 1e-12


def test_trajectories_hold_what_the_model_saw_and_said(
    rollouts: list[Rollout], tokenizer: Tokenizer
) -> None:
    rows = [trajectory(rollout, 3) for rollout in rollouts]
    assert to_batch(Trajectory, rows).num_rows == 8
    assert len({row.trajectory_id for row in rows}) == 8
    prompt = Renderer(tokenizer).tokens(TOOLS, rollouts[0].task.messages)
    for row in rows[:4]:
        assert list(row.tokens[: len(prompt)]) == prompt
        assert len(row.tokens) == len(row.logprobs) == len(row.sampled)
