"""Shared by the trainer's tests: a float64 model, a small corpus, a tokenizer, settings."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from schemas.arrow import to_batch
from schemas.folder import open_folder
from schemas.manifest import Manifest, Receipt, Shard, write_manifest
from schemas.tables import Dialogue, Document, Message, ToolCall, ToolSpec
from training.config import TrainConfig
from training.tokenizer import Tokenizer, train_tokenizer

READ = ToolSpec(
    name="read",
    description="Read a file.",
    parameters='{"type": "object", "properties": {"path": {"type": "string"}}}',
)


class Float64Model(torch.nn.Module):
    """Two layers of rotary attention in which nothing leaves float64 (Qwen3's norm would)."""

    def __init__(self, vocab_size: int = 11, width: int = 16, layers: int = 2) -> None:
        super().__init__()
        torch.manual_seed(0)

        def make(*shape: int) -> torch.nn.Parameter:
            return torch.nn.Parameter(0.3 * torch.randn(*shape, dtype=torch.float64))

        self.embed = make(vocab_size, width)
        self.qkv = torch.nn.ParameterList([make(3 * width, width) for _ in range(layers)])
        self.out = torch.nn.ParameterList([make(width, width) for _ in range(layers)])
        self.up = torch.nn.ParameterList([make(width, width) for _ in range(layers)])

    def forward(
        self,
        input_ids: torch.Tensor,
        position_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: torch.Tensor,
        use_cache: bool,
    ) -> SimpleNamespace:
        hidden = self.embed[input_ids]
        for qkv, out, up in zip(self.qkv, self.out, self.up, strict=True):
            query, key, value = (self._norm(hidden) @ qkv.T).chunk(3, -1)
            query, key = self._rotate(query, position_ids), self._rotate(key, position_ids)
            attended = torch.nn.functional.scaled_dot_product_attention(
                query[:, None], key[:, None], value[:, None], attn_mask=attention_mask
            )[:, 0]
            hidden = hidden + attended @ out.T
            hidden = hidden + torch.tanh(self._norm(hidden) @ up.T)
        return SimpleNamespace(logits=self._norm(hidden)[:, logits_to_keep] @ self.embed.T)

    def _norm(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)

    def _rotate(self, x: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        half = x.shape[-1] // 2
        frequency = 100.0 ** (-torch.arange(half, dtype=torch.float64) / half)
        angle = position[..., None].double() * frequency
        left, right = x[..., :half], x[..., half:]
        return torch.cat(
            [left * angle.cos() - right * angle.sin(), left * angle.sin() + right * angle.cos()], -1
        )


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    """Matrices as small as these only lose by threads."""
    torch.set_num_threads(1)


@pytest.fixture
def float64_model() -> Float64Model:
    """Deterministic weights."""
    return Float64Model()


@pytest.fixture(scope="session")
def dialogue() -> Dialogue:
    """Two calls in one message, the second of which fails; then one that succeeds."""
    return _dialogue(
        "d",
        "train",
        (
            Message(role="system", content="You repair code."),
            Message(role="user", content="Fix the rounding in a.py."),
            Message(
                role="assistant",
                content="I look.",
                tool_calls=(_call("1", path="a.py"), _call("2", path="missing.py", limit=3)),
            ),
            Message(role="tool", content="def f():\n    return 1\n", tool_call_id="1"),
            Message(role="tool", content="no such file", tool_call_id="2", is_error=True),
            Message(role="assistant", content="", tool_calls=(_call("3", path="b.py"),)),
            Message(role="tool", content="\n\n  x = 1", tool_call_id="3"),
            Message(role="assistant", content="It is fixed."),
        ),
    )


def _call(call_id: str, **arguments: Any) -> ToolCall:
    return ToolCall(call_id=call_id, name="read", arguments=json.dumps(arguments))


def _dialogue(name: str, split: str, messages: tuple[Message, ...]) -> Dialogue:
    return Dialogue(
        dialogue_id=name,
        repo="acme/shop",
        source="git",
        license="MIT",
        pr_id="p",
        base_commit="c",
        task_type=None,
        scenario=None,
        capability="tool_use",
        tools=(READ,),
        messages=messages,
        num_tool_calls=0,
        num_failed_calls=0,
        split=split,
    )


def _document(index: int) -> Document:
    chosen = random.Random(index)
    names = [chosen.choice(("cart", "price", "total", "item", "order")) for _ in range(40)]
    text = "".join(f"def {a}_{b}(x):\n    return x + {a}\n\n" for a, b in pairwise(names))
    return Document(
        document_id=str(index),
        repo="acme/shop",
        source="git",
        license="MIT",
        capability="coding_knowledge",
        task_type=None,
        scenario=None,
        language="python",
        origin_id=str(index),
        text=text,
        split="validation" if index % 5 == 0 else "train",
    )


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory, dialogue: Dialogue) -> Path:
    """A finished `mix` folder of 20 documents and 8 dialogues."""
    folder = tmp_path_factory.mktemp("run") / "mix"
    splits = ["validation" if index % 4 == 0 else "train" for index in range(8)]
    dialogues = [_dialogue(str(i), split, dialogue.messages) for i, split in enumerate(splits)]
    write_corpus(folder, [_document(index) for index in range(20)], dialogues)
    return folder


@pytest.fixture(scope="session")
def corpus_of(dialogue: Dialogue) -> Callable[[Path, str], Path]:
    """Writes a finished `mix` folder whose rows are all of one split; "" for none at all."""

    def write(folder: Path, split: str) -> Path:
        documents = [replace(_document(index), split=split) for index in range(6)]
        dialogues = [replace(dialogue, split=split)]
        write_corpus(folder / "mix", documents if split else [], dialogues if split else [])
        return folder / "mix"

    return write


def write_corpus(folder: Path, documents: list[Document], dialogues: list[Dialogue]) -> None:
    """Shards and a manifest, as the stage `mix` leaves them."""
    target = open_folder(folder)
    shards = []
    for table, row_class, rows in (
        ("documents", Document, documents),
        ("dialogues", Dialogue, dialogues),
    ):
        with target.create(f"{table}/shop-00000.parquet") as stream:
            pq.write_table(pa.Table.from_batches([to_batch(row_class, rows)]), stream)
        shards.append(
            Shard(
                table=table,
                name="shop-00000",
                num_rows=len(rows),
                num_bytes=stream.num_bytes,
                sha256=stream.sha256,
            )
        )
    receipt = Receipt(
        table="documents",
        name="shop",
        key="k",
        num_read=len(documents),
        num_kept=len(documents),
        rejected={},
        shards=tuple(shards),
    )
    manifest = Manifest(
        stage="mix",
        fingerprint="0" * 32,
        work="0" * 32,
        code_version="0",
        config={},
        upstream={},
        receipts=(receipt,),
    )
    write_manifest(target, manifest)


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    """Learned from a few lines of code."""
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = [_document(index).text for index in range(5)] + ["Fix the rounding in a.py, read it."]
    train_tokenizer(texts, folder, 384)
    return Tokenizer(folder)


SMALL = {
    "threads": 1,
    "device": "cpu",
    "tokenizer": {"vocab_size": 384},
    "model": {"hidden_size": 64, "num_layers": 1, "num_heads": 1, "intermediate_size": 64},
    "midtrain": {"steps": 6, "token_budget": 256, "context": 128, "checkpoint_every": 3},
    "sft": {"steps": 6, "token_budget": 512, "context": 512, "checkpoint_every": 3},
    "rl": {
        "steps": 4,
        "warmup_steps": 2,
        "token_budget": 1024,
        "context": 1024,
        "groups": 2,
        "group_size": 3,
        "max_new_tokens": 8,
        "eval_tasks": 3,
        "checkpoint_every": 3,
    },
}


@pytest.fixture
def small_config() -> TrainConfig:
    """Settings under which a stage takes about a second."""
    from schemas.settings import from_plain

    return from_plain(TrainConfig, SMALL)


@pytest.fixture
def small_toml(tmp_path: Path) -> Path:
    """The same settings as a file."""
    lines = ["threads = 1", 'device = "cpu"']
    for section, values in SMALL.items():
        if isinstance(values, dict):
            lines += [f"[{section}]", *(f"{key} = {value}" for key, value in values.items())]
    path = tmp_path / "small.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def relative_error() -> Callable[[list[torch.Tensor], list[torch.Tensor]], float]:
    """Largest |a - b| / |b| in the L2 norm over pairs of tensors."""

    def measure(found: list[torch.Tensor], expected: list[torch.Tensor]) -> float:
        pairs = zip(found, expected, strict=True)
        return max(float((a - b).norm() / b.norm()) for a, b in pairs)

    return measure
