"""Which authors are programs, which licences are permissive, and how text is shortened."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.filters.bots import BOT_LISTS, is_bot
from transforms.filters.permissive import PERMISSIVE, is_permissive
from transforms.filters.text import TRUNCATED, cut_lines, strip_email_reply, strip_html_comments
from transforms.spdx import LICENSES

names = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=12)


@given(names, names, st.sampled_from(["bot", "bott", "-ci", "robot", "-cloud", "-bot", ""]))
def test_nobody_is_a_program_by_the_look_of_a_name(first: str, last: str, end: str) -> None:
    # "zz" keeps invented names off the list of programs.
    login = f"{first}-{last}zz{end}"
    name = f"{first.title()} {last.title()}zz{end}"
    address = f"7+{login}@users.noreply.github.com"
    assert not is_bot(login, address, "user")
    assert not is_bot(name, f"{login}@example.com")
    assert not is_bot(name, "", "unknown", bots="stack-v2")


@pytest.mark.parametrize(
    "name", ["Theo Talbot", "Ann Abbott", "talbot", "abbot", "Mr Robot", "Jan Bot", "travis", "ci"]
)
def test_people_with_such_names_are_people(name: str) -> None:
    assert not is_bot(name, "person@example.com", "user")


@pytest.mark.parametrize("bots", BOT_LISTS)
@given(names, st.sampled_from(["user", "bot", "unknown"]))
def test_the_hosts_word_and_its_mark_are_enough(bots: str, name: str, kind: str) -> None:
    assert is_bot(f"{name}[bot]", "", kind, bots=bots)
    assert is_bot("x", f"1+{name}[bot]@users.noreply.github.com", kind, bots=bots)
    assert is_bot(name, "", "bot", bots=bots)


@pytest.mark.parametrize(
    ("name", "email"),
    [
        ("Dependabot", ""),
        ("renovate-bot", ""),
        ("Renovate Bot", "x@example.com"),
        ("pre-commit", "action@github.com"),
        ("README Bot", "35302948+codetriage-readme-bot@users.noreply.github.com"),
        ("GitHub Action", "x@example.com"),
    ],
)
def test_known_programs_are_known(name: str, email: str) -> None:
    assert is_bot(name, email)


@pytest.mark.parametrize(
    ("login", "expected"),
    [
        ("CLAassistant", True),
        ("claassistant", False),
        ("danger-public", True),
        ("botmanager", True),
        ("bors-servo", True),
        ("my-jenkins-job", True),
        ("k8s-anything", True),
        ("a-test-b", True),
        ("travis", True),
        ("Travis", False),
        ("talbot", True),
        ("shop-automaton", True),
        ("shop-automation", True),
        ("shop-benchmark", True),
        ("shop-build", True),
        ("shop-deployer", True),
        ("shop-cloud", True),
        ("shop-ci", True),
        ("shop-linter", True),
        ("shop-teamcity", True),
        ("shop-test", True),
        ("shop-testing", True),
        ("shop-Service-Account", True),
        ("cloud", False),
        ("ann-lee", False),
        ("", False),
    ],
)
def test_the_published_list_goes_by_parts_of_logins(login: str, expected: bool) -> None:
    assert is_bot(login, "", "user", bots="stack-v2") is expected


licences = st.sampled_from(["MIT", "Apache-2.0", "GPL-3.0-only", "LicenseRef-x"])
trees = st.recursive(
    licences, lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR"]), inner), max_leaves=6
)


@given(trees)
def test_expressions_are_permissive_when_their_terms_can_be_met(tree: object) -> None:
    text, expected = _evaluate(tree)
    assert is_permissive(text) is expected


def _evaluate(tree: object) -> tuple[str, bool]:
    """The expression with all its parentheses, and its value by Python's own rules."""
    if isinstance(tree, str):
        return tree, tree in ("MIT", "Apache-2.0")
    assert isinstance(tree, tuple)
    (left, one), (right, other) = _evaluate(tree[0]), _evaluate(tree[2])
    value = (one and other) if tree[1] == "AND" else (one or other)
    return f"({left} {tree[1]} {right})", value


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("GPL-2.0-only", False),
        ("MIT OR GPL-2.0-only AND GPL-3.0-only", True),
        ("GPL-2.0-only AND GPL-3.0-only OR MIT", True),
        ("GPL-2.0-only AND (MIT OR ISC)", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("unknown", False),
        ("NOASSERTION", False),
        ("", False),
        ("MIT OR", False),
        ("(MIT", False),
        ("MIT MIT", False),
        (" OR ".join(["MIT"] * 1_000), False),
    ],
)
def test_and_binds_closer_than_or_and_malformed_is_not_permissive(
    expression: str, expected: bool
) -> None:
    assert is_permissive(expression) is expected


def test_permissive_ids_are_spdx_ids_and_no_copyleft() -> None:
    assert PERMISSIVE < LICENSES
    assert not [name for name in PERMISSIVE if "GPL" in name or name.startswith(("MPL", "EPL"))]


@given(st.integers(1, 200), st.integers(4, 100))
def test_long_texts_keep_their_first_and_last_lines(num_lines: int, limit: int) -> None:
    lines = [str(index) for index in range(num_lines)]
    cut = cut_lines("\n".join(lines), limit).split("\n")
    if num_lines <= limit:
        assert cut == lines
    else:
        mark = cut.index(TRUNCATED)
        assert (len(cut) - 1, mark) == (limit, limit - limit // 4)
        assert cut[:mark] + cut[mark + 1 :] == lines[:mark] + lines[num_lines - limit // 4 :]


def test_eighty_lines_are_sixty_and_twenty() -> None:
    cut = cut_lines("\n".join(map(str, range(81))), 80).split("\n")
    assert cut[59:62] == ["59", TRUNCATED, "61"]
    assert len(cut) == 81


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a<!-- b\nc -->d<!---->e", "ade"),
        ("a <!-- never closed", "a <!-- never closed"),
        ("a --> b", "a --> b"),
        ("<!-- a <!-- b --> c -->", " c -->"),
    ],
)
def test_html_comments_go(text: str, expected: str) -> None:
    assert strip_html_comments(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Fine by me.\nBoth lines stay.", "Fine by me.\nBoth lines stay."),
        ("> Why two?\nOne per shard.\n> And here?\nSame.", "One per shard.\nSame."),
        (
            "Sounds good!\n\nOn Mon, Ann Lee <notifications@github.com> wrote:\n\nquoted mail\n"
            "Reply to this email directly or view it on GitHub\n"
            "<https://example.com/1>.\nRegards",
            "Sounds good!\n\n<https://example.com/1>.\nRegards",
        ),
        ("Yes.\n2/3/2015 10:11 AM, Ann Lee wrote:", "Yes."),
        ("I wrote: yes", "I wrote: yes"),
        ("You can view it on GitHub today", "You can view it on GitHub today"),
        ("Fix.\nSigned-off-by: Ann Lee <ann@example.com>", "Fix."),
        ("a" + "_" * 20 + "b" + "_" * 19, "ab" + "_" * 19),
    ],
)
def test_what_mail_programs_add_goes(text: str, expected: str) -> None:
    assert strip_email_reply(text) == expected


@given(st.text(max_size=300))
def test_stripping_twice_changes_nothing_and_adds_nothing(text: str) -> None:
    stripped = strip_email_reply(text)
    assert strip_email_reply(stripped) == stripped
    assert len(stripped) <= len(text)
    assert len(strip_html_comments(text)) <= len(text)


@pytest.mark.parametrize(
    "piece",
    ["<!--", "-->", "> ", "_", "\n", " ", "On notifications@github.com wrote:\n", "1/1/11 11:11 ",
     "Signed-off-by: ", "<", "Reply to this email directly\n"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = time.process_time()
    strip_email_reply(text)
    strip_html_comments(text)
    cut_lines(text, 80)
    assert time.process_time() - start < 5
