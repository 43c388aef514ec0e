"""Extensions that several languages share, told apart by content. In: text. Out: a language.

    SHARED_EXTENSIONS["h"]("@interface Cart : NSObject\n")  ->  "objectivec"

A rule looks at the first 50,000 characters, with expressions that take linear time. An empty text
(a file that is known by name only) gives the language that most files of the extension are in.
"""

import re
from collections.abc import Callable

_HEAD_CHARS = 50_000

_C_OBJECTIVE = r"^[ \t]*[@#](?:interface|implementation|protocol|import|property|class|end)\b"
_CPP = (
    r"^[ \t]*(?:template\s?<|namespace\b|class\s\w+|using\s\w|public:|private:|protected:"
    r"|virtual\s|constexpr\s|#[ \t]*include[ \t]*<(?:string|vector|memory|map|iostream|cstd\w+"
    r"|utility|algorithm|functional|optional|atomic|mutex|type_traits)>)"
)
_PROLOG = r"^[ \t]*:-\s|^\w[\w(),]{0,80}[ \t]*:-"
_XML = r"\A\s*<(?:\?xml|!DOCTYPE)"

# Extension -> (language, expression that tells it) in order; the last language has no expression.
_RULES: dict[str, tuple[tuple[str, str | None], ...]] = {
    "as": (("actionscript", None),),
    "bb": (("bitbake", r"^[ \t]*(?:SRC_URI|LICENSE|inherit|DESCRIPTION)\b"), ("clojure", None)),
    "cl": (("lisp", r"^[ \t]*\((?:defun|in-package|defpackage|defmacro)\b"), ("opencl", None)),
    "cls": (("tex", r"^[ \t]*\\(?:NeedsTeXFormat|ProvidesClass)"),
            ("vb", r"^VERSION \d|^Attribute VB"), ("apex", None)),
    "conf": (("nginx", r"^[ \t]*(?:server|http|events|upstream|location)\b[^\n]{0,80}\{"),
             ("text", None)),
    "d": (("makefile", r"^[\w./-]+\.o[^\n]{0,200}:"), ("d", None)),
    "e": (("eiffel", None),),
    "f": (("forth", r"^: \w"), ("fortran", None)),
    "fs": (("forth", r"^: \w"), ("glsl", r"^[ \t]*(?:#version|precision|uniform|varying)\s"),
           ("fsharp", None)),
    "gs": (("glsl", r"^#version\s"), ("javascript", None)),
    "h": (("objectivec", _C_OBJECTIVE), ("cpp", _CPP), ("c", None)),
    "hh": (("hack", r"\A\s*<\?hh"), ("cpp", None)),
    "l": (("lisp", r"^[ \t]*\((?:def|setq)"), ("roff", r"^\.\w"), ("lex", None)),
    "lock": (("toml", r"^\[\[?[\w.]+\]\]?[ \t]*$"), ("json", r"\A\s*\{"), ("text", None)),
    "ls": (("livescript", None),),
    "lsp": (("lisp", None),),
    "m": (("objectivec", _C_OBJECTIVE + r"|^[ \t]*#include\b"),
          ("mathematica", r"^\(\*|\bBeginPackage\["), ("mercury", r"^:- module\b"),
          ("matlab", None)),
    "ml": (("sml", r"^(?:structure|signature|functor)\s"), ("ocaml", None)),
    "mod": (("go-mod", r"^module\s[\w./-]+[ \t]*(?://[^\n]*)?$"), ("xml", _XML),
            ("modula-2", r"^[ \t]*(?:IMPLEMENTATION |DEFINITION )?MODULE\s"), ("text", None)),
    "pl": (("prolog", _PROLOG), ("raku", r"^[ \t]*use\s+v6\b"), ("perl", None)),
    "pp": (("pascal", r"^[ \t]*(?:unit|program|uses)\s[^\n]{0,200};"), ("puppet", None)),
    "pro": (("proguard", r"^-(?:keep|dont|optimiz|assume)"), ("prolog", _PROLOG),
            ("qmake", None)),
    "q": (("sql", r"(?i)^[ \t]*(?:select|create|insert|drop|set|explain)\s"), ("q", None)),
    "r": (("rebol", r"(?i)\A\s*rebol\b"), ("r", None)),
    "re": (("cpp", r"^[ \t]*#(?:include|define|if)"), ("reason", None)),
    "res": (("xml", _XML), ("rescript", None)),
    "rpy": (("renpy", r"^(?:label|init|define|screen)\s"), ("python", None)),
    "rs": (("xml", _XML), ("rust", None)),
    "s": (("assembly", None),),
    "sc": (("supercollider", r"\bSynthDef\b|\bvar\s+<"), ("scala", None)),
    "sch": (("xml", _XML), ("scheme", None)),
    "snap": (("jest-snapshot", r"\A// (?:Jest|Vitest) Snapshot"), ("text", None)),
    "spec": (("python", r"^(?:a|exe|block_cipher)\s?="), ("ruby", r"^[ \t]*(?:describe|require)\s"),
             ("rpm-spec", None)),
    "ss": (("scheme", None),),
    "st": (("stringtemplate", r"^[ \t]*(?:group|delimiters)\b|^\$"), ("smalltalk", None)),
    "t": (("raku", r"^[ \t]*use\s+v6\b"), ("terra", r"^terra\s"), ("perl", None)),
    "tmpl": (("go-template", r"\{\{"), ("text", None)),
    "gotmpl": (("go-template", None),),
    "tpl": (("go-template", r"\{\{"), ("smarty", r"\{/?\$?\w"), ("text", None)),
    "ts": (("xml", r"\A\s*(?:<\?xml|<!DOCTYPE TS|<TS\b)"), ("typescript", None)),
    "txt": (("cmake", r"(?i)\A(?:\s|#[^\n]*\n)*cmake_minimum_required\s?\("), ("text", None)),
    "inc": (("php", r"<\?php"), ("cpp", _CPP), ("pascal", r"^[ \t]*(?:procedure|function)\s"),
            ("bitbake", r"^[ \t]*(?:SRC_URI|inherit)\b"),
            ("c", r"^[ \t]*#[ \t]*(?:include|define|if)"), ("text", None)),
    "v": (("coq", r"^[ \t]*(?:Require|Theorem|Lemma|Definition|Proof|Inductive)\b"),
          ("vlang", r"^[ \t]*(?:pub\s+)?fn\s|^module\s+\w+[ \t]*$"), ("verilog", None)),
    **dict.fromkeys("12345678", (("roff", r"\A(?:\.\\\"|'\\\"|\.\w)"), ("text", None))),
}  # fmt: skip


def _rule(choices: tuple[tuple[str, str | None], ...]) -> Callable[[str], str]:
    compiled = [(language, re.compile(mark or "", re.M)) for language, mark in choices]
    return lambda text: next(name for name, mark in compiled if mark.search(text, 0, _HEAD_CHARS))


SHARED_EXTENSIONS: dict[str, Callable[[str], str]] = {
    extension: _rule(choices) for extension, choices in _RULES.items()
}

SHARED_LANGUAGES = frozenset(name for choices in _RULES.values() for name, _ in choices)
"""The languages that these rules tell."""
