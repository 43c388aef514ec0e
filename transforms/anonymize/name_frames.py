"""Sentences in which only a person stands. In: text, a span. Out: whether words there say so.

is_framed("I had lunch with Qamra.", 17, 22)  ->  True; is_framed("I use Qamra.", 6, 11)  ->  False

These make a person even of one word that is in no list. Only `WINDOW` characters on either side are
looked at, and no part of a pattern repeats without bounds, so a name takes bounded time.
"""

import re

WINDOW = 48
"""Characters looked at before and after a name."""

ROLES = """
    actor actress analyst architect artist assistant author aunt boss boyfriend brother captain ceo
    chairman colleague columnist commenter composer contributor cousin coworker cto daughter
    developer director doctor employee engineer father founder friend girlfriend grandfather
    grandmother guitarist husband intern judge king lawyer maintainer manager minister mother
    neighbor nurse owner partner player poet president producer queen reporter researcher reviewer
    senator singer sister son songwriter spokesman student teacher uncle user veteran widow wife
    writer
"""
"""What somebody is: "my colleague Jane", "the actor Doe", "Jane, a nurse from Ohio"."""
_MORE_ROLES = """
    accountant athlete baby banker bride buddy celebrity chef child cofounder client customer dad
    dancer dentist designer driver editor ex fiance fiancee granddaughter grandma grandpa grandson
    groom guest hairdresser historian inventor investor journalist kid landlord leader lecturer mom
    mum musician neighbour nephew niece novelist officer painter patient photographer physician
    pianist plumber politician professor psychologist recruiter referee resident roommate salesman
    scientist secretary soldier spouse stepfather stepmother supervisor tenant tutor vet waiter
    waitress
"""
# Programs are called so, too: "the user agent", "our client".
_PROGRAMS = """
    author buddy child client composer contributor customer designer director driver editor guest
    leader manager owner partner player reporter resident user writer
"""
_ROLE = "(?:" + "|".join(sorted(set((ROLES + _MORE_ROLES).split()) - set(_PROGRAMS.split()))) + ")"
_RANK = "(?:CEO|CTO|CFO|COO|VP|[Vv]ice [Pp]resident|[Pp]resident|[Ff]ounder|[Dd]irector|[Cc]hief)"
_BODY_OR_KIN = """
    aunt baby bedroom birth boyfriend brothers bride brother-in-law children classmates coat cousin
    cell cellphone childhood colleague credit dad daughters deathbed debut desk dog driver earnings
    ex eyes face fault favorite feelings fiance fiancee flight funeral garden girlfriend grandfather
    grandmother grave hair hand hands heart homework hometown insurance iban job kids kitchen
    landlord lawyer marriage medical mom mum murder neighbor nephew niece office parents partner
    passport passing personal resume room salary school shoes shoulder sisters smile social
    son-in-law sons ssn teacher teammate uncle voice wallet wedding widow words
"""
_BEFORE = re.compile(
    r"(?i:(?:"
    rf"(?:\b(?:my|our|your|his|her|their|its|the|an?|new)|'s) (?:[a-z-]{{1,15}} )?{_ROLE}"
    r"(?: is|,|:)?"
    r"|\b(?:talk|talked|talking|speak|spoke|spoken|speaking|chat|chatted|chatting) (?:to|with)"
    r"|\b(?:met|meet|meeting|lunch|dinner|breakfast|coffee|date|appointment|interview|affair)"
    r" (?:up )?with"
    r"|\b(?:married|engaged|apologi[sz]ed?|grateful|belongs?|addressed|payable|born) to"
    r"|\b(?:in love|angry|mad|friends|fell out|stay(?:ed|ing)? (?:over )?(?:at|with)|lives?) with"
    r"|\b(?:on behalf|in memory|in honou?r|courtesy|wife|husband|son|daughter|father|mother"
    r"|brother|sister|widow|portrait|biography|death|birthday|funeral|house|passport"
    r"|childhood) of"
    r"|\b(?:my|his|her) (?:[a-z]{1,9} )?(?:name|surname|nickname)(?: is|:|'s)"
    r"|\b(?:i am|i'm|this is|it's|it is) called"
    r"|\b(?:full name|first name|last name|surname|given name|family name|attn|attention|c/o"
    r"|patient|employee|applicant|recipient|beneficiary|cardholder|account holder"
    r"|contact person|billed to|bill to|ship to|sold to|tenant|passenger)[:.]?"
    r"|\bname[:?]|\b(?:married|divorced|befriended|kissed|hugged|phoned|texted)"
    r"|(?:^|\n|[.!?] )(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|night)|goodbye|bye"
    r"|congrats|congratulations|happy birthday|welcome back)(?: again| there|,)?"
    r") )\Z"
)
_SIGNED_BEFORE = re.compile(
    r"(?i:(?:\b(?:regards|sincerely|cheers|wishes|yours|truly|faithfully|love|hugs|thanks"
    r"|thank you|greetings|best|respectfully|cordially|xoxo)[,.!]?))"
    r"\s{0,3}\n\s{0,3}(?:[-~] ?){0,3}\Z"
)
# Where somebody works, lives or goes to, and places named after persons.
_PLACED_BEFORE = re.compile(
    r"(?i:\b(?:(?:work(?:s|ed|ing)?|job|interned?|internship|position|career) (?:for|at|in)"
    r"|(?:employed|acquired|bought|owned) (?:by|at)|(?:year|office|offices|branch|desk) (?:at|in)"
    r"|originally from|(?:corner|city|town|village|side|streets?|university|bank|port) of"
    r"|(?:return|move|travel|drive|flight|flew|drove|went|trip|relocate)(?:ed|d|led|s)? (?:to|from)"
    r"|(?:arrived?|arriving|arrives|landed) (?:at|in|from)"
    r"|(?:live|lived|lives|living|located|based|born|died|street|house|stay(?:ed|ing)?) (?:in|at)"
    r"|avenue|rue|rua|boulevard|plaza|avenida|via|calle|bridge) )\Z"
)
_LINE_ENDS = re.compile(r"[.,!]? ?(?:\Z|\n)")
_FEATS = """
    born|married|engaged|divorced|pregnant|widowed|buried|arrested|hired|fired|elected|appointed
    |knighted|hospitalized|on (?:vacation|holiday|leave|parental|maternity)|years old
    |[1-9][0-9]? years old|from (?:the|[A-Z]\w*)|my|his|her|an? (?:[a-z-]{1,15} ){0,2}@
    |the (?:[a-z-]{1,15} ){0,2}@|(?:the )?#
"""
_AFTER = re.compile(
    "(?:"
    r",? (?:is|was|has been|will be|who is|who was) (?:"
    + "".join(_FEATS.split("\n"))
    .replace("    ", "")
    .replace("@", _ROLE + r"\b")
    .replace("#", _RANK + r"\b")
    + r")(?!\w)"
    r"|,? and (?:I|my|his|her|he|she)\b"
    r"|,? (?:told|asked|texted|emailed|phoned|invited|hugged|kissed|married|thanked|taught|loves"
    r"|owes|called|visited|hates|misses) (?:me|him|her|us|my|his)\b"
    r"|,? (?:lives?|lived|resides?|resided|grew up|was raised|studied|graduated|worked|works|moved)"
    r" (?:in|at|on|near|with|for|to|from|as) (?:the |an? |his |her )?[A-Z]"
    r"|,? (?:has|had|lost|found|got|wants|broke|sold|bought|needs) (?:his|her)\b"
    r"|,? (?:can|could|should|may) be (?:reached|contacted)\b"
    r"|, (?:aged? )?[1-9][0-9](?: years old)?[,.]"
    rf"|,? \(?(?:the |an? |our |my |his |her )?(?:[a-z-]{{1,15}} ){{0,2}}(?:{_ROLE}|{_RANK}),? "
    r"(?:of|at|from|for|in|who)\b"
    rf"|,\n? ?{_RANK}\b"
    r"|['\u2019]s (?:(?:new|old|first|last|little|older|younger|home|late) )?(?:"
    + "|".join(_BODY_OR_KIN.split())
    + r")\b"
    ")"
)
# Someone spoken of as one speaks of persons, in the same sentence.
_PRONOUN_AFTER = re.compile(r"[^.!?\n]{0,44}\b(?:he|she|his|herself|himself|him)\b")


def is_framed(text: str, start: int, end: int) -> bool:
    """Whether what stands around [start, end) takes a person only."""
    before, after = text[max(0, start - WINDOW) : start], text[end : end + WINDOW]
    if _BEFORE.search(before) or _AFTER.match(after):
        return True
    return _SIGNED_BEFORE.search(before) is not None and _LINE_ENDS.match(after) is not None


def is_placed(text: str, start: int) -> bool:
    """Whether a place or a company follows the words before `start`."""
    return _PLACED_BEFORE.search(text, max(0, start - WINDOW), start) is not None


def has_pronoun(text: str, end: int) -> bool:
    """Whether "he", "she" or the like follows in the same sentence."""
    return _PRONOUN_AFTER.match(text, end, end + WINDOW) is not None
