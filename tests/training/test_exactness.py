"""A step on the tree is the step on the sequences: gradients in float64, to rounding."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from training.config import LossConfig
from training.forest import Chain, Forest, join, merge
from training.losses import Totals, forest_losses
from training.model import forest_logp
from training.packing import grow

Measure = Callable[[list[torch.Tensor], list[torch.Tensor]], float]
TOLERANCE = 1e-12


def branching_tokens(num: int = 24, length: int = 18) -> list[list[int]]:
    """Sequences that share prefixes of all lengths, are equal, or end inside one another."""
    random = np.random.default_rng(1)
    found = [random.integers(0, 11, length).tolist()]
    while len(found) < num:
        kept = found[random.integers(len(found))][: random.integers(0, length)]
        found.append(kept + random.integers(0, 11, length - len(kept)).tolist())
    return [*found, found[3], found[5][:7], [], [4]]


def sampled_chains(model: torch.nn.Module) -> list[Chain]:
    """Trajectories with their own advantages, and ratios on both sides of the clip."""
    tokens = branching_tokens()
    policy = merge([Chain.of(t, weight_ce=1.0) for t in tokens])
    with torch.no_grad():
        logp_T = np.zeros(len(policy))
        logp_T[policy.targets()] = forest_logp(model, policy, policy.targets()).numpy()
    random = np.random.default_rng(2)
    old_T = logp_T + 0.6 * random.standard_normal(len(policy))
    children = {(int(p), int(k)): i for i, (p, k) in enumerate(zip(policy.parent_T, policy.tok_T))}  # noqa: B905 (same length)
    chains = []
    for sequence in tokens:
        path = [-1]
        for token in sequence:
            path.append(children[path[-1], token])
        streams = {
            "weight_pg": (random.random(len(sequence)) < 0.7).astype(float),
            "weight_kl": random.random(len(sequence)),
            "weight_ce": random.random(len(sequence)),
            "advantage": random.standard_normal(),
        }
        chains.append(Chain.of(sequence, logp_old=old_T[path[1:]], **streams))
    return chains


def gradients(
    model: torch.nn.Module, forests: Sequence[Forest], config: LossConfig
) -> tuple[list[torch.Tensor], float]:
    model.zero_grad()
    totals = Totals.of(forests)
    loss = 0.0
    for forest in forests:
        target_N = forest.targets()
        if not len(target_N):
            continue
        total = forest_losses(
            forest_logp(model, forest, target_N), forest, target_N, totals, config
        ).total
        total.backward()
        loss += float(total.detach())
    return [p.grad.clone() for p in model.parameters() if p.grad is not None], loss


def one_by_one(chains: Sequence[Chain]) -> list[Forest]:
    return [merge([chain]) for chain in chains]


def test_cross_entropy_on_a_tree(float64_model: torch.nn.Module, relative_error: Measure) -> None:
    chains = [Chain.of(tokens, weight_ce=1.0) for tokens in branching_tokens()]
    tree, tree_loss = gradients(float64_model, [merge(chains)], LossConfig())
    linear, linear_loss = gradients(float64_model, one_by_one(chains), LossConfig())
    error = relative_error(tree, linear)
    print(f"cross entropy: relative gradient error {error:.1e}")
    assert len(merge(chains)) < 0.7 * sum(len(chain) for chain in chains)
    assert error < TOLERANCE
    assert tree_loss == pytest.approx(linear_loss, rel=1e-12)


@pytest.mark.parametrize("kl_coefficient", [0.0, 0.3])
def test_clipped_loss_on_a_tree(
    float64_model: torch.nn.Module, relative_error: Measure, kl_coefficient: float
) -> None:
    config = LossConfig(kl_coefficient=kl_coefficient)
    chains = sampled_chains(float64_model)
    tree, tree_loss = gradients(float64_model, [merge(chains)], config)
    linear, linear_loss = gradients(float64_model, one_by_one(chains), config)
    error = relative_error(tree, linear)
    print(f"clipped, kl {kl_coefficient}: relative gradient error {error:.1e}")
    assert error < TOLERANCE
    assert tree_loss == pytest.approx(linear_loss, rel=1e-12)


def test_each_sequence_alone_has_the_loss_of_ppo(
    float64_model: torch.nn.Module, relative_error: Measure
) -> None:
    chain = sampled_chains(float64_model)[0]
    found, _ = gradients(float64_model, [merge([chain])], LossConfig())
    float64_model.zero_grad()
    forest = merge([chain])
    weight_N = torch.tensor(chain.weight_pg_N[1:].copy())
    logp_N = forest_logp(float64_model, forest, np.arange(1, len(forest)))
    ratio_N = torch.exp(logp_N - torch.tensor(chain.logp_old_N[1:].copy()))
    advantage = float(chain.advantage_N[0])
    gain_N = torch.minimum(ratio_N * advantage, ratio_N.clamp(0.8, 1.2) * advantage)
    ce_N = torch.tensor(chain.weight_ce_N[1:].copy())
    loss = -(weight_N * gain_N).sum() / weight_N.sum() - (ce_N * logp_N).sum() / ce_N.sum()
    loss.backward()
    expected = [p.grad for p in float64_model.parameters() if p.grad is not None]
    assert relative_error(found, expected) < TOLERANCE


def test_clipping_the_summed_advantage_would_be_wrong(
    float64_model: torch.nn.Module, relative_error: Measure
) -> None:
    """What the split by sign is for: this is how far off the obvious shortcut is."""
    from dataclasses import replace

    chains = sampled_chains(float64_model)
    forest = merge(chains)
    plain_T = forest.adv_pos_T + forest.adv_neg_T
    shortcut = replace(forest, adv_pos_T=plain_T.clip(min=0), adv_neg_T=plain_T.clip(max=0))
    wrong, _ = gradients(float64_model, [shortcut], LossConfig())
    right, _ = gradients(float64_model, [forest], LossConfig())
    error = relative_error(wrong, right)
    print(f"summed advantage: relative gradient error {error:.2f}")
    assert error > 0.01


def test_splitting_a_window_changes_nothing(
    float64_model: torch.nn.Module, relative_error: Measure
) -> None:
    chains = sampled_chains(float64_model)
    whole, _ = gradients(float64_model, [merge(chains)], LossConfig(kl_coefficient=0.1))
    parts = grow(chains, budget=60)
    assert len(parts) > 3
    assert all(len(part) <= 60 for part in parts)
    for forests in (parts, [join(parts[:2]), join(parts[2:])]):
        split, _ = gradients(float64_model, forests, LossConfig(kl_coefficient=0.1))
        assert relative_error(split, whole) < TOLERANCE
