"""Anonymized files parse as before, and the check that says so can say no."""

import pytest

from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.syntax import anonymize_code, keeps_syntax
from transforms.anonymize.text import TextAnonymizer

OTTO = Identity(name="Otto Katzenberg", email="otto@katzenberg.io")


@pytest.fixture(scope="module")
def anonymizer() -> TextAnonymizer:
    return TextAnonymizer(AnonymizeConfig(deny_list=("Hooli",)), b"k" * 32, [OTTO])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "def f(a):\n    return 'Otto Katzenberg <otto@katzenberg.io>'  # hooli\n"),
        ("python", "otto_katzenberg = HooliClient(host='52.4.8.15')\n"),
        ("javascript", "const ottoKatzenberg = `52.4.8.15`; // otto@katzenberg.io\n"),
        ("typescript", "class HooliPay { readonly by: string = 'OttoKatzenberg'; }\n"),
        ("go", 'package hooli\n\nvar by = "Otto Katzenberg" // https://u:Quay4Mizz@x.io/\n'),
        ("rust", '/// Otto Katzenberg\npub fn hooli_pay() -> &\'static str { "52.4.8.15" }\n'),
        ("java", 'package com.hooli.pay;\nclass A { String by = "otto@katzenberg.io"; }\n'),
        ("c", "/* Otto Katzenberg */\nint hooli_pay(void) { return 1; }\n"),
        ("yaml", "by: Otto Katzenberg\nmail: otto@katzenberg.io\nhost: 52.4.8.15\n"),
        ("json", '{"by": "Otto Katzenberg <otto@katzenberg.io>", "hooli": ["52.4.8.15"]}\n'),
        ("toml", 'authors = ["Otto Katzenberg <otto@katzenberg.io>"]\n[hooli]\nx = 1\n'),
        ("bash", 'export HOOLI_HOST=52.4.8.15\nmail otto@katzenberg.io "$USER"\n'),
        ("html", "<a href='mailto:otto@katzenberg.io' class='hooli'>Otto Katzenberg</a>\n"),
        ("sql", "INSERT INTO hooli VALUES ('Otto Katzenberg', 'otto@katzenberg.io');\n"),
    ],
)
def test_files_parse_as_before(anonymizer: TextAnonymizer, language: str, text: str) -> None:
    fresh = anonymizer.text(text)
    assert fresh != text
    assert keeps_syntax(language, text, fresh)
    assert "atzenberg" not in fresh
    assert "ooli" not in fresh


def test_matrix_products_stay_and_addresses_beside_them_go(anonymizer: TextAnonymizer) -> None:
    lines = [
        "h = x@layer.weight + \u00e9@b.data",
        "y = otto@katzenberg.io",
        "# ask a@b.data",
        "def f(): 'x y@b.data'",
    ]
    (fresh,) = anonymize_code(anonymizer, ["\n".join(lines)], "python")
    product, known, comment, string = fresh.split("\n")
    assert product == lines[0]
    assert "otto" not in known
    assert "a@b" not in comment
    assert "y@b" not in string
    (prose,) = anonymize_code(anonymizer, [lines[0]], "text")
    assert "x@layer" not in prose
    (broken,) = anonymize_code(anonymizer, ["mail to x@layer.weight"], "python")
    assert "x@layer" not in broken


@pytest.mark.parametrize(
    ("language", "before", "after", "expected"),
    [
        ("python", "x = a", "x = b", True),
        ("python", "x = a", "x = a-b", False),
        ("python", "x = a", "x = (", False),
        ("python", "x = ( # a", "x = ( # b", True),
        ("json", '{"a": 1}', '{"a": b}', False),
        ("klingon", "a", "(((", True),
    ],
)
def test_a_change_of_the_tree_is_seen(
    language: str, before: str, after: str, expected: bool
) -> None:
    assert keeps_syntax(language, before, after) is expected
