"""The model: made from settings or read from a checkpoint, and its view of a forest.

In: a ModelConfig, or a folder in Hugging Face layout. Out: a transformers model, and `logp_N`, the
log-probabilities of a forest's target tokens.

    model = new_model(config.model, vocab_size=2048, special=tokenizer.special, seed=0)
    logp_N = forest_logp(model, forest, forest.targets())

Any callable with a Hugging Face causal model's signature will do for `forest_logp`; the exactness
tests hand it one in float64, because Qwen3's norm computes in float32 and hides small errors.

Shape suffixes: N target tokens, T tokens of the forest, V vocabulary.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from schemas.errors import InputError
from training.attention import BLOCK, forest_mask, use_forest_attention
from training.config import ModelConfig
from training.forest import Forest, IntArray, pad
from training.tokenizer import END_OF_MESSAGE, END_OF_TEXT

HEAD_DIM = 64

INITIALIZER_RANGE, INITIALIZER_WIDTH = 0.02, 1024
"""Deviation of Qwen3-0.6B's initial weights at its width. A layer's output keeps its scale when the
deviation goes with one over the root of the width; 0.02 at width 128 costs half of a short run."""


def new_model(config: ModelConfig, vocab_size: int, special: Mapping[str, int], seed: int) -> Any:
    """A Qwen3ForCausalLM with random weights that depend on the seed alone."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(seed)
    qwen3 = Qwen3Config(
        vocab_size=vocab_size,
        hidden_size=config.hidden_size,
        intermediate_size=config.intermediate_size,
        num_hidden_layers=config.num_layers,
        num_attention_heads=config.num_heads,
        num_key_value_heads=config.num_kv_heads,
        head_dim=HEAD_DIM,
        max_position_embeddings=config.max_positions,
        rope_parameters={"rope_type": "default", "rope_theta": config.rope_theta},
        initializer_range=INITIALIZER_RANGE * (INITIALIZER_WIDTH / config.hidden_size) ** 0.5,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=special[END_OF_MESSAGE],
        pad_token_id=special[END_OF_TEXT],
    )
    return use_forest_attention(Qwen3ForCausalLM(qwen3))


def load_model(folder: Path) -> Any:
    """The model of a checkpoint folder, in float32. Raises InputError when there is none."""
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    if not (folder / "config.json").is_file():
        raise InputError(f"{folder} is no checkpoint: it has no config.json; give another --from")
    try:
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(f"{folder} is no checkpoint: {reason}; give another --from") from error
    model, loading = loaded
    if loading["missing_keys"]:
        name = min(loading["missing_keys"])
        raise InputError(f"{folder} is no checkpoint: it has no weights {name}; give another")
    return use_forest_attention(model)


def forest_logp(model: Any, forest: Forest, target_N: IntArray) -> torch.Tensor:
    """Log-probability of each target token, read from the logits at its parent.

    A token with several children predicts the first token of each; labels are looked up through
    `parent`, never by shifting. Logits are computed at the parents of targets only.
    """
    device = next(model.parameters()).device
    if device.type == "cuda":
        forest = pad(forest, BLOCK)
    tok_T = torch.from_numpy(forest.tok_T).to(device)
    logits_NV = model(
        input_ids=tok_T[None],
        position_ids=torch.from_numpy(forest.pos_T).to(device)[None],
        attention_mask=forest_mask(torch.from_numpy(forest.end_T).to(device)),
        logits_to_keep=torch.from_numpy(forest.parent_T[target_N]).to(device),
        use_cache=False,
    ).logits[0]
    precise_NV = logits_NV.to(torch.promote_types(logits_NV.dtype, torch.float32))
    target = torch.from_numpy(target_N).to(device)
    return -torch.nn.functional.cross_entropy(precise_NV, tok_T[target], reduction="none")
