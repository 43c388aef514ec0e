"""Masks and attention inside a real Qwen3: a forest's logits are those of its sequences."""

import pytest
import torch

from training.attention import BLOCK, block_mask, dense_mask, forest_attention
from training.config import ModelConfig
from training.forest import Chain, Forest, merge, pad
from training.model import forest_logp, new_model
from training.tokenizer import MARKERS

SPECIAL = {marker: index for index, marker in enumerate(MARKERS)}
SEQUENCES = ([9, 8, 7, 6, 5], [9, 8, 7, 3], [9, 8, 4, 4, 4, 4], [11, 12])


@pytest.fixture(scope="module")
def model() -> torch.nn.Module:
    config = ModelConfig(hidden_size=64, num_layers=2, num_heads=2, intermediate_size=64)
    built: torch.nn.Module = new_model(config, 64, SPECIAL, seed=0)
    return built


@pytest.fixture
def forest() -> Forest:
    return merge([Chain.of(tokens, weight_ce=1.0) for tokens in SEQUENCES])


def ordinary_logp(model: torch.nn.Module, tokens: list[int]) -> torch.Tensor:
    """What transformers computes for the sequence alone."""
    input_ids = torch.tensor([tokens])
    logits = model(input_ids=input_ids, use_cache=False).logits[0, :-1]
    return logits.log_softmax(-1).gather(1, input_ids[0, 1:, None])[:, 0]


@torch.no_grad()
def test_qwen3_on_a_forest(model: torch.nn.Module, forest: Forest) -> None:
    target_N = forest.targets()
    logp = dict(zip(target_N.tolist(), forest_logp(model, forest, target_N).tolist(), strict=True))
    nodes = {(-1, 9): 0}
    pairs = enumerate(zip(forest.parent_T.tolist(), forest.tok_T.tolist(), strict=True))
    nodes |= {key: index for index, key in pairs}
    for tokens in SEQUENCES:
        index, found = -1, []
        for token in tokens:
            index = nodes[index, token]
            found.append(logp.get(index))
        expected = ordinary_logp(model, list(tokens))
        torch.testing.assert_close(torch.tensor(found[1:]), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
def test_block_mask_holds_the_dense_mask(forest: Forest) -> None:
    """Forward only: FlexAttention has no backward on CPU."""
    end_T = torch.from_numpy(pad(forest, BLOCK).end_T)
    torch.manual_seed(0)
    query, key, value = (torch.randn(1, heads, BLOCK, 64) for heads in (4, 2, 2))
    module = torch.nn.Module()
    module.num_key_value_groups = 2
    arguments = {"scaling": 0.125, "dropout": 0.0}
    dense, _ = forest_attention(module, query, key, value, dense_mask(end_T), **arguments)
    blocks, _ = forest_attention(module, query, key, value, block_mask(end_T), **arguments)
    assert dense.shape == (1, BLOCK, 4, 64)
    torch.testing.assert_close(blocks, dense, rtol=1e-5, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gradients_on_cuda_are_those_on_cpu(forest: Forest) -> None:
    config = ModelConfig(hidden_size=64, num_layers=2, num_heads=2, intermediate_size=64)
    grads = []
    for device in ("cpu", "cuda"):
        model = new_model(config, 64, SPECIAL, seed=0).to(device)
        forest_logp(model, forest, forest.targets()).sum().backward()
        grads.append([parameter.grad.cpu() for parameter in model.parameters()])
    for on_cpu, on_cuda in zip(*grads, strict=True):
        assert float((on_cpu - on_cuda).norm() / on_cpu.norm()) < 1e-3
