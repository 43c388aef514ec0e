"""Code names go in every spelling, and what named each other still does: imports, paths, images."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.anonymize.code_names import CodeNames, CodeNameSurvey
from transforms.anonymize.package_names import package_names, repository_names
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.renames import draw_stems, issued_stems
from transforms.anonymize.syntax import keeps_syntax

KEY = b"k" * 32
NAMES = [("acme", "pay"), ("zorblatt",), ("northwind", "ledger", "hub"), ("quibbler", "data")]
LANGUAGES = {
    ".py": "python", ".go": "go", ".ts": "typescript", ".java": "java", ".yaml": "yaml",
    ".json": "json", ".rs": "rust", ".toml": "toml",
}  # fmt: skip
PROJECT = {
    "src/{slash}/__init__.py": '"""{Title}."""\nfrom {dot}.client import {Camel}Client\n',
    "src/{slash}/client.py": (
        "import os\nimport {snake}_core\nfrom {snake}_core import {camel}Total\n\n\n"
        "class {Camel}Client:\n    url = os.environ['{UPPER}_URL']\n\n"
        "    def {snake}_send(self, {joined}):\n        return {camel}Total({joined})\n"
    ),
    "src/{snake}_core/__init__.py": "def {camel}Total(x):\n    return x  # see lib{joined}.so\n",
    "go.mod": "module git.{joined}.corp/{kebab}\n\ngo 1.22\n",
    "internal/{joined}/{joined}.go": "package {joined}\n\nfunc {Camel}() int { return 1 }\n",
    "main.go": (
        'package main\n\nimport "git.{joined}.corp/{kebab}/internal/{joined}"\n\n'
        "func main() { {joined}.{Camel}() }\n"
    ),
    "web/package.json": '{"name": "@{kebab}/web", "dependencies": {"@{kebab}/ui": "1.0.0"}}\n',
    "web/node/@{kebab}/ui/index.ts": "export const {camel}Theme = 1;\n",
    "web/app.ts": 'import { {camel}Theme } from "@{kebab}/ui";\nconsole.log({camel}Theme);\n',
    "java/com/{slash}/{Camel}Order.java": (
        'package com.{dot};\n\npublic class {Camel}Order { String u = "{pct}"; }\n'
    ),
    "java/com/{slash}/Main.java": (
        "package com.{dot};\n\nimport com.{dot}.{Camel}Order;\n\n"
        "class Main { {Camel}Order {camel}; }\n"
    ),
    "rs/{kebab}/Cargo.toml": '[package]\nname = "{kebab}"\n',
    "rs/app.rs": "use {snake}::{Camel};\n",
    "Dockerfile": "FROM registry.{joined}.corp/{kebab}/api:1\nENV {UPPER}_URL=https://{kebab}.corp\n",
    "k8s.yaml": (
        "kind: Pod\nmetadata:\n  name: {kebab}\nspec:\n"
        "  image: registry.{joined}.corp/{kebab}/api:1\n  mail: ops@{joined}.test\n"
    ),
    "README.md": "# {Title}\n\nThe {Title} client, {Upper}, {pct}, {joined}ctl, {dot}.Client.\n",
}
Files = dict[str, str]


def spell(words: Sequence[str], template: str) -> str:
    title = [word.capitalize() for word in words]
    camel = "".join(title)
    forms = {
        "slash": "/".join(words), "dot": ".".join(words), "snake": "_".join(words),
        "kebab": "-".join(words), "joined": "".join(words), "UPPER": "_".join(words).upper(),
        "Camel": camel, "camel": camel[0].lower() + camel[1:], "Title": " ".join(title),
        "Upper": "-".join(words).upper(), "pct": "%20".join(words),
    }  # fmt: skip
    return re.sub(r"\{(\w+)\}", lambda match: forms.get(match[1], match[0]), template)


def project(names: Sequence[Sequence[str]]) -> Files:
    return {
        f"{number}/{spell(words, path)}": spell(words, text)
        for number, words in enumerate(names)
        for path, text in PROJECT.items()
    }


def rename(files: Files, deny_list: Sequence[str]) -> Files:
    survey = CodeNameSurvey(deny_list)
    found = set().union(*(survey.read(text) for pair in files.items() for text in pair))
    taken = set().union(*map(issued_stems, files.values()))
    names = sorted({*deny_list, *found})
    code_names = CodeNames(names, KEY, draw_stems(names, Pseudonyms(KEY), taken))
    # As a stage names paths: part by part.
    return {
        "/".join(map(code_names.replace, path.split("/"))): code_names.replace(text)
        for path, text in files.items()
    }


def squeezed(text: str) -> str:
    return re.sub("[^a-z0-9]", "", re.sub("%20|%2f", "", text.lower()))


chosen = st.lists(st.sampled_from(NAMES), min_size=1, unique=True)
written = st.sampled_from(["Title", "snake", "kebab", "Camel", "joined"])


@given(chosen, written)
@settings(deadline=None, max_examples=25)
def test_no_spelling_survives_and_every_file_parses(
    names: list[tuple[str, ...]], form: str
) -> None:
    form = "Title" if form == "joined" and any(len(words) > 1 for words in names) else form
    files = project(names)
    fresh = rename(files, [spell(words, f"{{{form}}}") for words in names])
    assert len(fresh) == len(files)
    for (path, text), (new_path, new_text) in zip(files.items(), fresh.items(), strict=True):
        assert new_path.count("/") == path.count("/")
        assert new_text.count("\n") == text.count("\n")
        language = LANGUAGES.get(path[path.rfind(".") :], "")
        assert not language or keeps_syntax(language, text, new_text)
        for words in names:
            assert "".join(words) not in squeezed(new_path)
            assert "".join(words) not in squeezed(new_text)


@given(chosen)
@settings(deadline=None, max_examples=25)
def test_what_named_each_other_still_does(names: list[tuple[str, ...]]) -> None:
    fresh = rename(project(names), [" ".join(words) for words in names])
    for number in range(len(names)):
        files = {path[2:]: text for path, text in fresh.items() if path.startswith(f"{number}/")}
        paths = "\n".join(files)
        (package,) = re.findall(r"^src/(.*)/client\.py$", paths, re.M)
        init = files[f"src/{package}/__init__.py"]
        assert re.search(r"from (\S+)\.client import", init)[1].replace(".", "/") == package
        client = files[f"src/{package}/client.py"]
        assert re.search(r"import (\w+Client)", init)[1] in client
        (core,) = re.findall(r"^import (\w+_core)$", client, re.M)
        (total,) = re.findall(rf"^from {core} import (\w+)$", client, re.M)
        assert f"def {total}(" in files[f"src/{core}/__init__.py"]
        (variable,) = re.findall(r"environ\['(\w+)'\]", client)
        assert f"ENV {variable}=" in files["Dockerfile"]
        module = re.search(r"module (\S+)", files["go.mod"])[1]
        (imported,) = re.findall(r'import "(\S+)"', files["main.go"])
        folder = imported.removeprefix(module + "/")
        (go_file,) = [path for path in files if path.startswith(folder + "/")]
        assert f"package {folder.rpartition('/')[2]}\n" in files[go_file]
        for java in (path for path in files if path.endswith(".java")):
            dotted = java.rpartition("/")[0].removeprefix("java/").replace("/", ".")
            assert f"package {dotted};" in files[java]
        (order,) = re.findall(r"import (com\S+);", "".join(files.values()))
        assert f"java/{order.replace('.', '/')}.java" in files
        (scoped,) = re.findall(r'from "(\S+)"', files["web/app.ts"])
        assert f"web/node/{scoped}/index.ts" in files
        assert f'"{scoped}"' in files["web/package.json"]
        crate = re.search(r"use (\w+)::", files["rs/app.rs"])[1].replace("_", "-")
        assert f'name = "{crate}"' in files[f"rs/{crate}/Cargo.toml"]
        image = re.search(r"FROM (\S+)", files["Dockerfile"])[1]
        assert f"image: {image}\n" in files["k8s.yaml"]


@given(chosen)
@settings(deadline=None, max_examples=10)
def test_renaming_twice_changes_nothing(names: list[tuple[str, ...]]) -> None:
    deny_list = [" ".join(words) for words in names]
    once = rename(project(names), deny_list)
    assert rename(once, deny_list) == once


def test_a_stem_that_the_repository_has_is_not_given_out() -> None:
    make = Pseudonyms(KEY)
    own = make.code_name("zorblatt", "zorblatt")
    taken = issued_stems(f"class {own.capitalize()}: pass")
    assert taken == {own}
    drawn = draw_stems(["Zorblatt"], make, taken)
    assert own not in CodeNames(["Zorblatt"], KEY, drawn).replace("zorblatt_x")
    assert draw_stems(["Zorblatt"], make, set()) == {}


@pytest.mark.parametrize(
    "line",
    ["on click", "clicked", "core.click()", "encore", "pacmepayment", "zorblatting", "data/hub"],
)
def test_everyday_words_and_other_words_stay(line: str) -> None:
    names = CodeNames(["Click", "Core", "Acme Pay", "Zorblatt", "Data Hub"], KEY)
    assert names.replace(line) == line


@pytest.mark.parametrize("line", ["zorblatt-click", "ClickZorblatt", "ZORBLATT_CLICK_CORE"])
def test_an_everyday_word_beside_a_name_goes(line: str) -> None:
    fresh = CodeNames(["Click", "Core", "Zorblatt"], KEY).replace(line).lower()
    assert not any(word in fresh for word in ("click", "core", "zorblatt"))


@pytest.mark.parametrize("line", ["import click", "click.echo", "ClickEvent", "on_click"])
def test_an_exclamation_mark_opts_in(line: str) -> None:
    assert "click" not in CodeNames(["Click!"], KEY).replace(line).lower()


def test_a_name_beyond_ascii_is_found_without_its_accents_too() -> None:
    names = CodeNames(["Z\u00fcribl\u00fcten"], KEY)
    fresh = names.replace("Z\u00dcRIBL\u00dcTEN zuribluten z\u00fcribl\u00fcten_x").lower().split()
    assert fresh[0] == fresh[1] == fresh[2].removesuffix("_x")
    assert "uten" not in fresh[0]


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("go.mod", "module git.acmecorp.corp/api\n", ("acmecorp",)),
        ("a/package.json", '{"name": "@acmecorp/button"}', ("acmecorp",)),
        ("pyproject.toml", '[project]\nname = "hulltrack-cli"\n', ("hulltrack-cli",)),
        ("Cargo.toml", '[package]\nname = "click"\n', ()),
        ("package.json", "{", ()),
        ("package.json", "[" * 100_000, ()),
        (
            "pom.xml",
            "<project><parent><groupId>org.zzother</groupId></parent><groupId>com.acmecorp.x"
            "</groupId><dependencies><groupId>org.zzlib</groupId></dependencies></project>",
            ("acmecorp",),
        ),
        (
            "compose.yaml",
            "services:\n  api:\n    image: acmecorp/api\n    build: .\n  db:\n    image: zork/db\n",
            ("acmecorp",),
        ),
        ("main.go", "module git.acmecorp.corp/api\n", ()),
    ],
)
def test_manifests_say_what_a_package_is_called(
    path: str, text: str, names: tuple[str, ...]
) -> None:
    assert package_names(path, text) == names


def test_a_repository_says_what_it_and_its_owner_are_called() -> None:
    assert repository_names("acmecorp/hull-zorblatt") == ("acmecorp", "hull-zorblatt")
    assert repository_names("acmecorp/horizon") == ("acmecorp",)
