"""How names of companies, projects and products are written. In: names. Out: strings to look for.

    code_name_forms(["Acme Pay"])["acme_pay"]  ->  [Form(start=0, end=4, key="acme", bounds="part")]

What is replaced is the telling word, so that AcmePay, com.acme.pay, acme/pay, "from acme import
pay" and @acme/pay stay the same name after it: one word has one invented stem. "pay" tells nothing
and stays. Three kinds of names:

* With a telling word (four letters, not everyday): wherever its words stand together. "Acme Pay"
  in eight letters or more is also found inside a longer word: libhulltrack, hulltrackd.
* Of everyday words only ("Data Hub"): together in one token (DataHub, data_hub, "Data Hub") as one.
* One everyday or short word ("Click"): only beside another name in one token (acme-click), since
  "click" is an event elsewhere. Written "Click!" it is replaced as a telling word is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import product
from typing import Literal

from transforms.anonymize.folding import fold_letters
from transforms.anonymize.person_forms import fold
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.words import FAMILY, GIVEN, generic_words

Bounds = Literal["part", "anywhere", "beside"]
OPT_IN = "!"
_IN_TOKEN = ("", "_", "-", " ", "__", "%20", "+", "\\_", "\u00a0")
_ACROSS = (".", "/", "::", "\\", "\\\\", ":", "%2f", " import ")
_COMMON = ("", "_", "-", " ", ".", "/")
_SPLITS = ("_", "-", " ", "%20")
_MIN_PART = 3
_MIN_TELLING = 4
_MIN_INSIDE = 8
_MAX_CHARS = 64
_CODE_NAME = rf"(?i)(?:{'|'.join(GIVEN)})[-_. ]?(?:{'|'.join(FAMILY)})[0-9a-f]{{6}}"


@dataclass(frozen=True)
class Form:
    """What to replace, from `start` to `end` of a spelling, and what may stand around that.

    `key` stands for the invented stem. "part": the spelling fills parts of an identifier.
    "anywhere": letters may stand around it. "beside": another name must stand next to it.
    """

    start: int
    end: int
    key: str
    bounds: Bounds


def name_words(name: str) -> tuple[str, ...]:
    """Words of a name as its author divides it: "AcmePay", "acme_pay", "Acme Pay" are two."""
    chars: list[str] = []
    for before, char, after in zip(" " + name, name, name[1:] + " ", strict=False):
        starts = char.isupper() and (before.islower() or (before.isupper() and after.islower()))
        changes = char.isdigit() != before.isdigit()
        chars += [" ", char] if starts or changes else [char]
    return tuple(re.findall(r"[^\W_]+", fold("".join(chars))))


def is_telling_word(word: str) -> bool:
    """True for a word that can be looked for alone."""
    return len(word) >= _MIN_TELLING and word not in generic_words() and not word.isdigit()


def code_name_forms(names: Iterable[str]) -> dict[str, list[Form]]:
    """Folded spelling -> what of it to replace, for all names, sorted."""
    found: dict[str, set[Form]] = {}
    for name in names:
        opted = name.endswith(OPT_IN)
        written = name_words(name[:_MAX_CHARS])
        for words in sorted({written, tuple(map(fold_letters, written))}):
            for text, form in _forms(words, opted) if "".join(words) else ():
                found.setdefault(text, set()).add(form)
    return {
        text: sorted(forms, key=lambda form: (form.start, form.end, form.key, form.bounds))
        for text, forms in sorted(found.items())
    }


def spellings_across(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Folded spelling over several components (acme.pay, acme/pay) -> its telling words."""
    found: dict[str, tuple[str, ...]] = {}
    for words in sorted({name_words(name[:_MAX_CHARS]) for name in names}):
        telling = tuple(filter(is_telling_word, words))
        if len(words) > 1 and telling:
            for joints in _joints(len(words) - 1):
                if any(joint in _ACROSS for joint in joints):
                    found[_spell(words, joints)[0]] = telling
    return found


def issued_stems(text: str) -> set[str]:
    """Invented stems that a text has already, folded and without joints."""
    from transforms.anonymize.linear_patterns import compile_linear

    return {
        re.sub("[^a-z0-9]", "", match.group().lower())
        for match in compile_linear(_CODE_NAME).finditer(text)
    }


def draw_stems(names: Iterable[str], make: Pseudonyms, taken: Set[str]) -> Mapping[str, str]:
    """Key -> the key to draw its stem by, for those whose own stem a repository has already.

    A stem ends in six hexadecimal digits, so it is no keyword and no word of any language.
    """
    keys = {form.key for forms in code_name_forms(names).values() for form in forms}
    drawn: dict[str, str] = {}
    for key in sorted(keys):
        number = 0
        while make.code_name(key, drawn.get(key, key)).lower() in taken:
            number += 1
            drawn[key] = f"{key}#{number}"
    return drawn


def _forms(words: tuple[str, ...], opted: bool) -> Iterator[tuple[str, Form]]:
    if len(words) == 1:
        return _forms_of_word(words[0], opted)
    telling = [number for number, word in enumerate(words) if is_telling_word(word)]
    return _forms_of_words(words, telling) if telling else _forms_as_one(words, opted)


def _forms_of_word(word: str, opted: bool) -> Iterator[tuple[str, Form]]:
    key = fold_letters(word)
    certain = opted or is_telling_word(word)
    yield word, Form(0, len(word), key, "part" if certain else "beside")
    if certain:
        # A name given as one word may be written as two anywhere: hulltrack, hull_track.
        for at in range(_MIN_PART, len(word) - _MIN_PART + 1):
            for joint in _SPLITS:
                text = f"{word[:at]}{joint}{word[at:]}"
                yield text, Form(0, len(text), key, "part")


def _forms_of_words(words: tuple[str, ...], telling: list[int]) -> Iterator[tuple[str, Form]]:
    for joints in _joints(len(words) - 1):
        text, starts = _spell(words, joints)
        is_inside = not any(joints) and len(text) >= _MIN_INSIDE
        for number in telling:
            start, word = starts[number], words[number]
            bounds: Bounds = "anywhere" if is_inside else "part"
            yield text, Form(start, start + len(word), fold_letters(word), bounds)


def _forms_as_one(words: tuple[str, ...], opted: bool) -> Iterator[tuple[str, Form]]:
    key = fold_letters("".join(words))
    for joints in _joints(len(words) - 1):
        if opted or not any(joint in _ACROSS for joint in joints):
            text, _ = _spell(words, joints)
            yield text, Form(0, len(text), key, "part")


def _joints(count: int) -> Iterator[tuple[str, ...]]:
    """What stands between words: the same everywhere, or mixed where there are few."""
    uniform = [(joint,) * count for joint in (*_IN_TOKEN, *_ACROSS)]
    mixed = list(product(_COMMON, repeat=count)) if count == 2 else []
    return iter(dict.fromkeys([*uniform, *mixed]))


def _spell(words: tuple[str, ...], joints: tuple[str, ...]) -> tuple[str, list[int]]:
    """The spelling, and where each word starts in it."""
    text, starts = "", []
    for word, joint in zip(words, (*joints, ""), strict=True):
        starts.append(len(text))
        text += word + joint
    return text, starts
