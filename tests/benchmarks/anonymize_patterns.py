"""How the time grows on what each rule's trigger matches, repeated: the worst of texts.

    python tests/benchmarks/anonymize_patterns.py [NUM_CHARS]

In: nothing. Out: the ten triggers with the most CPU seconds per MB, over NUM_CHARS (default 20,000)
and twice as many characters; "growth" near 2 is linear, near 4 quadratic.
"""

import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "support"))

from pattern_samples import sample

from pipelines.text_table import render_table
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.secrets import secret_shapes
from transforms.anonymize.shapes import prose_shapes, value_shapes
from transforms.anonymize.text import TextAnonymizer

NUM_CHARS = 20_000
NUM_SHOWN = 10
CONFIG = AnonymizeConfig(keep_reserved=False, keep_private_ips=False)


def main() -> None:
    num_chars = int(sys.argv[1]) if len(sys.argv) > 1 else NUM_CHARS
    shapes = [*value_shapes(CONFIG), *secret_shapes(), *prose_shapes(CONFIG)]
    rules = {sample(shape.trigger).replace("\n", " "): shape.rule for shape in shapes}
    anonymizer = TextAnonymizer(CONFIG, b"k" * 32, [])
    anonymizer.text("warm", prose=True)
    rows = []
    for value, rule in sorted(rules.items()):
        once, twice = (cpu_s(anonymizer, value, size) for size in (num_chars, 2 * num_chars))
        rows.append((rule, round(twice / num_chars * 5e5, 2), round(twice / once, 2)))
    rows.sort(key=lambda row: -row[1])
    print(f"{len(rows)} triggers")
    print(render_table(rows[:NUM_SHOWN], ("rule", "CPU s per MB", "growth")))


def cpu_s(anonymizer: TextAnonymizer, value: str, num_chars: int) -> float:
    """CPU seconds for a text of one value repeated."""
    text = (value * (num_chars // len(value) + 1))[:num_chars]
    start = time.process_time()
    anonymizer.text(text, prose=True)
    return time.process_time() - start


if __name__ == "__main__":
    main()
