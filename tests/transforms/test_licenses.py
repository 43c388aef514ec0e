"""Licences told by their texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.licenses import is_license_path, license_of, license_of_files

MIT = """MIT License\n\nCopyright (c) 2024 A\n
Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights to use..."""
BSD = """Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
{extra}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS"""
ISC = """Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies."""
GPL_3 = "        GNU GENERAL PUBLIC LICENSE\n           Version 3, 29 June 2007\n"
GPL_2 = "        GNU GENERAL PUBLIC LICENSE\n           Version 2, June 1991\n"


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        (MIT, "MIT"),
        ("Apache License\n  Version 2.0, January 2004\n", "Apache-2.0"),
        (BSD.format(extra=""), "BSD-2-Clause"),
        (BSD.format(extra="may be used to endorse or promote products"), "BSD-3-Clause"),
        (ISC, "ISC"),
        (GPL_3, "GPL-3.0-only"),
        (GPL_2, "GPL-2.0-only"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "LGPL-3.0-only"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1-only"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0-only"),
        ("Mozilla Public License Version 2.0\n====", "MPL-2.0"),
        (
            "Mozilla Public License Version 2.0\n ... or the GNU Affero General Public\n"
            "License, Version 3.0, or any later versions of those licenses.",
            "MPL-2.0",
        ),
        ("CC0 1.0 Universal\n", "CC0-1.0"),
        (
            "This is free and unencumbered software released into the public domain.",
            "Unlicense",
        ),
        ("// SPDX-License-Identifier: Apache-2.0 OR MIT\n", "Apache-2.0 OR MIT"),
        ("/* SPDX-License-Identifier: BSD-3-Clause */\n", "BSD-3-Clause"),
        ("All rights reserved.", "unknown"),
        ("", "unknown"),
    ],
)
def test_texts(text: str, spdx: str) -> None:
    assert license_of(text) == spdx


def test_comment_marks_and_case_do_not_matter() -> None:
    for mark in (" * ", "// ", "# "):
        commented = "\n".join(mark + line.upper() for line in MIT.splitlines())
        assert license_of(commented) == "MIT"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("LICENSE", True), ("LICENCE.txt", True), ("COPYING", True), ("LICENSE-MIT", True),
        ("UNLICENSE", True), ("LICENSES/MIT.txt", True), ("license.rst", True),
        ("src/LICENSE", False), ("licenses.py", False), ("LICENSE.py", False),
        ("licensing.md", False),
    ],
)  # fmt: skip
def test_paths(path: str, expected: bool) -> None:
    assert is_license_path(path) is expected


@pytest.mark.parametrize(
    ("files", "spdx"),
    [
        ([], "unknown"),
        ([("LICENSE", "mine, all mine")], "unknown"),
        ([("LICENSE", MIT), ("src/LICENSE", GPL_3)], "MIT"),
        ([("LICENSE-MIT", MIT), ("LICENSE-APACHE", "Apache License\nVersion 2.0")],
         "Apache-2.0 OR MIT"),
        ([("LICENSE", MIT), ("COPYING", GPL_2)], "GPL-2.0-only AND MIT"),
        ([("COPYING", GPL_3), ("COPYING.LESSER", "GNU Lesser General Public License\nVersion 3")],
         "LGPL-3.0-only"),
    ],
)  # fmt: skip
def test_repositories(files: list[tuple[str, str]], spdx: str) -> None:
    assert license_of_files(files) == spdx
    assert license_of_files(reversed(files)) == spdx


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    assert license_of(text)


@pytest.mark.parametrize(
    ("tag", "spdx"),
    [
        ("MIT", "MIT"),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", "(MIT OR Apache-2.0) AND BSD-3-Clause"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("Apache-2.0 -->", "Apache-2.0"),
        ("Proprietary Jane Doe HullTrack", "unknown"),
        ("LicenseRef-Jane-Doe", "unknown"),
        ("MIT OR LicenseRef-Jane-Doe", "unknown"),
        ("MIT Apache-2.0", "unknown"),
        ("MIT OR", "unknown"),
        ("(MIT", "unknown"),
        ("MIT WITH MIT", "unknown"),
        ("", "unknown"),
    ],
)
def test_only_known_ids_of_a_tag_are_believed(tag: str, spdx: str) -> None:
    assert license_of(f"// SPDX-License-Identifier: {tag}\n") == spdx


@pytest.mark.parametrize("unit", [" ", "(", "MIT ", "MIT OR ", "\n", "/", "*/"])
def test_hostile_text_is_read_in_linear_time(unit: str) -> None:
    start = time.process_time()
    license_of("SPDX-License-Identifier:" + unit * (300_000 // len(unit)) + "!")
    license_of(unit * (300_000 // len(unit)))
    assert time.process_time() - start < 1
