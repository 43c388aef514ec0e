"""Files name persons in many forms; organizations, licences and hostile files name nobody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.discussion import Identity
from transforms.anonymize.file_people import people_in_file
from transforms.anonymize.holders import is_person_name
from transforms.anonymize.people import People

JANE, PER, IDA = "Jane Doerenberg", "Per Nyqvist", "Ida van der Meulen"
MAIL = "jane@corp.test"
NAMED = f"{JANE} <{MAIL}>"
GITHUB = "users.noreply.github.com"
MIT = """MIT License

Copyright (c) 2019-2024 Jane Doerenberg

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction.
The above copyright notice and this permission notice shall be included in all copies.
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED. IN NO EVENT
SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY.
"""


def names(path: str, text: str) -> set[str]:
    return {person.name for person in people_in_file(path, text)} - {""}


def pairs(path: str, text: str) -> set[tuple[str, str]]:
    return {(person.name, person.email) for person in people_in_file(path, text)}


@pytest.mark.parametrize(
    "line",
    [
        f"# Copyright (c) 2019-2024 {JANE}",
        f"/* Copyright \u00a9 2019, 2021 by {JANE}. All rights reserved. */",
        f" * (c) {JANE}, Acme Inc. and others",
        f"<!-- &copy; 2020 {JANE} -->",
        f"// SPDX-FileCopyrightText: 2021 {JANE} <jd@corp.test>",
        f" * @author {JANE}",
        f'__author__ = "{JANE}"',
        f"__author__ = '{JANE} <jd@corp.test>'",
        f".. moduleauthor:: {JANE} <jd@corp.test>",
        f":Author: {JANE}",
        f"%% Author: {JANE}",
        f"-- Written by {JANE}, 2019",
        f"Copyright 2019 {JANE.upper()}",
        f"Copyright 2020 Google LLC & {JANE}",
        f"See {JANE} <jd@corp.test> about it",
    ],
)
def test_lines_that_name_a_holder(line: str) -> None:
    found = {name.casefold() for name in names("src/a.c", f"x = 1\n{line}\ny = 2\n")}
    assert found == {JANE.casefold()}


@pytest.mark.parametrize(
    "line",
    [
        "Copyright 2019 The Chromium Authors",
        "Copyright (c) 2020 Google LLC. All rights reserved.",
        "Copyright Free Software Foundation, Inc.",
        "// Copyright 2021 Acme Robotics GmbH",
        "Author: Visual Studio Code",
        "@author Release Engineering Team",
        "copyright_notice(True, Jane)",
        "authors = load(Path, Name)",
        "Copyright (c) <year> <owner>",
        "Jane Doerenberg <jane@example.com> is an example",
    ],
)
def test_organizations_and_code_are_no_persons(line: str) -> None:
    assert names("src/a.c", line) == set()


def test_a_licence_names_its_holder_and_nobody_else() -> None:
    assert people_in_file("LICENSE", MIT) == [Identity(name=JANE, email="")]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (".github/CODEOWNERS", f"*.py @jdoer {MAIL} @acme/core # @no\n", {
            ("", f"jdoer@{GITHUB}"), ("", MAIL),
        }),
        ("OWNERS", "approvers:\n- jdoer\n", {("", f"jdoer@{GITHUB}")}),
        (".mailmap", f"{JANE} <{MAIL}> jd <old@corp.test>\n# nobody\n", {
            (JANE, MAIL), (JANE, "old@corp.test"),
        }),
        ("AUTHORS.md", f"# Authors\n\n* {JANE} ([@jdoer](https://github.com/jdoer))\n* {PER}\n", {
            (JANE, f"jdoer@{GITHUB}"), (PER, ""),
        }),
        ("THANKS", f"{IDA}\t{MAIL}\nThe Foo Team\n", {(IDA, MAIL)}),
        ("pyproject.toml", f'[project]\nauthors = [{{name = "{JANE}", email = "{MAIL}"}}]\n', {
            (JANE, MAIL),
        }),
        ("pyproject.toml", f'[tool.poetry]\nauthors = ["{NAMED}"]\n', {(JANE, MAIL)}),
        ("Cargo.toml", f'[package]\nauthors = ["{NAMED}", "{PER}"]\n', {(JANE, MAIL), (PER, "")}),
        ("setup.py", f'setup(name="Hull Track", author="{JANE}", author_email="{MAIL}")\n', {
            (JANE, MAIL),
        }),
        ("setup.cfg", f"[metadata]\nauthor = {JANE}\nauthor_email = {MAIL}\n", {(JANE, MAIL)}),
        ("package.json", f'{{"author": "{NAMED} (https://x.test)", "name": "Hull Track"}}', {
            (JANE, MAIL),
        }),
        ("package.json", f'{{"contributors": [{{"name": "{PER}"}}, {{"name": "Acme Inc"}}]}}', {
            (PER, ""),
        }),
        ("composer.json", f'{{"authors": [{{"name": "{JANE}", "email": "{MAIL}"}}]}}', {
            (JANE, MAIL),
        }),
        ("pom.xml", f"<name>Hull Track</name>\n<developer>\n<name>{JANE}</name>\n<email>{MAIL}"
         "</email>\n</developer>\n", {(JANE, MAIL)}),
        ("a.gemspec", f's.name = "Hull Track"\ns.authors = ["{JANE}"]\ns.email = "{MAIL}"\n', {
            (JANE, MAIL),
        }),
        ("a.csproj", f"<Authors>{JANE};{PER}</Authors>", {(JANE, ""), (PER, "")}),
        ("DESCRIPTION", 'Authors@R: person("Jane", "Doerenberg", email = "jane@corp.test")', {
            (JANE, MAIL),
        }),
        ("CITATION.cff", "- family-names: Doerenberg\n  given-names: Jane\n", {(JANE, "")}),
        ("Chart.yaml", f"name: hull\nmaintainers:\n- name: {JANE}\n  email: {MAIL}\n", {
            (JANE, MAIL),
        }),
    ],
)  # fmt: skip
def test_files_that_list_persons(path: str, text: str, expected: set[tuple[str, str]]) -> None:
    found = pairs(path, text)
    assert expected <= found
    # Whom another reader of the same file saw in part is the same person.
    known = {part for pair in expected for part in pair} | {"jd"}
    assert {part for pair in found for part in pair} <= known | {""}


def test_a_mailmap_makes_one_person_of_several_addresses() -> None:
    rows = people_in_file(".mailmap", f"{JANE} <{MAIL}> {PER} <per@old.test>\n")
    people = People(rows)
    assert people.of_email("per@old.test") == people.of_email(MAIL) == people.of_name(PER)


@given(st.text(max_size=80), st.sampled_from(["AUTHORS", "a.py", "package.json", "pom.xml"]))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read(text: str, path: str) -> None:
    for person in people_in_file(path, text):
        assert person.name or person.email
        assert "\n" not in person.name + person.email


@pytest.mark.parametrize("name", ["Jane", "foo bar", "JANE1 DOE", "Visual Studio", "The Jane Doe"])
def test_what_is_no_name_of_a_person(name: str) -> None:
    assert not is_person_name(name)


@pytest.mark.parametrize("unit", ["(c) ", "@", "a@b.c <", "<a@b.co>", "Author: A B, ", "[", "\n"])
@pytest.mark.parametrize("path", ["a.c", "AUTHORS", "package.json", "setup.py", "pom.xml"])
def test_hostile_files_name_persons_of_one_line(unit: str, path: str) -> None:
    text = unit * (400_000 // len(unit))
    for person in people_in_file(path, text):
        assert "\n" not in person.name + person.email
