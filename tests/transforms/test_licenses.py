"""Licences told by their texts."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.licenses import is_license_path, license_of, license_of_files

MIT = """MIT License\n\nCopyright (c) 2024 A\n
Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.
{extra}
THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
GOOD_NOT_EVIL = "The Software shall be used for Good, not Evil."
JSON = MIT.format(extra=GOOD_NOT_EVIL)
MIT = MIT.format(extra="")
BSD = """Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this
   list of conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice,
   this list of conditions and the following disclaimer in the documentation
   and/or other materials provided with the distribution.
{extra}
THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
"""
NO_ENDORSEMENT = """3. Neither the name of the copyright holder nor the names of its
   contributors may be used to endorse or promote products derived from this
   software without specific prior written permission."""
ADVERTISING = """3. All advertising materials mentioning features or use of this software
   must display the following acknowledgement: This product includes software
   developed by A.
4. The name of A may not be used to endorse or promote products derived."""
ISC = """Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted{extra}

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY
AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM
LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR
OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR
PERFORMANCE OF THIS SOFTWARE.
"""
NOTICE_KEPT = """, provided that the above
copyright notice and this permission notice appear in all copies."""
GPL_3 = "        GNU GENERAL PUBLIC LICENSE\n           Version 3, 29 June 2007\n"
GPL_2 = "        GNU GENERAL PUBLIC LICENSE\n           Version 2, June 1991\n"


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        (MIT, "MIT"),
        ("Apache License\n  Version 2.0, January 2004\n", "Apache-2.0"),
        (BSD.format(extra=""), "BSD-2-Clause"),
        (BSD.format(extra=NO_ENDORSEMENT), "BSD-3-Clause"),
        (BSD.format(extra=ADVERTISING), "BSD-4-Clause"),
        (ISC.format(extra=NOTICE_KEPT), "ISC"),
        (ISC.format(extra="."), "0BSD"),
        (JSON, "JSON"),
        (MIT + "\n\nThird parties:\n\n" + BSD.format(extra=NO_ENDORSEMENT), "BSD-3-Clause AND MIT"),
        (MIT.replace("Permission is", "With the consent of A, permission is"), "MIT"),
        (GPL_3, "GPL-3.0-only"),
        (GPL_2, "GPL-2.0-only"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007", "LGPL-3.0-only"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1-only"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0-only"),
        ("Mozilla Public License Version 2.0\n====", "MPL-2.0"),
        (
            "Mozilla Public License Version 2.0\n" + "words " * 400 + "or the GNU Affero General\n"
            "Public License, Version 3.0, or any later versions of those licenses.",
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
        ("A file\n" * 200 + "// SPDX-License-Identifier: MIT", "MIT"),
        (MIT + "\n// SPDX-License-Identifier: GPL-2.0-only", "MIT"),
        (MIT.replace("included in all", f"{'included and shown ' * 9} in all"), "unknown"),
        (MIT[: len(MIT) // 2], "unknown"),
        ("Commons Clause License Condition v1.0\n\n" + MIT, "unknown"),
        ("This text is about the Apache License, not under it. Its version 2.0 is old.", "unknown"),
        (
            "You can redistribute it and/or modify it under the terms of the GNU General Public\n"
            "License as published by the Free Software Foundation, either version 3 of the\n"
            "License, or (at your option) any later version.",
            "GPL-3.0-or-later",
        ),
        ("under the terms of the GNU Lesser General Public License version 2.1", "LGPL-2.1-only"),
        ("Licensed under the Apache License, Version 2.0 (the License)", "Apache-2.0"),
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
        ([("LICENSE", "either of LICENSE.APACHE or LICENSE.BSD"), ("LICENSE.BSD", BSD),
          ("LICENSE.APACHE", "Apache License\nVersion 2.0")], "Apache-2.0 OR BSD-2-Clause"),
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
