"""Languages and flags of files, against GitHub's Linguist.

    python tests/benchmarks/detection.py /data/git/click.git /data/git/redis.git ...

Needs Ruby and Linguist (Debian: ruby-github-linguist). In: git repositories, of which the files of
the head commits are compared, and "packages=FOLDER" of published packages, whose minified files are
named so ("x.min.js"). Out: tables. Linguist excludes files from statistics; of its rules
those count here that mean the same as ours: what is somebody else's code is vendored (not fixtures,
settings, declarations or ".github"), and what a folder of such code holds is not thereby generated.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pipelines.mine.commits import decode_text, has_utf16_mark, is_binary
from pipelines.mine.git import open_repository
from pipelines.text_table import render_table
from transforms.languages import FileKind, describe_file

MAX_BYTES = 1_048_576

_RUBY = r"""
require 'linguist'; require 'json'; require 'yaml'
lib = File.dirname($LOADED_FEATURES.grep(/linguist\/generated\.rb/)[0])
rules = YAML.load_file(File.join(lib, 'vendor.yml')).map { |rule| [rule, Regexp.new(rule)] }
checks = Linguist::Generated.instance_methods(false).map(&:to_s).select { |n| n.end_with?('?') }
checks -= %w[generated? maybe_minified?]
STDIN.each_line(chomp: true) do |line|
  path = JSON.parse(line)
  blob = Linguist::FileBlob.new(File.join(ARGV[0], path), ARGV[0])
  file = Linguist::Generated.new(path, blob.data)
  puts JSON.generate({path: path, language: blob.language&.name,
    generated: checks.select { |name| file.public_send(name) },
    vendored: rules.select { |_, rule| rule.match?(path) }.map(&:first)})
end
"""

# Ours -> Linguist's names, where they are not the same but for case.
SAME = {
    "assembly": "Assembly|Unix Assembly|Motorola 68K Assembly", "bash": "Shell|Tcsh",
    "batch": "Batchfile", "c": "C", "cpp": "C++", "csharp": "C#", "dot": "Graphviz (DOT)",
    "dotenv": "Shell|INI|Dotenv", "emacs-lisp": "Emacs Lisp", "fsharp": "F#",
    "gitattributes": "Git Attributes", "gitignore": "Ignore List",
    "go-mod": "Go Module|Go Checksums|Go Workspace", "go-template": "Go Template",
    "ini": "INI|EditorConfig|Git Config|Java Properties|NPM Config",
    "jest-snapshot": "Jest Snapshot", "json": "JSON|JSON with Comments|JSON5|Jupyter Notebook",
    "lisp": "Common Lisp", "m4": "M4|M4Sugar", "objectivec": "Objective-C|Objective-C++",
    "postcss": "PostCSS|SugarSS", "protobuf": "Protocol Buffer", "rego": "Open Policy Agent",
    "roff": "Roff|Roff Manpage", "sass": "Sass|SCSS", "systemd": "desktop|systemd",
    "tex": "TeX|BibTeX Style|BibTeX", "text": "Text|CODEOWNERS|Git Revision List|Redirect Rules",
    "vb": "Visual Basic .NET|VBA|VBScript", "vim": "Vim Script",
    "visual-studio-solution": "Microsoft Visual Studio Solution",
    "xml": "XML|SVG|Maven POM|XSLT|XML Property List", "yaml": "YAML|MiniYAML",
}  # fmt: skip
VENDORED_AS_GENERATED = {"carthage_build?", "cocoapods?", "go_vendor?", "godeps?", "node_modules?"}
NOT_SOMEBODY_ELSES = ("testdata", "fixtures", "\\.git", "\\.vscode", "\\.d\\.ts", "cache/",
                      "/)env/", "docs?/_?(build", "Ee]xtern", "import\\.(css", "proguard",
                      "Vagrantfile", "Jenkinsfile", "(^|/)dist/", "^debian/", "(^|/)configure$",
                      "min\\.(js", "angular([^.]*)")  # fmt: skip
"""Parts of vendor.yml's rules: what the project wrote itself, or made from what it wrote."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One file as we and Linguist describe it."""

    path: str
    ours: FileKind
    language: str | None
    generated: bool
    minified: bool
    vendored: bool


def read_texts(git_dir: str) -> Iterator[tuple[str, bytes, str]]:
    """Path, bytes and text of the head commit's text files."""
    with open_repository(git_dir) as repository:
        entries = repository.tree_entries(repository.head(repository.refs()))
        paths: dict[str, list[str]] = {}
        for entry in entries:
            is_plain = entry.mode.startswith("100") and ".." not in PurePosixPath(entry.path).parts
            if is_plain and entry.size is not None and 0 < entry.size <= MAX_BYTES:
                paths.setdefault(entry.sha, []).append(entry.path)
        for sha, data in repository.read_blobs(list(paths)):
            if data is None or (is_binary(data) and not has_utf16_mark(data)):
                continue
            text = decode_text(data)
            if text is not None:
                yield from ((path, data, text.removeprefix("\ufeff")) for path in paths[sha])


def compare(git_dir: str) -> tuple[list[Compared], float]:
    """Every file described twice; CPU seconds of ours."""
    with tempfile.TemporaryDirectory() as folder:
        texts: dict[str, str] = {}
        for path, data, text in read_texts(git_dir):
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            texts[path] = text
        asked = "".join(json.dumps(path) + "\n" for path in texts)
        command = ["ruby", "-e", _RUBY, folder]
        answer = subprocess.run(command, input=asked, text=True, check=True, capture_output=True)
    start = time.process_time()
    ours = {path: describe_file(path, text) for path, text in texts.items()}
    seconds = time.process_time() - start
    theirs = map(json.loads, answer.stdout.splitlines())
    return [_compared(ours[said["path"]], said) for said in theirs], seconds


def _compared(ours: FileKind, said: dict[str, object]) -> Compared:
    generated, vendored, language = said["generated"], said["vendored"], said["language"]
    assert isinstance(generated, list)
    assert isinstance(vendored, list)
    assert language is None or isinstance(language, str)
    return Compared(
        path=str(said["path"]),
        ours=ours,
        language=language,
        generated=bool(set(generated) - VENDORED_AS_GENERATED),
        minified="minified_files?" in generated,
        vendored=any(not any(part in rule for part in NOT_SOMEBODY_ELSES) for rule in vendored),
    )


def is_same_language(ours: str, theirs: str | None) -> bool:
    """Whether both names mean one language; Linguist has none for what it does not know."""
    if theirs is None:
        return ours == "text"
    names = SAME.get(ours, "").split("|")
    return theirs in names or theirs.lower().replace(" ", "-") == ours


def print_languages(files: list[Compared]) -> None:
    """Agreement by Linguist's language, then what differs."""
    total: Counter[str] = Counter(str(file.language) for file in files)
    same: Counter[str] = Counter(
        str(f.language) for f in files if is_same_language(f.ours.language, f.language)
    )
    rows = [[name, n, same[name], f"{same[name] / n:.3f}"] for name, n in total.most_common()]
    named = [file for file in files if file.language is not None]
    for title, some in (("all", files), ("named by Linguist", named)):
        agreed = sum(is_same_language(file.ours.language, file.language) for file in some)
        rows.append([title, len(some), agreed, f"{agreed / len(some):.4f}"])
    print_rows(rows, ("Linguist's language", "files", "same", "share"))
    pairs: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], str] = {}
    for file in files:
        if not is_same_language(file.ours.language, file.language):
            key = (file.ours.language, str(file.language))
            pairs[key] += 1
            examples.setdefault(key, file.path)
    rows = [[*pair, n, examples[pair]] for pair, n in pairs.most_common(25)]
    print_rows(rows, ("ours", "Linguist", "files", "for example"))


def print_flags(files: list[Compared]) -> None:
    """Precision and recall of each flag, Linguist taken for the truth; then what only we say."""
    rows = []
    for flag in ("generated", "vendored", "minified"):
        asked = [f for f in files if flag != "minified" or f.path.endswith((".js", ".css"))]
        pairs = [(getattr(f.ours, f"is_{flag}"), getattr(f, flag)) for f in asked]
        both, ours, theirs = pairs.count((True, True)), sum(p[0] for p in pairs), sum(
            p[1] for p in pairs
        )  # fmt: skip
        rows.append([flag, len(asked), theirs, ours, both, f"{both / max(ours, 1):.3f}",
                     f"{both / max(theirs, 1):.3f}"])  # fmt: skip
    print_rows(rows, ("flag", "files", "Linguist", "ours", "both", "precision", "recall"))
    for flag in ("generated", "vendored", "minified"):
        differing = [f for f in files if getattr(f.ours, f"is_{flag}") != getattr(f, flag)]
        kinds = Counter(
            (getattr(f, flag), f.ours.language, f.ours.is_vendored) for f in differing
        ).most_common(12)
        print_rows([["Linguist" if k[0] else "ours", k[1], k[2], n] for k, n in kinds],
                   (f"{flag}: only", "language", "is vendored", "files"))  # fmt: skip


def print_minified(folder: str) -> None:
    """Scripts and styles of published packages: told by content, their names are the truth."""
    pairs: Counter[tuple[str, bool, bool]] = Counter()
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix in (".js", ".css") and path.is_file() and (text := path.read_text("utf-8")):
            name, truth = f"x{path.suffix}", bool(re.search(r"[.-]min\.", path.name))
            is_long = len(text) > 110 * (text.count("\n") + 1)
            pairs["ours", describe_file(name, text).is_minified, truth] += 1
            pairs["Linguist's rule", is_long, truth] += 1
    rows: list[list[object]] = []
    for who in ("ours", "Linguist's rule"):
        right, wrong, missed = (
            pairs[who, True, True],
            pairs[who, True, False],
            pairs[who, False, True],
        )
        rows.append([who, right + missed, right, wrong, f"{right / (right + wrong):.3f}",
                     f"{right / (right + missed):.3f}"])  # fmt: skip
    print_rows(rows, ("minified, by content", "named so", "found", "others", "precision", "recall"))


def print_rows(rows: list[list[object]], columns: Iterable[str]) -> None:
    """A table after an empty line."""
    print()
    print(render_table(rows, list(columns)))


def main(arguments: list[str]) -> None:
    """Compare and report."""
    files: list[Compared] = []
    rows: list[list[object]] = []
    for folder in (a.removeprefix("packages=") for a in arguments if a.startswith("packages=")):
        print_minified(folder)
    for git_dir in (a for a in arguments if not a.startswith("packages=")):
        found, seconds = compare(git_dir)
        agreed = sum(is_same_language(file.ours.language, file.language) for file in found)
        rows.append([git_dir, len(found), f"{agreed / max(len(found), 1):.4f}", f"{seconds:.2f}"])
        files += found
    if files:
        print_rows(rows, ("repository", "files", "same language", "CPU s"))
        print_languages(files)
        print_flags(files)


if __name__ == "__main__":
    main(sys.argv[1:])
