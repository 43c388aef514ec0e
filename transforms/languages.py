"""What a file is, from its path and its text. In: path, text. Out: `FileKind`.

    describe_file("tests/test_cart.py", "import cart")  ->
        FileKind(language="python", is_test=True, is_generated=False, ...)

Language names are lower-case words that also serve as Markdown fences ("python", "cpp", "bash");
what the tables do not know is "text".
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from transforms.file_flags import (
    is_configuration_file,
    is_documentation_file,
    is_generated_file,
    is_minified_file,
    is_test_path,
    is_vendored_path,
)
from transforms.language_names import EXTENSIONS, FILE_NAMES, INTERPRETERS
from transforms.shared_extensions import SHARED_EXTENSIONS


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """What a file is."""

    language: str
    is_test: bool
    is_generated: bool
    is_vendored: bool
    is_documentation: bool
    is_configuration: bool
    is_minified: bool


def describe_file(path: str, text: str) -> FileKind:
    """Language and flags of a file; `text` may be "" when it is not known."""
    language = language_of(path, text)
    return FileKind(
        language=language,
        is_test=is_test_path(path),
        is_generated=is_generated_file(path, text, language),
        is_vendored=is_vendored_path(path),
        is_documentation=is_documentation_file(path, language),
        is_configuration=is_configuration_file(path, language),
        is_minified=is_minified_file(path, text, language),
    )


def language_of(path: str, text: str = "") -> str:
    """The language by name, by extension (and content where shared), by shebang; else "text"."""
    name = path.rpartition("/")[2].lower()
    # A script named "build" or "configure" is no build file.
    if "." not in name and text.startswith("#!") and (found := _language_of_shebang(text)):
        return found
    if name in FILE_NAMES:
        return FILE_NAMES[name]
    if name.startswith(("dockerfile.", "containerfile.")):
        return "dockerfile"
    _, _, ending = name.partition(".")
    extension = name.rpartition(".")[2] if ending else ""
    if ending in EXTENSIONS:
        return EXTENSIONS[ending]
    if extension in SHARED_EXTENSIONS:
        return SHARED_EXTENSIONS[extension](text)
    return EXTENSIONS.get(extension) or _language_of_shebang(text) or "text"


def _language_of_shebang(text: str) -> str | None:
    line = text[:200].partition("\n")[0]
    if not line.startswith("#!"):
        return None
    programs = [PurePosixPath(word).name.lower() for word in line[2:].split()]
    if programs[:1] == ["env"]:
        programs = [p for p in programs[1:] if not p.startswith("-") and "=" not in p]
    program = programs[0] if programs else ""
    return INTERPRETERS.get(program) or INTERPRETERS.get(program.rstrip("0123456789."))
