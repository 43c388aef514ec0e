"""What a file is, from its path and its text. In: path, text. Out: `FileKind`.

    describe_file("tests/test_cart.py", "import cart")  ->
        FileKind(language="python", is_test=True, is_generated=False, ...)

Language names are lower-case words that also serve as Markdown fences ("python", "cpp", "bash");
what the tables do not know is "text". A test is told by whole path segments and by words of the
file name, never by substrings: `latest.py` and `contest/` are no tests.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from transforms.language_names import EXTENSIONS, FILE_NAMES, INTERPRETERS

_OBJECTIVE_C = re.compile(
    r"^[ \t]*[@#](?:interface|implementation|protocol|import|property)\b", re.M
)
_CPP = re.compile(
    r"^[ \t]*(?:template\s*<|namespace\b|class\s+\w+|using\s+\w|public:|private:|protected:"
    r"|virtual\s|constexpr\s|#\s*include\s*<(?:string|vector|memory|map|iostream|cstd\w+)>)",
    re.M,
)
_PROLOG_OR_PERL = re.compile(r"^[ \t]*:-\s|^\w+\(.*\)[ \t]*:-", re.M)


def _c_header(text: str) -> str:
    if _OBJECTIVE_C.search(text):
        return "objectivec"
    return "cpp" if _CPP.search(text) else "c"


def _m_file(text: str) -> str:
    return "objectivec" if _OBJECTIVE_C.search(text) or "#import" in text else "matlab"


def _pl_file(text: str) -> str:
    return "prolog" if _PROLOG_OR_PERL.search(text) else "perl"


def _ts_file(text: str) -> str:
    # Qt translation files share the extension.
    return "xml" if text.lstrip()[:5] == "<?xml" or "<!DOCTYPE TS" in text[:200] else "typescript"


def _inc_file(text: str) -> str:
    return "php" if "<?php" in text[:1000] else "cpp" if _CPP.search(text) else "text"


_AMBIGUOUS: dict[str, Callable[[str], str]] = {
    "h": _c_header,
    "m": _m_file,
    "pl": _pl_file,
    "ts": _ts_file,
    "inc": _inc_file,
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEST_SEGMENTS = _words(
    "test tests testing __tests__ spec specs e2e testdata test-data fixtures __mocks__ "
    "unittest unittests integration-tests integration_tests test_data androidtest"
)
_TEST_NAME = re.compile(
    r"^(?:test[_.-].*|tests?|conftest|.*[_.-](?:tests?|spec|specs|e2e))$"
    r"|^.*[a-z0-9](?:Test|Tests|TestCase|Spec|IT)$|^Test[A-Z].*$"
)
_VENDORED_SEGMENTS = _words(
    "vendor vendored _vendor _vendored node_modules third_party third-party thirdparty 3rdparty "
    "bower_components site-packages external-libs godeps pods jspm_packages"
)
_VENDORED_NAME = re.compile(
    r"^(?:jquery|bootstrap|underscore|d3|angular)[-.\d]*(?:\.min)?\.(?:js|css)$"
)
_GENERATED_NAMES = _words(
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml poetry.lock cargo.lock uv.lock "
    "pipfile.lock composer.lock gemfile.lock go.sum flake.lock pubspec.lock mix.lock"
)
_GENERATED_SUFFIXES = (
    ".min.js", ".min.css", ".js.map", ".css.map", ".pb.go", ".pb.cc", ".pb.h", "_pb2.py",
    "_pb2_grpc.py", "_pb2.pyi", ".g.dart", ".freezed.dart", ".designer.cs", ".g.cs",
    ".generated.cs", ".generated.ts", ".generated.go", "_generated.go", ".snap",
)  # fmt: skip
_GENERATED_MARK = re.compile(
    r"@generated\b|\bDO NOT (?:EDIT|MODIFY)\b"
    r"|^\W{0,8}(?:[Tt]his (?:file|code|module)\b.{0,20}?\b|[Cc]ode |[Ff]ile )?"
    r"(?:[Aa]uto-?generated|[Aa]utomatically generated|[Gg]enerated (?:by|from|automatically))\b",
    re.M,
)
_DOCUMENTATION_SEGMENTS = _words("doc docs documentation manual man javadoc wiki")
_DOCUMENTATION_NAME = re.compile(
    r"^(?:readme|changelog|changes|history|news|contributing|authors|contributors|copying|license|"
    r"licence|notice|security|code_of_conduct|maintainers|todo|install|upgrading|faq|credits)\b",
    re.I,
)
_DOCUMENTATION_LANGUAGES = frozenset({"markdown", "restructuredtext", "asciidoc", "tex"})
_CONFIGURATION_LANGUAGES = frozenset(
    {"ini", "toml", "yaml", "hcl", "dockerfile", "makefile", "cmake", "nix", "starlark", "go-mod"}
)
_CONFIGURATION_SEGMENTS = _words(
    ".github .gitlab .circleci .buildkite .devcontainer .vscode .idea config configs conf etc "
    "deploy deployment deployments helm k8s kubernetes terraform ansible .ci ci"
)
_CONFIGURATION_NAMES = _words(
    "setup.py package.json tsconfig.json pom.xml build.gradle build.gradle.kts settings.gradle "
    "requirements.txt constraints.txt manifest.in composer.json gemfile jenkinsfile vagrantfile "
    ".gitignore .gitattributes .dockerignore .npmignore procfile conftest noxfile.py"
)
_CONFIGURATION_NAME = re.compile(
    r"^requirements[-_.\w]*\.(?:txt|in)$|^.*\.config\.(?:js|ts|mjs|cjs)$|^\.\w+rc(?:\.\w+)?$"
    r"|^dockerfile\..*$|^tsconfig\..*\.json$|^\.env(?:\..*)?$"
)
_HEAD_CHARS = 2000
"""How much of a file's beginning is searched for a mark of generated code."""


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """What a file is."""

    language: str
    is_test: bool
    is_generated: bool
    is_vendored: bool
    is_documentation: bool
    is_configuration: bool


def describe_file(path: str, text: str) -> FileKind:
    """Language and flags of a file; `text` may be "" when it is not known."""
    language = language_of(path, text)
    return FileKind(
        language=language,
        is_test=is_test_path(path),
        is_generated=_is_generated(path, text, language),
        is_vendored=_is_vendored(path),
        is_documentation=_is_documentation(path, language),
        is_configuration=_is_configuration(path, language),
    )


def language_of(path: str, text: str = "") -> str:
    """The language by name, by extension (and content where ambiguous), by shebang; else "text"."""
    name = PurePosixPath(path).name.lower()
    extension = name.rpartition(".")[2] if "." in name else ""
    if name in FILE_NAMES:
        return FILE_NAMES[name]
    if name.startswith(("dockerfile.", "containerfile.")):
        return "dockerfile"
    if extension in _AMBIGUOUS:
        return _AMBIGUOUS[extension](text)
    return EXTENSIONS.get(extension) or _language_of_shebang(text) or "text"


def is_test_path(path: str) -> bool:
    """Whether a folder or the file's own name says "test"."""
    pure = PurePosixPath(path)
    folders = {part.lower() for part in pure.parts[:-1]}
    return bool(folders & _TEST_SEGMENTS or _TEST_NAME.match(_stem(pure.name)))


def _stem(name: str) -> str:
    """The name without its last extension: "cart.test.ts" -> "cart.test"."""
    return name.rpartition(".")[0] or name


def _language_of_shebang(text: str) -> str | None:
    line = text[:200].partition("\n")[0]
    if not line.startswith("#!"):
        return None
    programs = [PurePosixPath(word).name.lower() for word in line[2:].split()]
    if programs[:1] == ["env"]:
        programs = [p for p in programs[1:] if not p.startswith("-") and "=" not in p]
    program = programs[0] if programs else ""
    return INTERPRETERS.get(program) or INTERPRETERS.get(program.rstrip("0123456789."))


def _is_generated(path: str, text: str, language: str) -> bool:
    name = PurePosixPath(path).name.lower()
    if name in _GENERATED_NAMES or name.endswith(_GENERATED_SUFFIXES):
        return True
    # Prose speaks of generated files without being one.
    is_prose = language == "text" or language in _DOCUMENTATION_LANGUAGES
    return not is_prose and _GENERATED_MARK.search(text[:_HEAD_CHARS]) is not None


def _is_vendored(path: str) -> bool:
    pure = PurePosixPath(path)
    folders = {part.lower() for part in pure.parts[:-1]}
    return bool(folders & _VENDORED_SEGMENTS or _VENDORED_NAME.match(pure.name.lower()))


def _is_documentation(path: str, language: str) -> bool:
    pure = PurePosixPath(path)
    folders = {part.lower() for part in pure.parts[:-1]}
    is_prose = language in _DOCUMENTATION_LANGUAGES or language == "text"
    return is_prose and bool(
        language != "text"
        or folders & _DOCUMENTATION_SEGMENTS
        or _DOCUMENTATION_NAME.match(pure.name)
    )


def _is_configuration(path: str, language: str) -> bool:
    pure = PurePosixPath(path)
    name = pure.name.lower()
    folders = {part.lower() for part in pure.parts[:-1]}
    return bool(
        language in _CONFIGURATION_LANGUAGES
        or name in _CONFIGURATION_NAMES
        or _CONFIGURATION_NAME.match(name)
        or (folders & _CONFIGURATION_SEGMENTS and language in ("json", "xml", "bash"))
    )
