"""Attention over a token forest, through transformers' own attention interface.

In: a forest's `end_T`. Out: a mask that a transformers model takes as its `attention_mask`, and an
attention implementation named "katydid_forest" that understands it.

    model = use_forest_attention(model)
    model(input_ids=tok_1T, position_ids=pos_1T, attention_mask=forest_mask(end_T), use_cache=False)

On CPU the mask is a dense boolean tensor and the kernel SDPA. On CUDA it is a FlexAttention
BlockMask made of the same array, which stores blocks, not T x T cells. (FlexAttention has no
backward on CPU in torch 2.13.) Calls with an ordinary mask, as in generation with a cache, go to
SDPA on either device, so that one model both trains and samples.

Shape suffixes: B batch, H heads, Q queries, K keys, T tokens, D head size.
"""

from typing import Any

import torch
from torch.nn.attention.flex_attention import BlockMask, create_block_mask, flex_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "katydid_forest"
BLOCK = 128
"""FlexAttention's block; on CUDA forests are padded to a multiple of it."""


def use_forest_attention(model: Any) -> Any:
    """The model (a transformers PreTrainedModel), with its attention set to ours."""
    AttentionInterface.register(NAME, forest_attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)
    return model


def forest_mask(end_T: torch.Tensor) -> torch.Tensor | BlockMask:
    """`k <= q < end[k]` for the device that `end_T` is on: dense (1, 1, T, T), or blocks."""
    return block_mask(end_T) if end_T.is_cuda else dense_mask(end_T)


def dense_mask(end_T: torch.Tensor) -> torch.Tensor:
    """The mask as a boolean tensor of shape (1, 1, T, T)."""
    index_T = torch.arange(len(end_T), device=end_T.device)
    mask_QK = (index_T[None, :] <= index_T[:, None]) & (index_T[:, None] < end_T[None, :])
    return mask_QK[None, None]


def block_mask(end_T: torch.Tensor) -> BlockMask:
    """The mask as FlexAttention's blocks; the T x T cells are never stored on CUDA."""

    def sees(b: torch.Tensor, h: torch.Tensor, q: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return (k <= q) & (q < end_T[k])

    length = len(end_T)
    return create_block_mask(
        sees, None, None, length, length, device=str(end_T.device), _compile=end_T.is_cuda
    )


def forest_attention(
    module: torch.nn.Module,
    query_BHQD: torch.Tensor,
    key_BHKD: torch.Tensor,
    value_BHKD: torch.Tensor,
    attention_mask: torch.Tensor | BlockMask | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    """What transformers calls in each layer. Returns the output as (B, Q, H, D), and no weights."""
    if not isinstance(attention_mask, BlockMask):
        output: tuple[torch.Tensor, None] = sdpa_attention_forward(
            module,
            query_BHQD,
            key_BHKD,
            value_BHKD,
            attention_mask,
            dropout=dropout,
            scaling=scaling,
            **kwargs,
        )
        return output
    attend = _compiled_flex() if query_BHQD.is_cuda else flex_attention
    output_BHQD = attend(
        query_BHQD,
        key_BHKD,
        value_BHKD,
        block_mask=attention_mask,
        scale=scaling,
        enable_gqa=query_BHQD.shape[1] != key_BHKD.shape[1],
    )
    return output_BHQD.transpose(1, 2).contiguous(), None


_compiled: list[Any] = []


def _compiled_flex() -> Any:
    """FlexAttention compiled once in a process; without compilation it stores every score."""
    if not _compiled:
        _compiled.append(torch.compile(flex_attention, dynamic=True))
    return _compiled[0]
