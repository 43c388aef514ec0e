"""What stands where a secret is to be put. In: a value. Out: yes or no.

is_placeholder("supersecret"), is_placeholder("${TOKEN}")  ->  True, True
is_placeholder("kJ8s0wQz")                                 ->  False
"""

import re

_TEMPLATE = re.compile(
    r"(?i)[<\[{(%$*].*|.*[>\]})*]|.*(?:\$\{|\{\{|\$\(|%\(|://|\.\.\.).*|x+|test[0-9]*"
    r"|.*(?:example|sample|dummy|change_?me|placeholder|redacted|todo|fixme|foobar|getenv).*"
)
# Words that make a value without digits or marks a name or a message, not a secret.
_TELLING = re.compile(
    r"(?i)passw(?:or)?d|passwd|secret|token|your|insert|default|testing|undefined|optional"
    r"|required|api.?key|^(?:none|null|true|false|string|foo|bar|baz|pass|pwd|pw|python)$"
)


def is_placeholder(value: str) -> bool:
    """True for templates, samples and words that say "put your secret here"."""
    if _TEMPLATE.fullmatch(value) or _is_crossed_out(value):
        return True
    return re.search(r"[^A-Za-z_. -]", value) is None and _TELLING.search(value) is not None


def _is_crossed_out(value: str) -> bool:
    """ "xxxxx-xxxx", "sk-xxxxxxxx": at least half of it. Random values may hold "xxx", too."""
    plain = [char for char in value.lower() if char.isalnum()]
    return "xxx" in value.lower() and 2 * plain.count("x") >= len(plain)
