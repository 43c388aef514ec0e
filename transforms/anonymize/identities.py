"""What names and addresses stand for one person. In: a name, an address. Out: canonical forms.

    canonical_email("7+jdoe@users.noreply.github.com")  ->  "jdoe@users.noreply.github.com"
    name_keys("Doe, J\\u00f8rgen A.")  ->  ("doe jorgen",)

Canonical forms compare persons and are never looked for in texts; `person_forms` has what is.
"""

import re
import unicodedata
from functools import cache
from typing import Protocol

from transforms.anonymize.folding import fold_letters
from transforms.anonymize.name_lists import name_lists
from transforms.anonymize.things import thing_words
from transforms.anonymize.words import account_words, first_names, generic_words

GITHUB = "users.noreply.github.com"
_HIDDEN_DOMAIN = "users.noreply."
_GMAIL = ("gmail.com", "googlemail.com")
_NO_ONES = frozenset({"noreply", "no-reply", "donotreply", "git"})
_ASIDE = re.compile(r"\([^()]{0,60}\)")
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")
_UMLAUTS = str.maketrans({"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00e5": "aa"})
_MIN_LOGIN_CHARS = 4
_MAX_CHARS = 400


class IdentityLike(Protocol):
    """Anything with a git name and e-mail."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


def canonical_name(name: str) -> str:
    """NFKC, case folded, single spaces: "Jane  DOE" and "jane doe" are one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def name_keys(name: str) -> tuple[str, ...]:
    """The words without accents, sorted, as the order of names differs; at least one key.

    A second key writes umlauts out, as many do: "jurgen muller" and "juergen mueller". Initials
    in the middle and remarks in parentheses say nothing: "Jane A. Doe (Acme)" is "doe jane".
    """
    folded = _ASIDE.sub(" ", unicodedata.normalize("NFC", canonical_name(name[:_MAX_CHARS])))
    plain = _sorted_words(fold_letters(folded))
    written_out = _sorted_words(fold_letters(folded.translate(_UMLAUTS)))
    keys = (plain,) if plain == written_out else (plain, written_out)
    return keys if plain else (folded.strip(),)


def canonical_email(email: str) -> str:
    """NFKC, lower case, no plus tag, no dots at Gmail, no number at hosts that hide addresses."""
    folded = unicodedata.normalize("NFKC", email).strip().casefold()
    local, at, domain = folded.rpartition("@")
    if domain.startswith(_HIDDEN_DOMAIN):
        return f"{_without_number(local)}{at}{domain}"
    local = local.partition("+")[0]
    if domain in _GMAIL:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}{at}{domain}"


def hidden_login(email: str) -> str:
    """The login in a canonical address of GitHub's or another host that hides addresses, or ""."""
    local, _, domain = email.rpartition("@")
    return local if domain.startswith(_HIDDEN_DOMAIN) else ""


def is_bot(name: str) -> bool:
    """True for names of GitHub Apps, "dependabot[bot]"."""
    return re.fullmatch(r"[\w-]+\[bot\]", name) is not None


def is_bot_email(email: str) -> bool:
    """True for addresses of GitHub Apps, "4+dependabot[bot]@users.noreply.github.com"."""
    local, _, domain = canonical_email(email).rpartition("@")
    return is_bot(local) and domain == GITHUB


def is_shared_email(email: str) -> bool:
    """True for addresses that no single person owns: noreply@github.com, root@localhost, ""."""
    local, _, domain = canonical_email(email).rpartition("@")
    return is_bot_email(email) or "." not in domain or local in _NO_ONES or not local


def is_account(name: str) -> bool:
    """True for names of no person: "GitHub", "root", "Test User", a bot's."""
    folded = canonical_name(name)
    return is_bot(folded) or all_in(account_words(), folded)


def is_telling(name: str) -> bool:
    """True when a name tells people apart: not "John", not "Core Team"; "Max Green" does."""
    folded = canonical_name(name)
    words = folded.replace(",", " ").split()
    # In either order: "Max Green", "Green, Max".
    is_full = len(words) > 1 and bool({words[0], words[-1]} & first_names())
    return not is_account(name) and (is_full or not all_in(generic_words(), folded))


def is_distinctive(word: str) -> bool:
    """True when one word can be looked for in code without meeting everyday words."""
    return len(word) >= _MIN_LOGIN_CHARS and not all_in(_known_words(), word)


@cache
def _known_words() -> frozenset[str]:
    """Everyday words, all of English, names of products: "cursor", "monkey", "openshift"."""
    return generic_words() | name_lists()["word"] | thing_words()


def all_in(words: frozenset[str], folded: str) -> bool:
    """True when every part of a name is one of the words or a number."""
    parts = re.findall(r"[^\W_]+", folded)
    return folded in words or all(part in words or part.isdigit() for part in parts)


def _sorted_words(folded: str) -> str:
    words = _WORD.findall(folded)
    full = [word for word in words if len(word) > 1]
    return " ".join(sorted(full if len(full) > 1 else words))


def _without_number(local: str) -> str:
    """GitHub writes "7+jdoe", GitLab "7-jdoe"."""
    return re.sub(r"\A[0-9]{1,12}[+-]", "", local)
