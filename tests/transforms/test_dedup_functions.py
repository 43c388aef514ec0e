"""Functions that several files hold: what counts as one, what is cut, and what must stay."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import SOURCE_FILE

from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.dedup.functions import (
    FunctionSpan,
    cut_functions,
    cut_row,
    function_hashes,
    is_bare,
    repeated,
)
from transforms.syntax import parse_status

# Language -> a text with one function between @@ marks, which the tests take out.
TEXTS = {
    "bash": "x=1\n@@# about\nf() {\n  echo a\n}@@\ny=1\n",
    "c": "#include <a.h>\n@@/* about */\nstatic int f(int a) {\n  return a;\n}@@\nint x;\n",
    "cpp": "namespace n {\n@@template <class T>\nT f(T a) {\n  return a;\n}@@\n}\nint x;\n",
    "csharp": "namespace N { class A {\n  @@[Test]\n  int F(int a) {\n    return a;\n  }@@\n} }\n",
    "go": "package a\n\n@@// F does.\nfunc F(a int) int {\n\treturn a\n}@@\n\nvar x = 1\n",
    "java": "class A {\n  @@/** about */\n  @B\n  int f(int a) {\n    return a;\n  }@@\n}\n",
    "javascript": "import a from 'a';\n@@// b\nexport function f(a) {\n  return a;\n}@@\nx();\n",
    "php": "<?php\n@@/** about */\nfunction f($a) {\n  return $a;\n}@@\n$x = 1;\n",
    "python": "import os\n\n@@# about\n@cache\ndef f(a):\n    return a@@\n\n\nX = 1\n",
    "ruby": "X = 1\n@@# about\ndef f(a)\n  a\nend@@\nY = 1\n",
    "rust": "use a::b;\n@@/// about\n#[inline]\nfn f(a: A) -> A {\n    a\n}@@\nstatic X: A = 1;\n",
    "tsx": "@@export default function f(a: A) {\n  return <b>{a}</b>;\n}@@\nconst x = 1;\n",
    "typescript": "class A {\n  x = 1;\n  @@@dec()\n  f(a: A): A {\n    return a;\n  }@@\n}\n",
}
BODY = "".join(f"    total{i} = price * {i} + tax\n" for i in range(12)) + "    return total3\n"


def function(name: str, body: str = BODY) -> str:
    return f"def {name}(price, tax):\n{body}"


def spans_of(text: str, language: str = "python", min_tokens: int = 20) -> list[FunctionSpan]:
    return function_hashes(language, text, min_tokens)


def hashes_of(text: str, language: str = "python") -> list[int]:
    return [span.hash for span in spans_of(text, language, 1)]


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_function_is_found_and_cut_with_what_belongs_to_it(language: str) -> None:
    before, _, rest = TEXTS[language].partition("@@")
    inside, _, after = rest.rpartition("@@")
    text = before + inside + after
    (span,) = spans_of(text, language, 1)
    assert text[span.start : span.end] == inside
    assert spans_of(text, language, 1000) == []
    left = cut_functions(language, text, [span[:2]])
    assert left == before.rstrip(" ") + after.lstrip("\n")
    assert parse_status(language, left) == "ok"


def test_comments_layout_and_place_do_not_count_and_names_do() -> None:
    plain = function("f")
    commented = plain.replace("    return", "    # Last.\n    return  ")
    assert hashes_of(plain) == hashes_of(commented) == hashes_of(f"class A:\n\n  X = 1\n\n{plain}")
    assert hashes_of(plain) != hashes_of(plain.replace("def f", "def g"))
    assert hashes_of(plain) != hashes_of(plain.replace("price * 3", "price * 4"))


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("python", "def f():\n  if a:\n    b\n    c\n", "def f():\n  if a:\n    b\n  c\n"),
        ("python", 'def f():\n  return "a  \\n"\n', 'def f():\n  return "a \\n"\n'),
        ("javascript", "function f() { return\n1 }", "function f() { return 1 }"),
        ("go", "func f() { a(`x  y`) }", "func f() { a(`x y`) }"),
        ("ruby", "def f\n  <<~E\n    a  b\n  E\nend\n", "def f\n  <<~E\n    a b\n  E\nend\n"),
    ],
)
def test_functions_of_the_same_leaves_may_differ(language: str, one: str, other: str) -> None:
    assert len(hashes_of(one, language)) == len(hashes_of(other, language)) == 1
    assert hashes_of(one, language) != hashes_of(other, language)


def test_only_outermost_definitions_count() -> None:
    outer = "def f():\n    def g():\n        return 1\n    return g\n"
    text = f"{outer}\n\nclass A:\n    def h(self):\n        pass\n"
    spans = spans_of(text, min_tokens=1)
    assert [text[span.start : span.end].split("(")[0] for span in spans] == ["def f", "def h"]


def test_a_comment_beside_other_code_or_further_up_stays() -> None:
    text = f"x = 1  # one\n{function('f')}\n# far\n\n{function('g')}"
    spans = [span[:2] for span in spans_of(text)]
    assert cut_functions("python", text, spans) == "x = 1  # one\n# far\n\n"
    (span,) = spans_of("use a::b;\n/// far\n\nfn f() {\n    a();\n}\n", "rust", 1)
    assert span.start == 19


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(:\n"),
        ("markdown", "# f\n"),
        ("json", "{}"),
        ("python", "x = 1\n" * 60_000),
    ],
)
def test_texts_without_a_faultless_tree_are_left_alone(language: str, text: str) -> None:
    assert spans_of(text, language, 1) == []
    assert cut_functions(language, text, [(0, 1)]) is None
    assert not is_bare(language, text)


def test_a_class_keeps_a_body() -> None:
    shell = f"class A:\n    # All of it.\n{_indented(function('f'))}\n{_indented(function('g'))}"
    text = f"{function('h')}\n\n{shell}"
    spans = spans_of(text)
    assert len(spans) == 3
    assert cut_functions("python", text, [span[:2] for span in spans]) == shell
    assert cut_functions("python", shell, [span[:2] for span in spans_of(shell)]) is None


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@st.composite
def modules(draw: st.DrawFn) -> str:
    """Python modules of functions, classes, branches and values in any order."""
    parts = []
    for index in range(draw(st.integers(1, 6))):
        made = f"@wraps\n{function(f'f{index}')}" if draw(st.booleans()) else function(f"f{index}")
        kind = draw(st.sampled_from(["plain", "class", "branch", "value", "comment"]))
        parts.append(
            {
                "plain": made,
                "class": f"class C{index}:\n    X = {index}\n{_indented(made)}",
                "branch": f"if X:\n{_indented(made)}else:\n    Y = {index}\n",
                "value": f"X{index} = {index}\n",
                "comment": f"# {index}\n{made}",
            }[kind]
        )
    return draw(st.sampled_from(["", "\n", "\n\n"])).join(parts)


@given(modules(), st.data())
def test_what_is_left_is_valid_and_holds_all_other_functions(
    text: str, data: st.DataObject
) -> None:
    spans = spans_of(text)
    cut = data.draw(st.sets(st.sampled_from(spans))) if spans else set()
    rest = cut_functions("python", text, [span[:2] for span in cut])
    if rest is None:
        return
    ast.parse(rest)
    left = [span.hash for span in spans_of(rest)]
    assert {span.hash for span in spans if span not in cut} <= set(left)
    assert set(left) < {span.hash for span in spans}
    values = {line for line in text.splitlines() if line.startswith(("X", "class", "    X"))}
    assert values <= set(rest.splitlines())


def test_the_standard_library_still_compiles_without_half_of_its_functions() -> None:
    folder = Path(ast.__file__).parent
    num_cut = 0
    for path in sorted(folder.glob("[a-h]*.py")):
        text = path.read_text(encoding="utf-8")
        spans = [span[:2] for span in function_hashes("python", text, 50)]
        rest = cut_functions("python", text, spans[::2])
        if rest is not None:
            ast.parse(rest)
            num_cut += 1
    assert num_cut > 20


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4))))
def test_a_function_is_repeated_where_a_better_document_holds_it(
    held: list[tuple[int, int]],
) -> None:
    hashes = np.array([digest for digest, _ in held], np.uint64)
    ranks = np.array([rank for _, rank in held], np.uint32)
    best = {digest: min(r for d, r in held if d == digest) for digest, _ in held}
    assert repeated(hashes, ranks).tolist() == [rank > best[digest] for digest, rank in held]


def test_a_row_says_how_long_it_is_without_its_functions() -> None:
    text = f"X = 'é'\n\n\n{function('f')}"
    row = replace(SOURCE_FILE, text=text)
    cut = cut_row(row, [span[:2] for span in spans_of(text)])
    assert (cut.text, cut.num_bytes, cut.num_lines) == ("X = 'é'\n\n\n", 11, 3)
    assert cut_row(row, []) is row


def test_a_row_of_which_only_imports_are_left_is_rejected() -> None:
    text = f'"""About."""\n\nimport os\n\n{function("f")}\n{function("g")}'
    with pytest.raises(RowError) as raised:
        cut_row(replace(SOURCE_FILE, text=text), [span[:2] for span in spans_of(text)])
    assert (raised.value.reason, raised.value.detail) == (Reason.REPEATED_FUNCTIONS, "2 functions")


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "from __future__ import a\n# b\nfrom c import d\n", True),
        ("python", "import a\nX = 1\n", False),
        ("go", 'package a\n\nimport "b"\n', True),
        ("go", "package a\n\nvar x = 1\n", False),
        ("java", "package a;\nimport b.c;\n", True),
        ("java", "package a;\nclass A {}\n", False),
        ("c", "/* a */\n#include <b.h>\n", True),
        ("c", "#include <b.h>\n#define A 1\n", False),
        ("csharp", "using A;\n", True),
        ("rust", "use a::b;\n", True),
        ("javascript", "'use strict';\nimport a from 'b';\n", True),
        ("javascript", "import a from 'b';\nexport { a };\n", False),
        ("php", "<?php\nuse A;\n", True),
    ],
)
def test_a_text_of_imports_and_comments_is_bare(language: str, text: str, expected: bool) -> None:
    assert is_bare(language, text) is expected
