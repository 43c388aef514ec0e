"""Token ids in, token ids and their log-probabilities out.

    sampler = Sampler(model, stop=tokenizer.special["<|im_end|>"])
    sampler.sample([[5, 6, 7]], seeds=[1], max_new_tokens=48)
      -> [Sample(tokens=[9, 4, 2], logprobs=[-1.2, -0.3, -0.1], ended=True)]

The prompts of a batch are read as one forest: what they share, such as the description of the
tools, goes through the model once, and each row gets its path's keys and values.

Each row draws from a generator of its own, so what a prompt and a seed give does not depend on the
rows beside it, apart from the rounding of batched arithmetic. The sampled stop token is part of the
sample. Log-probabilities are the model's at temperature 1.

Shape suffixes: B rows, P prompt, T tokens of the forest, N new tokens, V vocabulary, H heads,
D head size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from training.attention import BLOCK, forest_mask
from training.forest import Chain, Forest, merge, pad


@dataclass(frozen=True)
class Sample:
    """What the policy said."""

    tokens: list[int]
    logprobs: list[float]
    ended: bool
    """Whether it sampled the stop token."""


class Sampler:
    """Samples from a transformers model, with its cache of keys and values."""

    def __init__(self, model: Any, *, stop: int, temperature: float = 1.0) -> None:
        self._model = model
        self._stop = stop
        self._temperature = temperature

    @torch.no_grad()
    def sample(
        self, prompts: Sequence[Sequence[int]], seeds: Sequence[int], max_new_tokens: int
    ) -> list[Sample]:
        """One sample for each prompt, of at most `max_new_tokens` tokens with the stop token."""
        if not prompts:
            return []
        device = next(self._model.parameters()).device
        uniform_BN = _uniforms(seeds, max_new_tokens).to(device)
        logits_BV, cache, mask_BP = self._read_prompts(prompts, device)
        position_B1 = mask_BP.sum(1, keepdim=True)
        alive_B = torch.ones(len(prompts), dtype=torch.bool, device=device)
        tokens, logps = [], []
        for step in range(max_new_tokens):
            token_B, logp_B = self._draw(logits_BV, uniform_BN[:, step])
            tokens.append(token_B)
            logps.append(logp_B)
            alive_B &= token_B != self._stop
            if not alive_B.any() or step + 1 == max_new_tokens:
                break
            mask_BP = torch.cat([mask_BP, mask_BP.new_ones(len(prompts), 1)], dim=1)
            logits_BV = self._model(
                input_ids=token_B[:, None],
                attention_mask=mask_BP,
                position_ids=position_B1 + step,
                past_key_values=cache,
                use_cache=True,
            ).logits[:, -1]
        return _cut(torch.stack(tokens, 1), torch.stack(logps, 1), self._stop)

    def _read_prompts(
        self, prompts: Sequence[Sequence[int]], device: torch.device
    ) -> tuple[torch.Tensor, Any, torch.Tensor]:
        """Logits after each prompt, a cache with a row for each, and which places it fills."""
        from transformers import DynamicCache

        forest = merge([Chain.of(prompt) for prompt in prompts])
        if device.type == "cuda":
            forest = pad(forest, BLOCK)
        path_BP, mask_BP = _left_padded_paths(forest, prompts)
        path, last = path_BP.to(device), path_BP[:, -1].to(device)
        output = self._model(
            input_ids=torch.from_numpy(forest.tok_T).to(device)[None],
            position_ids=torch.from_numpy(forest.pos_T).to(device)[None],
            attention_mask=forest_mask(torch.from_numpy(forest.end_T).to(device)),
            logits_to_keep=last,
            use_cache=True,
        )
        cache = DynamicCache()
        for index, layer in enumerate(output.past_key_values.layers):
            keys_BHPD = layer.keys[0][:, path].transpose(0, 1)
            values_BHPD = layer.values[0][:, path].transpose(0, 1)
            cache.update(keys_BHPD, values_BHPD, index)
        return output.logits[0], cache, mask_BP.to(device)

    def _draw(
        self, logits_BV: torch.Tensor, uniform_B: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Inverse transform sampling: the first token whose cumulated probability passes u."""
        cumulated_BV = (logits_BV.double() / self._temperature).softmax(-1).cumsum(-1)
        threshold_B1 = (uniform_B * cumulated_BV[:, -1])[:, None]
        token_B1 = torch.searchsorted(cumulated_BV, threshold_B1, right=True)
        token_B1 = token_B1.clamp(max=logits_BV.shape[-1] - 1)
        logp_B1 = logits_BV.float().log_softmax(-1).gather(1, token_B1)
        return token_B1[:, 0], logp_B1[:, 0]


def _left_padded_paths(
    forest: Forest, prompts: Sequence[Sequence[int]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """For each prompt its tokens' places in the forest, padded on the left, and the mask."""
    children = {
        (parent, token): index
        for index, (parent, token) in reversed(
            list(enumerate(zip(forest.parent_T.tolist(), forest.tok_T.tolist(), strict=True)))
        )
    }
    width = max(len(prompt) for prompt in prompts)
    path_BP = torch.zeros((len(prompts), width), dtype=torch.long)
    mask_BP = torch.zeros((len(prompts), width), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        index = -1
        for place, token in enumerate(prompt, start=width - len(prompt)):
            index = children[index, token]
            path_BP[row, place] = index
            mask_BP[row, place] = 1
    return path_BP, mask_BP


def _uniforms(seeds: Sequence[int], length: int) -> torch.Tensor:
    rows = [
        torch.rand(length, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        for seed in seeds
    ]
    return torch.stack(rows)


def _cut(tokens_BN: torch.Tensor, logp_BN: torch.Tensor, stop: int) -> list[Sample]:
    """Each row up to and with its first stop token."""
    samples = []
    for tokens, logps in zip(tokens_BN.tolist(), logp_BN.tolist(), strict=True):
        length = tokens.index(stop) + 1 if stop in tokens else len(tokens)
        samples.append(Sample(tokens[:length], logps[:length], stop in tokens))
    return samples
