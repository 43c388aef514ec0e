"""Texts that are hard on an engine, for `anonymize.py`. In: nothing. Out: rows of a table.

    10 MB of minified code in one line     beside the same bytes in lines of 80
    100,000 findings in one file           beside 100 files with 1,000 of them each

"times" says how many times longer the first takes than the second; linear engines stay near 1.
"""

import random
import textwrap
import time
from collections.abc import Iterable
from typing import Any

from anonymize_engines import katydid_anonymizer

NUM_BYTES = 10_000_000
NUM_FINDINGS = 100_000
NUM_FILES = 100
WORDS = ("function", "return", "var", "this", "length", "push", "call", "null", "key", "token")


def linear_rows() -> list[tuple[Any, ...]]:
    """The four texts, measured one after the other in this process."""
    anonymizer = katydid_anonymizer()
    anonymizer.text(minified(100_000), language="javascript")
    code = minified(NUM_BYTES)
    lines = "\n".join(textwrap.wrap(code, 80, break_long_words=False, break_on_hyphens=False))
    dense = [statement(number) for number in range(NUM_FINDINGS // 2)]
    size = len(dense) // NUM_FILES
    parts = ["\n".join(dense[at : at + size]) for at in range(0, len(dense), size)]
    pairs = [
        ("10 MB in one line", [code], "10 MB in lines of 80", [lines]),
        ("100,000 findings in one file", ["\n".join(dense)], "in 100 files", parts),
        (
            "100,000 findings in one line",
            [" ".join(dense)],
            "in 100 files",
            [f"{part}\n" for part in parts],
        ),
    ]
    rows = []
    for name, texts, other_name, other_texts in pairs:
        one, other = measured(anonymizer, texts), measured(anonymizer, other_texts)
        rows.append((name, *one, round(one[2] / other[2], 2)))
        rows.append((other_name, *other, ""))
    return rows


def measured(anonymizer: Any, texts: Iterable[str]) -> tuple[float, int, float, float]:
    """(MB, findings, CPU seconds, MB per CPU second)."""
    mega = sum(len(text.encode()) for text in texts) / 1e6
    start = time.process_time()
    for text in texts:
        anonymizer.text(text, language="javascript")
    cpu_s = time.process_time() - start
    num_findings = sum(anonymizer.take_findings().values())
    return round(mega, 2), num_findings, round(cpu_s, 2), round(mega / cpu_s, 2)


def minified(num_bytes: int) -> str:
    """One line of invented code, as a minifier leaves it, with an address every 100 KB."""
    draw = random.Random(7)
    parts: list[str] = []
    size = 0
    while size < num_bytes:
        part = f'{draw.choice(WORDS)} a{draw.randrange(999)}=b("{draw.choice(WORDS)}",{{c:1}});'
        if size // 100_000 != (size + len(part) + 1) // 100_000:
            part = f'd("jane{size}@corp.io");'
        parts.append(part)
        size += len(part) + 1
    return " ".join(parts)[:num_bytes]


def statement(number: int) -> str:
    """A line with an address of either kind."""
    host = f"52.{number // 62_500 + 1}.{number // 250 % 250 + 1}.{number % 250 + 1}"
    return f'call("jane{number}@corp.io", "{host}");'
