r"""Text of descriptions and comments, shortened and freed of noise. In: text. Out: text.

    cut_lines("1\n2\n...\n100", 80)    ->  "1\n...\n60\n[TRUNCATED]\n81\n...\n100"
    strip_html_comments("a<!-- b -->c") ->  "ac"

Work is linear in the text, which anybody on the internet may have written.
"""

import re

TRUNCATED = "[TRUNCATED]"

_PAGE_BREAK = re.compile(r"_{20,}")
_MAIL_DATE = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4} \d{1,2}:\d{2} [AP]M")
_MAIL_SENDER = "notifications@github.com"
_MAIL_FOOTER = re.compile(r"Reply to this email directly|^[\s>]*(?:or )?view it on GitHub")
_SIGN_OFF = re.compile(r"Signed-off-by:[^<]{0,200}<[^>]{0,200}>")


def cut_lines(text: str, max_lines: int) -> str:
    """Of a text with more lines the first three quarters of them, a mark, and the last quarter."""
    lines = text.split("\n")
    if len(lines) <= max_lines:
        return text
    num_last = max_lines // 4
    last = lines[len(lines) - num_last :]
    return "\n".join([*lines[: max_lines - num_last], TRUNCATED, *last])


def strip_html_comments(text: str) -> str:
    """Without what stands between "<!--" and "-->"; templates of descriptions are full of it."""
    parts, position = [], 0
    while (start := text.find("<!--", position)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            break
        parts.append(text[position:start])
        position = end + 3
    return "".join([*parts, text[position:]])


def strip_email_reply(text: str) -> str:
    """Without what mail programs add to a reply: the mail replied to, its footer, a sign-off.

    The Stack v2 (process_pr_events.py) drops all lines up to the last quoted one, and so whatever
    was written between quotes; here the quotes go and the answers stay.
    """
    kept: list[str] = []
    lines = _PAGE_BREAK.sub("", text).split("\n")
    is_footer = [_MAIL_FOOTER.search(line) is not None for line in lines]
    last_footer = max((index for index, found in enumerate(is_footer) if found), default=-1)
    is_in_mail = False
    for index, line in enumerate(lines):
        is_start = _starts_mail(line)
        is_in_mail = (is_in_mail or is_start) and index < last_footer and not is_footer[index]
        is_added = is_in_mail or is_start or is_footer[index] or line.lstrip().startswith(">")
        if not is_added and not _SIGN_OFF.fullmatch(line.strip()):
            kept.append(line)
    return "\n".join(kept).strip()


def _starts_mail(line: str) -> bool:
    return _MAIL_SENDER in line or ("wrote" in line and _MAIL_DATE.search(line) is not None)
