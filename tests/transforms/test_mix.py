"""Mixing: what a document shows, what is left out and why, and a split no repository crosses."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import DIALOGUE, FILE_CHANGE, NOON, PULL_REQUEST, SOURCE_FILE

from schemas.arrow import to_batch
from schemas.discussion import Identity, LinkedIssue, PullRequestEvent
from schemas.tables import (
    Commit,
    Dialogue,
    PullRequest,
    SourceFile,
)
from transforms.mix.config import MixConfig
from transforms.mix.render import render_pull_request
from transforms.mix.rows import Mix, split_of

WHO = Identity(name="Alder Quill", email="user-1@example.com")
FILE = replace(
    FILE_CHANGE,
    path="src/a.py",
    patch="@@ -100,3 +100,3 @@\n line 100\n-line 101\n+line one-o-one\n line 102\n",
    base_content="".join(f"line {number}\n" for number in range(1, 201)),
)
REQUEST = replace(
    PULL_REQUEST,
    title="Spell out a number",
    body="Because digits are hard to read.",
    commits=tuple(
        Commit(sha=sha, message=f"step {sha}\n\nlong story", author=WHO, authored_at=NOON)
        for sha in "12"
    ),
    files=(FILE,),
    linked_issues=(LinkedIssue(number=3, title="Numbers", body="They are digits."),),
    task_type="bug_fixing",
)


def reasons(row: SourceFile | PullRequest, config: MixConfig) -> list[str]:
    table = "source_files" if isinstance(row, SourceFile) else "pull_requests"
    outcome = Mix(config, seed=0).apply(table, to_batch(type(row), [row]))
    assert len(outcome.kept) + len(outcome.rejected) == 1
    return [rejected.reason for rejected in outcome.rejected]


def test_a_pull_request_shows_request_base_commits_and_change_in_order() -> None:
    text = render_pull_request(REQUEST, MixConfig())
    wanted = ["Spell out a number", "hard to read", "Numbers", "line 200", "step 1", FILE.patch]
    places = [text.index(part) for part in wanted]
    assert places == sorted(places)
    assert "long story" not in text


def test_a_discussion_names_speakers_by_order_of_appearance() -> None:
    author, reviewer = (Identity(name=n, email=f"{n}@example.com") for n in ("ann", "ben"))
    review = PullRequestEvent(
        kind="review",
        author=reviewer,
        created_at=NOON,
        text="Round last.",
        path=None,
        review_state="changes_requested",
    )
    comment = replace(
        review,
        kind="review_comment",
        path="a.py",
        review_state=None,
        diff_hunk="@@ -1 +1 @@\n-a = 1\n+a = 2",
    )
    answer = replace(review, kind="comment", author=author, text="Done.", review_state=None)
    row = replace(REQUEST, author=author, events=(review, comment, answer))
    said = render_pull_request(row, MixConfig()).partition("## Discussion\n")[2]
    assert "### Reviewer 1 (changes requested)\n\nRound last.\n" in said
    assert "### Reviewer 1 on a.py\n\n```diff\n@@ -1 +1 @@\n" in said
    assert said.endswith("### Author\n\nDone.\n")
    assert "ann" not in said
    assert "## Discussion" not in render_pull_request(REQUEST, MixConfig())


def test_a_large_file_is_shown_around_its_hunks() -> None:
    text = render_pull_request(REQUEST, MixConfig(max_base_chars=100, context_lines=2))
    assert "[lines 1 to 97 not shown]\nline 98\n" in text
    assert "line 104\n[lines 105 to 200 not shown]\n" in text


@given(st.text("`\n ab", max_size=40))
def test_no_file_can_close_its_own_fence(content: str) -> None:
    files = (replace(FILE, base_content=content + "\nx", patch=""),)
    text = render_pull_request(replace(REQUEST, files=files), MixConfig())
    fence = text[text.index("### src/a.py\n\n") + 14 :].partition("python\n")[0]
    assert set(fence) == {"`"}
    inside = text.partition(fence + "python\n")[2]
    assert inside.startswith(content + "\nx\n" + fence + "\n")
    assert not any(line.lstrip().startswith(fence) for line in content.split("\n"))


@pytest.mark.parametrize(
    ("changes", "config", "expected"),
    [
        ({}, {}, []),
        ({"text": "x"}, {}, ["too_short"]),
        ({}, {"max_chars": 99}, ["too_long"]),
        ({"text": "y" * 2000}, {}, ["long_lines"]),
        ({"text": "y" * 2000, "is_documentation": True}, {}, []),
        ({"is_generated": True}, {}, ["generated"]),
        ({"is_generated": True}, {"keep_generated": True}, []),
        ({"is_vendored": True}, {}, ["vendored"]),
        ({"parse_status": "errors"}, {}, ["unparsable"]),
        ({"parse_status": "errors"}, {"keep_unparsable": True}, []),
        ({"license": "unknown"}, {"licenses": ("MIT",)}, ["license_not_allowed"]),
    ],
)
def test_source_files_are_left_out_for_a_reason(
    changes: dict[str, object], config: dict[str, object], expected: list[str]
) -> None:
    row = replace(SOURCE_FILE, **changes)  # type: ignore[arg-type]
    assert reasons(row, MixConfig(**config)) == expected  # type: ignore[arg-type]


def test_documents_keep_labels_and_origin() -> None:
    batch = to_batch(PullRequest, [REQUEST])
    (document,) = Mix(MixConfig(), seed=0).apply("pull_requests", batch).kept
    assert (document.origin_id, document.task_type, document.language) == (
        "p1",
        "bug_fixing",
        "python",
    )
    assert document.capability == "development_workflow"


def test_dialogues_pass_with_their_split_or_are_too_long() -> None:
    batch = to_batch(Dialogue, [DIALOGUE])
    config = MixConfig(validation_repos=("acme/shop",))
    (kept,) = Mix(config, seed=0).apply("dialogues", batch).kept
    assert kept == replace(DIALOGUE, split="validation")
    (rejected,) = Mix(MixConfig(max_dialogue_chars=5), 0).apply("dialogues", batch).rejected
    assert (rejected.row_id, rejected.reason) == ("d1", "too_long")


@given(st.text(), st.integers(0, 9))
def test_the_split_is_a_matter_of_the_repository_alone(repo: str, seed: int) -> None:
    config = MixConfig(validation_fraction=0.5)
    assert split_of(repo, config, seed) == split_of(repo, config, seed)
    assert split_of(repo, MixConfig(validation_fraction=0.0), seed) == "train"
    assert split_of(repo, MixConfig(validation_fraction=1.0), seed) == "validation"


FAMILY = ("acme/shop", "ben/shop", "cas/shop")


@given(st.integers(0, 9), st.floats(0, 1))
def test_a_family_is_not_split(seed: int, fraction: float) -> None:
    config = MixConfig(validation_fraction=fraction)
    mix = Mix(config, seed, [FAMILY])
    rows = [replace(SOURCE_FILE, repo=repo) for repo in (*FAMILY, "dee/tools")]
    documents = mix.apply("source_files", to_batch(SourceFile, rows)).kept
    splits = {document.repo: document.split for document in documents}
    assert len({splits[repo] for repo in FAMILY}) == 1
    assert splits["dee/tools"] == split_of("dee/tools", config, seed)


@pytest.mark.parametrize("named", FAMILY)
def test_a_family_is_validation_if_any_of_it_is_named(named: str) -> None:
    config = MixConfig(validation_repos=(named,))
    mix = Mix(config, 0, [FAMILY])
    rows = [replace(DIALOGUE, repo=repo) for repo in (*FAMILY, "dee/tools")]
    kept = mix.apply("dialogues", to_batch(Dialogue, rows)).kept
    assert [row.split for row in kept] == ["validation"] * 3 + ["train"]


def test_the_share_of_validation_repositories_is_about_right() -> None:
    config = MixConfig(validation_fraction=0.2)
    splits = [split_of(f"repo-{number}", config, 0) for number in range(2000)]
    assert 0.17 < splits.count("validation") / len(splits) < 0.23
