"""Which licences are permissive. In: an SPDX expression. Out: yes or no.

    is_permissive("MIT OR GPL-2.0-only")   ->  True     (the taker chooses)
    is_permissive("MIT AND GPL-2.0-only")  ->  False    (both apply)

Permissive is what the Blue Oak Council rates (list 15, all its tiers) and what ScanCode's LicenseDB
puts under "Permissive" or "Public Domain": the two sources of The Stack v2's own list. Here are
those ids of them that `transforms.spdx` knows.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PERMISSIVE = _words(
    "0BSD AFL-2.1 AFL-3.0 Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0 "
    "BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSD-3-Clause-Clear "
    "BSD-3-Clause-LBNL BSD-4-Clause BSL-1.0 BlueOak-1.0.0 CC-BY-3.0 CC-BY-4.0 CC0-1.0 "
    "CECILL-B ECL-2.0 EFL-2.0 FSFAP FTL HPND ICU IJG ISC Intel JSON LPPL-1.3c Libpng MIT "
    "MIT-0 MIT-CMU MIT-Modern-Variant MS-PL MulanPSL-2.0 NCSA OLDAP-2.8 OpenSSL PHP-3.0 "
    "PHP-3.01 PSF-2.0 PostgreSQL Python-2.0 Python-2.0.1 Ruby TCL UPL-1.0 Unicode-3.0 "
    "Unicode-DFS-2016 Unlicense Vim W3C WTFPL X11 Xnet ZPL-2.1 Zlib curl libpng-2.0 "
    "zlib-acknowledgement"
)

_TOKEN = re.compile(r"[()]|[^\s()]+")
_MAX_CHARS = 500


def is_permissive(expression: str) -> bool:
    """Whether the terms can be met by permissive licences alone; a malformed expression is not."""
    if len(expression) > _MAX_CHARS:
        return False
    text = "".join(_symbol(token) for token in _TOKEN.findall(expression))
    # "t" or "f" for each licence; AND binds closer than OR, parentheses closest.
    while (shorter := _reduce(text)) != text:
        text = shorter
    return text == "t"


def _symbol(token: str) -> str:
    operators = {"AND": "&", "OR": "|", "WITH": "w", "(": "(", ")": ")"}
    return operators.get(token) or ("t" if token in PERMISSIVE else "f")


def _reduce(text: str) -> str:
    # An exception only adds permissions.
    text = re.sub(r"([tf])w[tf]", r"\1", text)
    text = re.sub(r"[tf](?:&[tf])+", lambda match: "f" if "f" in match[0] else "t", text)
    text = re.sub(
        r"(?:(?<=\()|^)[tf](?:\|[tf])+(?=\)|$)", lambda m: "t" if "t" in m[0] else "f", text
    )
    return re.sub(r"\(([tf])\)", r"\1", text)
