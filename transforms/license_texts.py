"""What licence texts say, as `transforms.licenses` compares it. In: nothing. Out: tables of words.

Texts are compared as lower-case words without punctuation ("version 2.0 january 2004"); "license"
stands for both spellings. Ids are those of https://spdx.org/licenses/.
"""

from dataclasses import dataclass

_MIT = "permission is hereby granted free of charge to any person obtaining a copy of"
_BSD = (
    "redistribution and use in source and binary forms with or without modification are permitted"
)
_ISC = "permission to use copy modify and or distribute this software for any purpose with or"
_OLD_ISC = "permission to use copy modify and distribute this software for any purpose with or"
_HPND = "permission to use copy modify and distribute this software and its documentation for any"
_DEALINGS = "dealings in the software"
_DAMAGE = "possibility of such damage"
_PERFORMANCE = "performance of this software"
_HOLDER = "authorization of the copyright holder"
_ENDORSE = "endorse or promote"
_BINARY = "binary form must reproduce"


@dataclass(frozen=True, kw_only=True)
class ShortText:
    """A licence that is told by how it begins, how it ends and how many words lie between."""

    spdx: str
    start: str
    end: str
    words: tuple[int, int]
    """Fewest and most words between start and end: names of owners vary, an added clause does not
    fit. Measured on the texts of SPDX."""
    has: str = ""
    """Words that lie between."""
    lacks: str = "."
    """Words that do not."""


def _short(
    spdx: str, start: str, end: str, low: int, high: int, has: str = "", lacks: str = "."
) -> ShortText:
    return ShortText(spdx=spdx, start=start, end=end, words=(low, high), has=has, lacks=lacks)


SHORT_TEXTS: tuple[ShortText, ...] = (
    _short("X11", _MIT, "without prior written authorization", 158, 200, "used in advertising"),
    _short("JSON", _MIT, _DEALINGS, 140, 170, "good not evil"),
    _short("MIT", _MIT, _DEALINGS, 132, 158, "permission notice"),
    _short("MIT-0", _MIT, _DEALINGS, 105, 132, lacks="permission notice"),
    _short("NCSA", _MIT, "dealings with the software", 185, 230, "names of"),
    _short("ICU", _MIT, _HOLDER, 195, 225, lacks="data files"),
    _short("Unicode-3.0", _MIT, _HOLDER, 222, 237, "data files", "clear notice"),
    _short("Unicode-DFS-2016", _MIT, _HOLDER, 230, 250, "data files"),
    _short("curl", _OLD_ISC, _HOLDER, 110, 135),
    _short("ISC", _ISC, _PERFORMANCE, 76, 96, "permission notice"),
    _short("ISC", _OLD_ISC, _PERFORMANCE, 76, 96, "permission notice"),
    _short("0BSD", _ISC, _PERFORMANCE, 62, 80, lacks="permission notice"),
    _short("PostgreSQL", _HPND, "support updates enhancements or modifications", 110, 140),
    _short("HPND", _HPND, _PERFORMANCE, 140, 160, "not be used in advertising"),
    _short("NTP", _HPND, "without express or implied warranty", 62, 82, "advertising"),
    _short("BSD-4-Clause-UC", _BSD, _DAMAGE, 210, 245, "developed by the university of california"),
    _short("BSD-4-Clause", _BSD, _DAMAGE, 200, 245, "all advertising materials"),
    _short("BSD-3-Clause-Clear", _BSD, _DAMAGE, 205, 240, "no express or implied licenses to any"),
    _short("BSD-3-Clause", _BSD, _DAMAGE, 178, 218, _ENDORSE),
    _short("BSD-2-Clause-Patent", _BSD, _DAMAGE, 340, 385, "patent license", _ENDORSE),
    _short("BSD-2-Clause", _BSD, _DAMAGE, 150, 182, _BINARY, _ENDORSE),
    _short("BSD-1-Clause", _BSD, _DAMAGE, 128, 150, "source code must retain", _BINARY),
    _short("Zlib", "the authors be held liable for any damages", "source distribution", 92, 116,
           "altered source versions"),
    _short("Zlib", "the author be held liable for any damages", "source distribution", 92, 116,
           "altered source versions"),
)  # fmt: skip

TITLES: tuple[tuple[str, str, str], ...] = (
    # Id, title, words that follow it in the text: a title alone counts only where a text begins.
    ("AFL-3.0", "academic free license afl v 3.0", "this academic free license"),
    ("AGPL-3.0-only", "gnu affero general public license version 3", "19 november 2007"),
    ("APSL-2.0", "apple public source license version 2.0", "august 6 2003"),
    ("Apache-1.1", "apache software license version 1.1", "copyright"),
    ("Apache-2.0", "apache license version 2.0", "january 2004"),
    ("Artistic-2.0", "artistic license 2.0", "copyright c 2000 2006 the perl foundation"),
    ("BSL-1.0", "boost software license version 1.0", "august 17th 2003"),
    ("BUSL-1.1", "business source license 1.1", "terms the licensor hereby"),
    ("BUSL-1.1", "business source license 1.1", "parameters licensor"),
    ("BlueOak-1.0.0", "blue oak model license version 1.0.0", "purpose"),
    ("CC-BY-4.0", "attribution 4.0 international", "creative commons corporation"),
    ("CC-BY-NC-4.0", "attribution noncommercial 4.0 international", "creative commons corporation"),
    ("CC-BY-NC-ND-4.0", "attribution noncommercial noderivatives 4.0 international",
     "creative commons corporation"),
    ("CC-BY-NC-SA-4.0", "attribution noncommercial sharealike 4.0 international",
     "creative commons corporation"),
    ("CC-BY-ND-4.0", "attribution noderivatives 4.0 international", "creative commons corporation"),
    ("CC-BY-SA-4.0", "attribution sharealike 4.0 international", "creative commons corporation"),
    ("CC-BY-3.0", "creative commons legal code attribution 3.0", "unported"),
    ("CC-BY-SA-3.0", "creative commons legal code attribution sharealike 3.0", "unported"),
    ("CC0-1.0", "cc0 1.0 universal", "creative commons"),
    ("CDDL-1.0", "common development and distribution license cddl version 1.0", "1 definitions"),
    ("CDDL-1.1", "common development and distribution license cddl version 1.1", "1 definitions"),
    ("CECILL-2.1", "cecill free software license agreement version 2.1", "dated"),
    ("CPL-1.0", "common public license version 1.0", "the accompanying program"),
    ("ECL-2.0", "educational community license version 2.0", "april 2007"),
    ("EPL-1.0", "eclipse public license v 1.0", "the accompanying program"),
    ("EPL-2.0", "eclipse public license v 2.0", "the accompanying program"),
    ("EUPL-1.1", "european union public license v 1.1", "eupl c"),
    ("EUPL-1.2", "european union public license v 1.2", "eupl"),
    ("Elastic-2.0", "elastic license 2.0", "acceptance"),
    ("Elastic-2.0", "elastic license 2.0", "url"),
    ("GFDL-1.2-only", "gnu free documentation license version 1.2", "november 2002"),
    ("GFDL-1.3-only", "gnu free documentation license version 1.3", "3 november 2008"),
    ("GPL-1.0-only", "gnu general public license version 1", "february 1989"),
    ("GPL-2.0-only", "gnu general public license version 2", "june 1991"),
    ("GPL-3.0-only", "gnu general public license version 3", "29 june 2007"),
    ("IPL-1.0", "ibm public license version 1.0", "the accompanying program"),
    ("LGPL-2.0-only", "gnu library general public license version 2", "june 1991"),
    ("LGPL-2.1-only", "gnu lesser general public license version 2.1", "february 1999"),
    ("LGPL-3.0-only", "gnu lesser general public license version 3", "29 june 2007"),
    ("LPPL-1.3c", "latex project public license lppl version 1.3 c", "2008"),
    ("MPL-1.1", "mozilla public license version 1.1", "1 definitions"),
    ("MPL-2.0", "mozilla public license version 2.0", "1 definitions"),
    ("MS-PL", "microsoft public license ms pl", "this license governs"),
    ("MS-RL", "microsoft reciprocal license ms rl", "this license governs"),
    ("MulanPSL-2.0", "mulan permissive software license version 2", "mulan psl v2"),
    ("NPOSL-3.0", "non profit open software license 3.0", "this non profit"),
    ("ODbL-1.0", "open database license odbl", "preamble"),
    ("OFL-1.1", "sil open font license version 1.1", "26 february 2007"),
    ("OLDAP-2.8", "openldap public license version 2.8", "17 august 2003"),
    ("OSL-3.0", "open software license v 3.0", "osl 3.0"),
    ("PHP-3.01", "php license version 3.01", "copyright"),
    ("PSF-2.0", "python software foundation license version 2", "1 this license agreement"),
    ("QPL-1.0", "q public license version 1.0", "copyright"),
    ("SSPL-1.0", "server side public license version 1", "october 16 2018"),
    ("UPL-1.0", "universal permissive license upl version 1.0", "subject to the condition"),
    ("Unlicense", "this is free and unencumbered software released into the public domain",
     "anyone is free"),
    ("Vim", "vim license", "i there are no restrictions"),
    ("W3C", "w3c software notice and license", "this work"),
    ("WTFPL", "do what the fuck you want to public license", "version 2"),
    ("ZPL-2.1", "zope public license zpl version 2.1", "a copyright notice"),
)  # fmt: skip

ADDITIONS: tuple[tuple[str, str, str], ...] = (
    # Of this licence, where these words occur, the text is that of the last.
    ("Apache-2.0", "llvm exceptions to the apache 2.0 license", "Apache-2.0 WITH LLVM-exception"),
    ("GPL-2.0-only", "classpath exception to the gpl",
     "GPL-2.0-only WITH Classpath-exception-2.0"),
    ("PSF-2.0", "beopen python open source license agreement version 1", "Python-2.0"),
)  # fmt: skip

RESTRICTIONS = (
    "commons clause",
    "functional source license",
    "for any military",
    "of any nuclear facility",
)
"""Words that take back part of what a permissive text beside them grants."""
