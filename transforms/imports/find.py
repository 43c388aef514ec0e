r"""The imports that a file states. In: language, text. Out: targets, as written.

    find_imports("python", "from .money import round_up\n")  ->  (".money:round_up",)

Nothing is resolved here. "module:name" is Python's `from module import name`; "package x.y" is what
a file calls itself, in languages where that, not the path, is what others import; C's includes keep
their quotes. Expressions take linear time, and read the first 256 KiB of a file.
"""

import re
from collections.abc import Callable, Iterator

MAX_CHARS = 262_144
MAX_IMPORTS = 2_000

_PY_STRING = re.compile(r'"""[^"]*(?:"(?!"")[^"]*)*"""' + r"|'''[^']*(?:'(?!'')[^']*)*'''")
_PY_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+([.\w]{1,300})[ \t]+c?import[ \t]*"
    r"(\([^)]{0,9000}\)|(?:[^\n#;\\]|\\\n){1,3000})|c?import[ \t]+([^\n#;]{1,1000}))",
    re.M,
)
_JS_COMMENT = re.compile(r"^[ \t]*(?://|\*|/\*)[^\n]*", re.M)
_JS_IMPORT = re.compile(
    r"(?:\bfrom|\bimport|\b(?:require|import)[ \t]{0,3}\()\s{0,20}([\"'])([^\"'\n]{1,300})\1"
)
_GO_COMMENT = re.compile(r"//[^\n]*")
_GO_DECLARATION = re.compile(r"^(?:func|type|var|const)\b", re.M)
_GO_IMPORT = re.compile(r'^import[ \t]*(?:\(([^()]*)\)|(?:[\w.]+[ \t]+)?"([^"\n]+)")', re.M)
_GO_PATH = re.compile(r'^[ \t]*(?:[\w.]+[ \t]+)?["`]([^"`\n]+)["`]', re.M)
_JVM_IMPORT = re.compile(
    r"^[ \t]*(package|import)[ \t]+(?:static[ \t]+)?([\w.`]{1,300}(?:[*{][^};\n]{0,2000})?)", re.M
)
_INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*(?:include|import)[ \t]*("[^"\n]{1,300}"|<[^>\n]{1,300}>)', re.M
)
_CSHARP = re.compile(
    r"^[ \t]*(?:(namespace)[ \t]+([\w.]{1,300})|(?:global[ \t]+)?using[ \t]+(?:static[ \t]+)?"
    r"(?:\w{1,99}[ \t]*=[ \t]*)?([\w.]{1,300})[ \t]*;)",
    re.M,
)
_RUST = re.compile(
    r"^[ \t]*(?:pub(?:\([^)\n]{0,60}\))?[ \t]+)?"
    r"(?:mod[ \t]+(\w{1,99})[ \t]*;|use[ \t]+([^;]{1,2000});)",
    re.M,
)
_PHP = re.compile(
    r"^[ \t]*(?:(namespace)[ \t]+([\w\\]{1,300})|use[ \t]+(?:function[ \t]+|const[ \t]+)?"
    r"([\w\\]{1,300}(?:\{[^}]{0,2000}\})?))"
    r"|\b(?:require|include)(?:_once)?[ \t(]{1,9}(?:__DIR__[ \t]{0,9}\.[ \t]{0,9})?"
    r"([\"'][^\"'\n$]{1,300}[\"'])",
    re.M,
)
_ELIXIR = re.compile(
    r"^[ \t]*(defmodule|alias|import|use|require)[ \t]+([A-Z][\w.]{0,300}(?:\{[^}]{0,1000}\})?)",
    re.M,
)
_RUBY = re.compile(
    r"^[ \t]*(require_relative|require|load|autoload[ \t(]{1,9}:\w{1,99},)[ \t(]{1,9}"
    r"[\"']([^\"'\n#]{1,300})[\"']",
    re.M,
)
_NAMED = {
    # Group 1 says that the file names itself, group 2 or 3 is a name.
    "fsharp": r"^[ \t]*(?:(module|namespace)[ \t]+(?:rec[ \t]+)?([\w.]{1,300})"
    r"|open[ \t]+([\w.]{1,300}))",
    "haskell": r"^(?:(module)[ \t]+([\w.]{1,300})"
    r"|import[ \t]+(?:safe[ \t]+)?(?:qualified[ \t]+)?(?:\"[^\"\n]{0,99}\"[ \t]+)?([\w.]{1,300}))",
    "perl": r"^[ \t]*(?:(package)[ \t]+([\w:]{1,300})|(?:use|require)[ \t]+([A-Z][\w:]{0,300}))",
}  # fmt: skip
_PATHS = {
    # Group 1 is a path.
    "bash": r"^[ \t]*(?:source|\.)[ \t]+[\"']?((?:[$]\([^)\n]{1,99}\)|[^\"'\s;&|]){1,300})",
    "css": r"@(?:import|use|forward|plugin|reference)[ \t]{1,9}(?:\([\w, ]{1,60}\)[ \t]{0,9})?"
    r"(?:url\()?[\"']([^\"'\n]{1,300})[\"']",
    "dart": r"^[ \t]*(?:import|export|part)[ \t]+[\"']([^\"'\n]{1,300})[\"']",
    "erlang": r"^-include(?:_lib)?\([ \t]*\"([^\"\n]{1,300})\"",
    "jsonnet": r"\bimport(?:str|bin)?[ \t]{1,9}[\"']([^\"'\n]{1,300})[\"']",
    "julia": r"\binclude\([ \t]{0,9}\"([^\"\n$]{1,300})\"",
    "lua": r"\b(?:require|dofile)[ \t(]{0,9}[\"']([^\"'\n]{1,300})[\"']",
    "nix": r"(?<![\w./])(\.{1,2}/[\w./+-]{1,300})",
    "protobuf": r"^[ \t]*import[ \t]+(?:(?:public|weak)[ \t]+)?\"([^\"\n]{1,300})\"",
    "r": r"^[ \t]*source\([ \t]*[\"']([^\"'\n]{1,300})[\"']",
    "solidity": r"^[ \t]*import\b[^\"';]{0,300}[\"']([^\"'\n]{1,300})[\"']",
    "starlark": r"^load\([ \t\n]{0,99}[\"']([^\"'\n]{1,300})[\"']",
    "tcl": r"^[ \t]*source[ \t]+\"?([^\s\"\[\];]{1,300})",
    "thrift": r"^[ \t]*include[ \t]+[\"']([^\"'\n]{1,300})[\"']",
    "zig": r"@import\([ \t]{0,9}\"([^\"\n]{1,300})\"",
}  # fmt: skip


def _python(text: str) -> Iterator[str]:
    for module, names, modules in _PY_IMPORT.findall(_PY_STRING.sub("''", text)):
        listed = re.sub(r"#[^\n]*|[()\\]", " ", names or modules)
        words = (part.split()[:1] for part in listed.split(","))
        yield from (f"{module}:{word[0]}" if module else word[0] for word in words if word)


def _javascript(text: str) -> Iterator[str]:
    return (match[2] for match in _JS_IMPORT.finditer(_JS_COMMENT.sub("", text)))


def _go(text: str) -> Iterator[str]:
    # Imports stand before all declarations.
    end = _GO_DECLARATION.search(text)
    head = _GO_COMMENT.sub("", text[: end.start()] if end else text)
    for block, path in _GO_IMPORT.findall(head):
        yield from [path] if path else _GO_PATH.findall(block)


def _jvm(text: str) -> Iterator[str]:
    for word, name in _JVM_IMPORT.findall(text):
        plain = name.replace("`", "")
        yield from [f"package {plain}"] if word == "package" else _expand(plain, ".", " =>")


def _c(text: str) -> Iterator[str]:
    return iter(_INCLUDE.findall(text))


def _csharp(text: str) -> Iterator[str]:
    for word, name, used in _CSHARP.findall(text):
        yield f"package {name}" if word else used


def _rust(text: str) -> Iterator[str]:
    for module, tree in _RUST.findall(text):
        yield from [f"mod {module}"] if module else _expand(tree, "::", " as ")


def _php(text: str) -> Iterator[str]:
    for word, name, used, path in _PHP.findall(text):
        plain = [f"package {name}"] if word else [path] if path else None
        yield from plain or _expand(used, "\\", " as ")


def _elixir(text: str) -> Iterator[str]:
    for word, name in _ELIXIR.findall(text):
        yield from [f"package {name}"] if word == "defmodule" else _expand(name, ".", " as ")


def _ruby(text: str) -> Iterator[str]:
    for word, path in _RUBY.findall(text):
        yield f"./{path}" if word == "require_relative" else path


def _expand(tree: str, separator: str, rename: str) -> Iterator[str]:
    """ "a.{b, c => d}" -> "a.b", "a.c"; groups within groups keep what stands before them."""
    prefixes: list[str] = [""]
    for name, mark in re.findall(r"([^{},]*)([{},]|$)", "".join(tree.split("\n"))):
        word = name.split(rename)[0].strip()
        path = (prefixes[-1] + word).removesuffix(f"{separator}self")
        if mark == "{":
            prefixes.append(path)
        elif word:
            yield path.rstrip(separator)
        if mark == "}" and len(prefixes) > 1:
            prefixes.pop()


def _named(pattern: str) -> Callable[[str], Iterator[str]]:
    compiled = re.compile(pattern, re.M)
    return lambda text: (
        f"package {name}" if own else used for own, name, used in compiled.findall(text)
    )


def _paths(pattern: str) -> Callable[[str], Iterator[str]]:
    compiled = re.compile(pattern, re.M)
    return lambda text: iter(compiled.findall(text))


_FINDERS: dict[str, Callable[[str], Iterator[str]]] = {
    **dict.fromkeys(("python", "cython"), _python),
    **dict.fromkeys(("javascript", "typescript", "tsx", "vue", "svelte", "astro"), _javascript),
    **dict.fromkeys(("java", "kotlin", "scala", "groovy"), _jvm),
    **dict.fromkeys(("c", "cpp", "objectivec", "cuda", "arduino", "glsl", "hlsl"), _c),
    **dict.fromkeys(("css", "sass", "less", "stylus", "postcss"), _paths(_PATHS["css"])),
    **{language: _paths(_PATHS[language]) for language in sorted(_PATHS)},
    **{language: _named(_NAMED[language]) for language in sorted(_NAMED)},
    "csharp": _csharp,
    "elixir": _elixir,
    "go": _go,
    "php": _php,
    "ruby": _ruby,
    "rust": _rust,
}

IMPORT_LANGUAGES = frozenset(_FINDERS)
"""Languages, as `transforms.languages` names them, whose imports are read."""


def find_imports(language: str, text: str) -> tuple[str, ...]:
    """Import targets in order of appearance, each once, at most 2,000; () for other languages."""
    finder = _FINDERS.get(language)
    if finder is None:
        return ()
    found = dict.fromkeys(finder(text[:MAX_CHARS]))
    return tuple(found)[:MAX_IMPORTS]
