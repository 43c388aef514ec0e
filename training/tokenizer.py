"""A byte-level BPE in Hugging Face layout, and encoding that text cannot break out of.

In: the corpus's texts. Out: a folder with tokenizer.json, tokenizer_config.json and
chat_template.jinja, which `AutoTokenizer.from_pretrained` reads.

    train_tokenizer(["def f(): ..."], Path("out/tokenizer"), vocab_size=2048)
    tokenizer = Tokenizer(Path("out/tokenizer"))
    tokenizer.encode("<|im_end|>")  ->  the tokens of ten ordinary characters, never the token

The markers of a conversation are single tokens. Text of documents, users and tools is encoded by a
copy of the tokenizer that does not know them, so no text can end a message or open a tool call.
Whitespace, digits and words are split as in Qwen's tokenizers.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tokenizers

from schemas.errors import InputError

END_OF_TEXT = "<|endoftext|>"
START_OF_MESSAGE = "<|im_start|>"
END_OF_MESSAGE = "<|im_end|>"
TOOL_CALL = "<tool_call>"
END_OF_TOOL_CALL = "</tool_call>"
MARKERS = (END_OF_TEXT, START_OF_MESSAGE, END_OF_MESSAGE, TOOL_CALL, END_OF_TOOL_CALL)

FILES = ("tokenizer.json", "tokenizer_config.json")
CHAT_TEMPLATE = "chat_template.jinja"

_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], folder: Path, vocab_size: int) -> None:
    """Learn merges and write the folder. The same texts in the same order give the same bytes."""
    from tokenizers import Regex, decoders, models, pre_tokenizers, trainers

    raw = tokenizers.Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(MARKERS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    _mark_tokens(raw, -raw.get_vocab_size() % 64)
    folder.mkdir(parents=True, exist_ok=True)
    raw.save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", _tokenizer_config())
    write_chat_template(folder)


def write_chat_template(folder: Path) -> None:
    """Put the template that `training.dialogue` renders by into a folder."""
    template = Path(__file__).with_name(CHAT_TEMPLATE).read_text(encoding="utf-8")
    (folder / CHAT_TEMPLATE).write_text(template, encoding="utf-8")


def _mark_tokens(raw: tokenizers.Tokenizer, num_reserved: int) -> None:
    """Tool-call markers are not "special": decoding for a tool parser must leave them in."""
    kept = {TOOL_CALL, END_OF_TOOL_CALL}
    reserved = [f"<|reserved_{index}|>" for index in range(num_reserved)]
    for name in (*MARKERS, *reserved):
        token = tokenizers.AddedToken(name, special=name not in kept, normalized=False)
        if name in kept:
            raw.add_tokens([token])
        else:
            raw.add_special_tokens([token])


def _tokenizer_config() -> dict[str, Any]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END_OF_MESSAGE,
        "pad_token": END_OF_TEXT,
        "clean_up_tokenization_spaces": False,
        "add_prefix_space": False,
    }


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _read_tokenizer(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        values = None
    if not isinstance(values, dict) or "model" not in values:
        raise InputError(f"{path} is no tokenizer; give another checkpoint with --from")
    return values


class Tokenizer:
    """Reads a tokenizer folder. Raises InputError when it lacks a file or a marker.

    `special` maps each marker to its id; `len()` is the vocabulary's size.
    """

    def __init__(self, folder: Path) -> None:
        absent = [name for name in FILES if not (folder / name).is_file()]
        if absent:
            raise InputError(f"no {absent[0]} in {folder}; give a checkpoint with --from")
        values = _read_tokenizer(folder / "tokenizer.json")
        self._full = tokenizers.Tokenizer.from_str(json.dumps(values))
        self._plain = tokenizers.Tokenizer.from_str(json.dumps(values | {"added_tokens": []}))
        ids = {marker: self._full.token_to_id(marker) for marker in MARKERS}
        missing = [marker for marker, token in ids.items() if token is None]
        if missing:
            raise InputError(f"the tokenizer in {folder} lacks {', '.join(missing)}")
        self.special = {marker: token for marker, token in ids.items() if token is not None}
        self.folder = folder

    def __len__(self) -> int:
        return self._full.get_vocab_size()

    def encode(self, text: str) -> list[int]:
        """The ids of the text as plain text."""
        return list(self._plain.encode(text, add_special_tokens=False).ids)

    def encode_with_offsets(self, text: str) -> tuple[list[int], list[int]]:
        """The ids of the text as plain text, and the character at which each begins."""
        encoding = self._plain.encode(text, add_special_tokens=False)
        return list(encoding.ids), [start for start, _ in encoding.offsets]

    def encode_all(self, texts: Sequence[str]) -> list[list[int]]:
        """`encode` of each text, on all cores."""
        return [list(e.ids) for e in self._plain.encode_batch(texts, add_special_tokens=False)]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of the ids, markers included."""
        return self._full.decode(tokens, skip_special_tokens=False)
