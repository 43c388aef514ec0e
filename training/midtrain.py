"""Mid-training: next-token prediction on every token of the documents.

In: a corpus and settings. Out: `<out>/midtrain`, a checkpoint in Hugging Face layout.

    midtrain(Request(config=config, data="runs/click/mix", out=Path("runs/click/model")))

A document ends with <|endoftext|>; one longer than the context is cut into pieces, each at position
0 again. Documents packed into one forest are chains side by side and do not see each other. No more
documents are tokenized than the steps can use.
"""

from collections.abc import Sequence
from typing import Any

from schemas.errors import ConfigError, InputError
from training.config import LoopConfig
from training.corpus import TRAIN, VALIDATION, Corpus
from training.forest import Chain, Forest, join, merge
from training.packing import Bin, pack_epoch, plan, shuffled
from training.stage import Request, build_model, fresh_tokenizer, open_stage, prepare_torch
from training.tokenizer import END_OF_TEXT, Tokenizer

BATCH = 256
"""Documents tokenized at once."""


def midtrain(request: Request) -> dict[str, Any]:
    """Train and publish; returns the summary. Does nothing when the stage is up to date."""
    if request.data is None:
        raise ConfigError("midtrain needs a corpus; give the folder of mix with --data")
    config, loop = request.config, request.config.midtrain
    corpus = Corpus(request.data)
    opened = open_stage(request, "midtrain", loop, corpus.fingerprint)
    if opened.summary:
        return opened.summary

    from training.loop import Window, run_stage
    from training.trainer import Trainer

    device = prepare_torch(config)
    tokenizer = Tokenizer(opened.start or fresh_tokenizer(request, corpus))
    needed = loop.steps * loop.accumulate * loop.token_budget
    texts = shuffled(corpus.documents(TRAIN), config.seed)
    chains = document_chains(tokenizer, texts, loop.context, needed)
    if not chains:
        raise InputError(f"{request.data} has no training documents; run mix on more input")
    steps = plan([len(chain) for chain in chains], loop, config.seed)
    held_out = validation_forests(tokenizer, corpus.documents(VALIDATION), loop)
    trainer = Trainer(build_model(request, opened, tokenizer, device), config)
    return run_stage(
        opened,
        trainer,
        tokenizer,
        source=lambda step: Window(forests=[side_by_side(chains, bin) for bin in steps[step]]),
        measure=lambda: {"validation_loss": trainer.evaluate(held_out)},
    )


def document_chains(
    tokenizer: Tokenizer, texts: Sequence[str], context: int, max_tokens: int
) -> list[Chain]:
    """Chains of at most `context` tokens, from the first texts on until there are `max_tokens`."""
    chains: list[Chain] = []
    num_tokens = 0
    for start in range(0, len(texts), BATCH):
        if num_tokens >= max_tokens:
            break
        for ids in tokenizer.encode_all(texts[start : start + BATCH]):
            ids.append(tokenizer.special[END_OF_TEXT])
            num_tokens += len(ids)
            chains.extend(_cut(ids, context))
    return chains


def _cut(ids: list[int], context: int) -> list[Chain]:
    """Pieces of the ids; a single token predicts nothing and is left out."""
    pieces = [ids[start : start + context] for start in range(0, len(ids), context)]
    return [Chain.of(piece, weight_ce=1.0) for piece in pieces if len(piece) > 1]


def side_by_side(chains: Sequence[Chain], items: Bin) -> Forest:
    """A forest of unmerged chains."""
    return join([merge([chains[item]]) for item in items])


def validation_forests(
    tokenizer: Tokenizer, texts: Sequence[str], loop: LoopConfig
) -> list[Forest]:
    """The same first forests of the held-out documents whenever it is asked."""
    needed = loop.eval_forests * loop.token_budget
    chains = document_chains(tokenizer, texts, loop.context, needed)
    bins = pack_epoch([len(chain) for chain in chains], loop.token_budget, seed=0)
    return [side_by_side(chains, bin) for bin in bins[: loop.eval_forests] if bin]
