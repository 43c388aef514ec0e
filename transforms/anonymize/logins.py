"""Logins that a place tells: mentions, sign-offs, CODEOWNERS, URLs, home folders. Out: shapes.

login_shapes()          "/docs/*.md @jdoe", "ssh://jdoe@git.corp.test/x", "/home/jdoe/src"
login_prose_shapes()    "thanks @jdoe", "Reviewed-by: Jane Doe <", "request #7 from jdoe/fix"
"""

import re

from transforms.anonymize import checks
from transforms.anonymize.recognizers import Shape
from transforms.anonymize.words import account_words, decorator_words

_HANDLE = "[A-Za-z0-9](?:-?[A-Za-z0-9_]){0,38}"
_MAX_LINE = 500
_OWNED = re.compile(r"[^\s@#]*[/*.][^\s@]*")
_COMMENT = re.compile(r"\s#")
_TRAILERS = "co-authored-by|signed-off-by|reviewed-by|acked-by|tested-by|reported-by|suggested-by"
_PLACEHOLDER = re.compile(
    "<.*|(?:your|my|the|some|an|other)[._-]?.*|x+|foo|bar|baz|.{1,2}"
    "|(?:user|test|demo|example)[a-z0-9._-]*"
)
_MACHINES = """
    git hg svn bzr ssh http anonymous ftp app node root admin administrator ubuntu debian centos
    ec2-user vagrant pi jenkins runner runneradmin travis circleci docker vscode codespace builder
    build ci deploy www www-data nobody guest postgres mysql oracle redis mongo rabbitmq nginx
    apache tomcat shared public default username user name login account me you jdoe johndoe jovyan
    linuxbrew homebrew airflow spark hadoop kafka solr elasticsearch gitpod coder developer dev
    containeradministrator appveyor azureuser opc rocky fedora alice bob carol eve hugo conda site
"""
_ACCOUNTS = frozenset(_MACHINES.split())
"""Accounts of systems, images and documentation."""


def login_shapes() -> list[Shape]:
    """Logins that a place tells: CODEOWNERS, the user of a URL, a home folder."""
    return [
        _owner_shape(),
        Shape(
            entity="LOGIN",
            rule="url_user",
            pattern=r"(?i)[a-z][a-z0-9+]{1,9}://(?P<v>[a-z0-9][a-z0-9._-]{1,38})@[a-z0-9\[]",
            trigger="(?i)://[a-z0-9._-]{2,39}@",
            check=_is_person_account,
            score=0.5,
        ),
        Shape(
            entity="LOGIN",
            rule="home_folder",
            pattern=r"(?:/home/|/Users/|[A-Za-z]:(?:\\{1,2}|/)Users(?:\\{1,2}|/))"
            r"(?P<v>[A-Za-z0-9][A-Za-z0-9._-]{1,38})(?:[/\\\"'\s:]|$)",
            trigger=r"(?:/home|[/\\]Users)[/\\]",
            check=_is_person_account,
            score=0.5,
        ),
    ]


def login_prose_shapes() -> list[Shape]:
    """Mentions, merges, sign-offs."""
    return [
        Shape(
            entity="LOGIN",
            rule="mention",
            pattern=r"(?:^|[^\pL\pN_@/.`\\$-])@(?P<v>" + _HANDLE + ")",
            trigger="@[A-Za-z0-9]",
            check=_is_handle,
            score=0.5,
        ),
        Shape(
            entity="LOGIN",
            rule="merge_message",
            pattern=r"(?i)merge pull request #[0-9]+ from (?P<v>[a-z0-9-]+)/",
            trigger="(?i)pull request #[0-9]",
            check=checks.always,
            score=0.5,
        ),
        Shape(
            entity="LOGIN",
            rule="numbered_user",
            pattern="username_[0-9]+",
            trigger="username_[0-9]",
            check=checks.always,
            score=0.5,
        ),
        Shape(
            entity="PERSON",
            rule="trailer",
            pattern=rf"(?i)(?:{_TRAILERS}):[ \t]*(?P<v>[^<>\"\n]{{0,99}}[^<>\"\s])[ \t]*<[^<>\s]+@",
            trigger="(?i)-by:",
            check=lambda text, start, end: True,
            score=0.5,
        ),
    ]


def _is_person_account(text: str, start: int, end: int) -> bool:
    """Not an account that a system or a page of documentation has."""
    word = text[start:end].strip("._-").lower()
    is_placeholder = _PLACEHOLDER.fullmatch(word) is not None
    return not is_placeholder and word not in account_words() and word not in _ACCOUNTS


def _owner_shape() -> Shape:
    """Handles in a line of a CODEOWNERS file, "/docs  @jdoe jane@corp.test"."""

    def check(text: str, start: int, end: int) -> bool:
        line = _line_of(text, start, end)
        return _is_owner_line(line) and _is_handle(text, start, end)

    return Shape(
        entity="LOGIN",
        rule="code_owner",
        pattern=rf"[ \t]@(?P<v>{_HANDLE})",
        trigger=r"[/*.][^\s@]*[ \t]+@[A-Za-z0-9]",
        check=check,
        score=0.5,
    )


def _is_owner_line(line: str) -> bool:
    """A path or a pattern of paths from the first column on, then words with "@", a comment."""
    path, *owners = _COMMENT.split(line, maxsplit=1)[0].split() or [""]
    is_path = line.startswith(path) and _OWNED.fullmatch(path) is not None
    return is_path and bool(owners) and all("@" in owner[:-1] for owner in owners)


def _line_of(text: str, start: int, end: int) -> str:
    """The line around a span; "" where the line is too long to be looked at for each span."""
    line_start = text.rfind("\n", max(0, start - _MAX_LINE), start) + 1
    line_end = text.find("\n", end, end + _MAX_LINE)
    line_end = line_end if line_end >= 0 else len(text)
    is_whole = line_start > 0 or start <= _MAX_LINE
    return text[line_start:line_end] if is_whole and line_end - line_start < _MAX_LINE else ""


def _is_handle(text: str, start: int, end: int) -> bool:
    """A mention, not a decorator ("@app.route(..."), a package ("@babel/core") or an address."""
    word, after = text[start:end], text[end : end + 2]
    is_code = after[:1] in ("(", "/", "@", "`") or re.match(r"\.\w", after) is not None
    return (
        not is_code
        and not _is_decorator(text, start, end)
        and word.lower() not in decorator_words()
    )


def _is_decorator(text: str, start: int, end: int) -> bool:
    """Alone on its line in code that documentation shows; no GitHub account has an underscore."""
    line = _line_of(text, start, end)
    return "_" in text[start:end] and line.strip() == "@" + text[start:end]
