"""Supervised fine-tuning on dialogues: loss on what the assistant says, none on failed calls.

In: a corpus and settings. Out: `<out>/sft`, a checkpoint in Hugging Face layout.

    sft(Request(config=config, data="runs/click/mix", out=Path("runs/click/model")))

A dialogue over the context becomes several windows (training/windows.py), merged into a tree that
holds their common head once. The loss on the tokens of failed tool calls is masked and that on the
correction after them is kept (error-masked SFT, KAT-Coder report, arXiv 2510.18779, section 2.1).
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from schemas.errors import ConfigError, InputError
from schemas.tables import Dialogue
from training.config import SftConfig
from training.corpus import TRAIN, VALIDATION, Corpus
from training.dialogue import Renderer
from training.forest import Forest, join
from training.packing import grow, pack_epoch, plan
from training.stage import Request, build_model, fresh_tokenizer, open_stage, prepare_torch
from training.tokenizer import Tokenizer
from training.windows import Counts, window_chain, windows


def sft(request: Request) -> dict[str, Any]:
    """Train and publish; returns the summary. Does nothing when the stage is up to date."""
    if request.data is None:
        raise ConfigError("sft needs a corpus; give the folder of mix with --data")
    config, loop = request.config, request.config.sft
    corpus = Corpus(request.data)
    opened = open_stage(request, "sft", loop, corpus.fingerprint)
    if opened.summary:
        return opened.summary

    from training.loop import Window, run_stage
    from training.trainer import Trainer

    device = prepare_torch(config)
    tokenizer = Tokenizer(opened.start or fresh_tokenizer(request, corpus))
    counts = Counts()
    trees = dialogue_forests(tokenizer, corpus.dialogues(TRAIN), loop, counts)
    if not trees:
        raise InputError(
            f"{request.data} has no dialogue that fits; raise sft.context or run mix on more input"
        )
    steps = plan([len(tree) for tree in trees], loop, config.seed)
    held_out = dialogue_forests(tokenizer, corpus.dialogues(VALIDATION), loop, Counts())
    bins = pack_epoch([len(tree) for tree in held_out], loop.token_budget, seed=0)
    evaluation = [join([held_out[i] for i in bin]) for bin in bins[: loop.eval_forests] if bin]
    trainer = Trainer(build_model(request, opened, tokenizer, device), config)
    summary = run_stage(
        opened,
        trainer,
        tokenizer,
        source=lambda step: Window(forests=[join([trees[i] for i in bin]) for bin in steps[step]]),
        measure=lambda: {"validation_loss": trainer.evaluate(evaluation)},
    )
    return summary | asdict(counts)


def dialogue_forests(
    tokenizer: Tokenizer, dialogues: Sequence[Dialogue], config: SftConfig, counts: Counts
) -> list[Forest]:
    """Trees of the dialogues, each within the token budget; what was cut is added to `counts`."""
    renderer = Renderer(tokenizer, mask_failed_calls=config.mask_failed_calls)
    trees: list[Forest] = []
    for dialogue in dialogues:
        blocks = renderer.blocks(dialogue.tools, dialogue.messages)
        chains = [window_chain(window) for window in windows(blocks, config.context, counts)]
        trees.extend(grow(chains, config.token_budget))
    return [tree for tree in trees if len(tree.targets())]
