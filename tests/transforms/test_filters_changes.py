"""Each changing rule, on either side of its limit; and what rules may never do to a row."""

from dataclasses import replace

import pytest
from filtered import APPROVAL, COMMENT, FACTS, PROGRAM, ROW, change, files
from hypothesis import given
from hypothesis import strategies as st
from rows import FILE_CHANGE

from schemas.tables import FileChange
from transforms.filters.rules import RULES, rules_of


def base(text: str | None, path: str = "a.py", language: str = "python") -> FileChange:
    return replace(FILE_CHANGE, path=path, language=language, base_content=text)


def prose(text: str) -> FileChange:
    return base(text, "a.md", "markdown")


# rule: setting, a file that stays, a file that is dropped
DROPPED = {
    "keep_modified_files": (
        "keep_modified_files",
        files("a.py")[0],
        files("a.py", status="renamed")[0],
    ),
    "keep_languages": ("keep_languages=python", base("a"), base("a", "a.go", "go")),
    "drop_extensions": ("drop_extensions=csv,gitignore", base("a"), base("a", ".gitignore")),
    "drop_low_alphanumeric": ("drop_low_alphanumeric=0.25", base("aa" + "-" * 5), base("a---")),
    "drop_hex": ("drop_hex=0.25", base("\\x41aaaaa"), base("\\x41aaaa")),
    "drop_long_files": ("drop_long_files=3", base("a\nb\n"), base("a\nb\nc\n")),
    "drop_long_average_lines": (
        "drop_long_average_lines=10",
        base("a" * 9 + "\n" + "a" * 10),
        base("a" * 10 + "\n" + "a" * 10),
    ),
    "drop_long_lines": ("drop_long_lines=10", base("a" * 9), base("a" * 10)),
    "drop_markdown_without_english": (
        "drop_markdown_without_english",
        prose("Round to cents"),
        prose("the"),
    ),
}


@pytest.mark.parametrize("name", DROPPED)
def test_rules_drop_files_past_their_limit_only(name: str) -> None:
    setting, kept, dropped = DROPPED[name]
    assert change(setting, replace(ROW, files=(kept, dropped))).files == (kept,)


def test_files_without_base_text_cannot_be_judged_by_it_and_stay() -> None:
    unknown = base(None)
    for name in ("drop_low_alphanumeric", "drop_hex", "drop_long_files", "drop_long_lines"):
        assert change(name, replace(ROW, files=(unknown,))).files == (unknown,)
    assert change("keep_modified_files", replace(ROW, files=(unknown,))).files == ()


def test_prose_may_have_long_lines() -> None:
    long = prose("the " * 1_000)
    settings = ["drop_long_lines=10", "drop_long_average_lines=10"]
    assert rules_of("", settings).apply(replace(ROW, files=(long,)), FACTS).files == (long,)


def test_markdown_alone_must_hold_english() -> None:
    for file in (base("xyz"), base("xyz", "a.rst", "restructuredtext")):
        assert change("drop_markdown_without_english", replace(ROW, files=(file,))).files


@pytest.mark.parametrize(
    ("file", "is_data"),
    [
        (base("a", "package.json", "json"), True),
        (base("a", "yarn.yaml", "yaml"), True),
        (base("a", "yarn.json", "json"), False),
        (base("a" * 7, "settings.json", "json"), True),
        (base("a" * 6, "settings.json", "json"), False),
        (base("a" * 60, "lock.py", "python"), False),
    ],
)
def test_data_files_are_drawn_by_path_or_by_being_over_half_of_the_text(
    file: FileChange, is_data: bool
) -> None:
    other = base("b" * 6, "b.py")
    kept = change("sample_data_files=0", replace(ROW, files=(file, other))).files
    assert kept == ((other,) if is_data else (file, other))
    assert change("sample_data_files=1", replace(ROW, files=(file, other))).files == (file, other)


def test_the_draw_of_data_files_keeps_about_its_share() -> None:
    rows = [
        replace(ROW, pr_id=f"row {index}", files=(base("a", "package.json", "json"),))
        for index in range(2_000)
    ]
    num_kept = sum(bool(change("sample_data_files=0.1", row).files) for row in rows)
    assert num_kept / len(rows) == pytest.approx(0.1, abs=0.02)


def test_events_of_programs_go() -> None:
    by_program = replace(COMMENT, author=PROGRAM)
    row = replace(ROW, events=(by_program, COMMENT, replace(COMMENT, author_kind="bot")))
    assert change("drop_bot_events", row).events == (COMMENT,)


def test_events_with_a_word_go() -> None:
    report = replace(COMMENT, text="See the CodeCov report")
    row = replace(ROW, events=(report, COMMENT))
    assert change("drop_events_with=codecov,qwiet", row).events == (COMMENT,)


def test_short_comments_go_and_reviews_stay() -> None:
    short = replace(COMMENT, text="x" * 19)
    row = replace(ROW, events=(short, COMMENT, APPROVAL))
    assert change("drop_short_events=20", row).events == (COMMENT, APPROVAL)


def test_titles_and_texts_are_cut() -> None:
    row = replace(ROW, title="t" * 501, body="b" * 1_001, events=(replace(COMMENT, text="x" * 9),))
    assert len(change("cut_title=500", row).title) == 500
    cut = change("cut_text=1000", row)
    assert (len(cut.title), len(cut.body), len(cut.events[0].text)) == (501, 1_000, 9)
    assert change("cut_text=1001", row).body == row.body


@pytest.mark.parametrize(
    ("setting", "text", "expected"),
    [
        ("cut_lines=4", "1\n2\n3\n4\n5", "1\n2\n3\n[TRUNCATED]\n5"),
        ("strip_html_comments", "a<!-- b -->c", "ac"),
        ("strip_email_replies", "> Why?\nBecause.", "Because."),
    ],
)
def test_rules_on_texts_reach_description_and_events(
    setting: str, text: str, expected: str
) -> None:
    changed = change(setting, replace(ROW, body=text, events=(replace(COMMENT, text=text),)))
    assert (changed.body, changed.events[0].text) == (expected, expected)


def test_every_changing_rule_is_tested_here() -> None:
    others = {"sample_data_files", "drop_bot_events", "drop_events_with", "drop_short_events"}
    others |= {"cut_title", "cut_text", "cut_lines", "strip_html_comments", "strip_email_replies"}
    assert DROPPED.keys() | others == {r.name for r in RULES.values() if r.reason is None}


paths = st.sampled_from(["a.py", "b.md", "package.json", "data.csv", "c.go"])
some_files = st.lists(
    st.builds(
        lambda path, text, status: replace(
            FILE_CHANGE, path=path, base_content=text, status=status
        ),
        paths,
        st.none() | st.text(max_size=30),
        st.sampled_from(["added", "modified", "deleted", "renamed"]),
    ),
    max_size=4,
)
some_texts = st.text(max_size=60) | st.sampled_from(
    ["> q\na", "<!-- a -->", "On notifications@github.com"]
)


@given(some_files, st.lists(some_texts, max_size=3), some_texts, st.permutations(sorted(RULES)))
def test_changes_only_take_away_and_do_not_depend_on_the_order_of_settings(
    changed: list[FileChange], comments: list[str], body: str, names: list[str]
) -> None:
    events = tuple(replace(COMMENT, text=text) for text in comments)
    row = replace(ROW, files=tuple(changed), events=events, body=body)
    settings = [name for name in names if RULES[name].reason is None]
    rules = rules_of("", settings)
    result = rules.apply(row, FACTS)
    assert result == rules_of("", sorted(settings)).apply(row, FACTS)
    assert result == rules.apply(row, FACTS)
    assert [file for file in row.files if file in result.files] == list(result.files)
    assert len(result.events) <= len(row.events)
    assert len(result.body) <= len(row.body)
    untouched = replace(result, files=row.files, events=row.events, body=row.body, title=row.title)
    assert untouched == row
