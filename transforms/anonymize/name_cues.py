"""What stands beside a name. In: text, a span. Out: weights, as log odds.

left_cue("signed: Mr. Doe", 12, 1)  ->  5.0; right_cue("Doe said so", 3, 1)  ->  2.5

Only 40 characters on either side are looked at, so all of it takes bounded time per name.
"""

import re

from transforms.anonymize.name_frames import ROLES

WINDOW = 40
"""Characters looked at before and after a name."""

_TITLES = "mr mrs ms miss mx dr prof professor sir madam rev sgt capt"
_NAMED = "named called name: name? name's i'm author author: authors: credit: credits:"
_AM = "name_is this_is it_is i_am between"
# What one does to persons only: "ask Jane", "married Doe".
_TOWARDS = """
    arrested asked befriended calling contact contacted contacting cofounder divorced email emailed
    employed fired greet hired invite invited kissed loved marry married meet meeting met mourn
    named nominated notify remember sued tell thank thanked thanking told visited
"""
_DONE = """
    acked authored contributed created designed developed directed discovered fixed found
    implemented maintained off patch provided proposed reported reviewed signed suggested sung
    tested work written code copyright
"""
_ADDRESSED = "ask cc cheers dear hello hey hi ping regards said says sincerely thanks"
_BESIDE = "best by for from me to with you"
_ARTICLES = "the a an our your in near using via into debian ubuntu"
_CUES = {
    **dict.fromkeys(_ARTICLES.split(), -1.5),
    **dict.fromkeys(_BESIDE.split(), 1.0),
    **dict.fromkeys(_ADDRESSED.split(), 2.0),
    **dict.fromkeys(_NAMED.split(), 3.0),
    **dict.fromkeys(ROLES.split(), 2.0),
    **dict.fromkeys(_TOWARDS.split(), 2.5),
    **dict.fromkeys(_TITLES.split(), 5.0),
}
_PAIRS = {words.replace("_", " ") for words in _AM.split()} | {f"{w} by" for w in _DONE.split()}
_YEAR = re.compile(r"\b(?:19|20)\d\d$")
_LISTED = re.compile(
    r"\b(?:founders|authors|contributors|maintainers|developers|reviewers|owners|people):? "
    r"[^\n.:;()]{0,40}$"
)
_THINGS = """
    Inc Ltd LLC Corp Corporation Company Co GmbH AG Group Foundation LLP PLC Software Systems
    Technologies Street St Road Rd Ave Avenue Drive Lane Blvd Way algorithm method transform
    distance theorem function server plugin pipeline CI license language library API Code
    Investments Opus Sonnet Haiku team Team community docs users developers support
"""
_SAYS = """
    said says wrote suggested suggests reported points pointed asked told noticed lives lived spent
    listed thinks wants kindly admitted agreed agrees announced apologized argued argues believes
    believed born cried decided died earned explained explains feels felt graduated grew hopes hoped
    insisted invited joined knew knows laughed liked likes lived looked loves loved married moved
    offered played plays pleaded promised proposed realized replied retired resigned sang sings
    smiled speaks spoke starred studied talked teaches thanked thought tried tweeted visited walked
    wanted warned went wins wishes won wondered works worked writes
"""
_IS = "is was has had can will found fixed made gave did does just who"
_NEXT_WORD = re.compile(r",? ([A-Za-z]+)")
_AFTER = {
    word: weight
    for weight, words in ((-5.0, _THINGS), (2.5, _SAYS), (1.0, _IS))
    for word in words.split()
}
_OWNED = re.compile(
    r"['\u2019]s (?:wife|husband|son|daughter|mother|father|brother|sister|friend|boss|family|life"
    r"|house|home|car|book|song|album|death|birthday|career|address|phone|mail|email|e-mail|account"
    r"|killers?|suggestion|comment|review|patch|opinion|idea|advice)\b"
)
# Spoken to: "Jane, could you"; "Come on, Doe!"
_SPOKEN_TO = re.compile(
    r",? (?:please|can you|could you|can I|would you|do you|thanks|thank you)\b"
)
_PART_AFTER = re.compile(r" [A-Z][a-z]")
_NUMBER_AFTER = re.compile(r" (?:[a-z]{1,3}\. )?\d")
_MARKS = "\"'`#*/(["
_GLUED = re.compile(r"[(/_=\\`@]|[.-]\w|['\u2019]t\b|[\w .]{0,20} <(?:noreply|no-reply|bot)@")
_ADDRESS = re.compile(r"((?: [A-Z]\w{0,20}\.?){0,2}),? [<(](?!noreply|no-reply|bot)[^\s@<>]{1,64}@")
_CAPITALISED_BEFORE = re.compile(r"(?<![\w.])(?:[A-Z]\w{0,20}\.? ){1,2}$")


def left_cue(text: str, start: int, size: int) -> float:
    """What the words before a name of `size` words say."""
    before = text[max(0, start - WINDOW) : start]
    if not before[-1:].isspace():
        return 0.0
    words = [word.lstrip(_MARKS) for word in before.lower().split()[-2:]]
    if not words or not words[-1]:
        return 0.0
    last, previous = words[-1], words[0] if len(words) == 2 else ""
    bare = last.rstrip(".,:;)?")
    if bare.endswith("-by") or f"{previous.rpartition('-')[2]} {bare}" in _PAIRS:
        return 3.0
    if (last == "and" or last[-1] in ",:") and _LISTED.search(before):
        return 2.5
    if last[-1:].isdigit() and not _YEAR.search(last):
        # A house number; "2." is an item of a list, and a year says nothing.
        return -1.0
    # "Thanks, Jane" addresses her; "a, Jane" says nothing.
    weight = _CUES.get(last) or max(0.0, _CUES.get(bare, 0.0))
    return weight / 1.5 if weight < 0 and size > 1 else weight


def right_cue(text: str, end: int, size: int) -> float:
    """What stands behind a name of `size` words says."""
    after = text[end : end + WINDOW]
    if _GLUED.match(after):
        return -5.0
    if ("<" in after or "(" in after) and _ADDRESS.match(after):
        return 4.0
    if _OWNED.match(after) or _SPOKEN_TO.match(after):
        return 2.5
    word = _NEXT_WORD.match(after)
    weight = _AFTER.get(word[1], 0.0) if word else 0.0
    if weight:
        return weight
    if size == 1 and _PART_AFTER.match(after):
        # "Jasper Reports" is a product.
        return -1.0
    if _NUMBER_AFTER.match(after):
        return -2.0
    return 0.0


def unlisted_beside(text: str, start: int, end: int) -> tuple[int, int]:
    """Characters before and after that belong to the name: before an address every word does.

    "Amethyst Roe <roe@corp.test>" is one name even if "Amethyst" is in no list.
    """
    after = text[end : end + WINDOW]
    match = _ADDRESS.match(after) if "<" in after or "(" in after else None
    if not match:
        return 0, 0
    line = text[max(0, start - WINDOW) : start].rpartition("\n")[2]
    before = _CAPITALISED_BEFORE.search(line)
    return len(before[0]) if before else 0, len(match[1])
