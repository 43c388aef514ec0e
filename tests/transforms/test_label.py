"""Labels of small invented pull requests, and what holds for all of them."""

import dataclasses
import multiprocessing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from label_rows import CODE, cases, file_change, label, lines, pull_request

from schemas.errors import ConfigError
from schemas.labels import Scenario, TaskType
from schemas.tables import FileChange, PullRequest
from transforms.label import lexicon, scenario_words
from transforms.label.change import read_change, split_prefix
from transforms.label.config import LabelConfig
from transforms.label.evidence import Evidence, decide

TASKS: dict[TaskType, list[PullRequest]] = {
    TaskType.FEATURE_IMPLEMENTATION: [
        pull_request(
            "Add gift cards",
            file_change("shop/gift.py", lines("+", 40, "def gift_{}():"), status="added"),
        ),
        pull_request("feat(cart): gift cards", file_change("shop/g.py", "+x", status="added")),
    ],
    TaskType.FEATURE_ENHANCEMENT: [
        pull_request("Improve totals by an optional currency", file_change("c.py", lines("+", 30))),
        pull_request("feat: accept a currency", file_change("c.py", "-a\n+b\n+c")),
    ],
    TaskType.BUG_FIXING: [
        pull_request(
            "Fix rounding of totals", CODE, file_change("tests/test_cart.py", "+assert a")
        ),
        pull_request("Totals are off", CODE, issue="Crash with a traceback: expected behavior"),
        pull_request("hotfix/cart-total", CODE),
    ],
    TaskType.REFACTORING: [
        pull_request("Rename Cart to Basket", file_change("shop/basket.py", status="renamed")),
        pull_request(
            "Split cart module",
            file_change("shop/a.py", lines("-", 20)),
            file_change("shop/b.py", lines("+", 20)),
        ),
    ],
    TaskType.PERFORMANCE_OPTIMIZATION: [
        pull_request("Speed up search: quadratic hot path, now faster", CODE),
        pull_request("perf: index once", CODE),
    ],
    TaskType.TEST_CASE_GENERATION: [
        pull_request("Cover empty carts", file_change("tests/test_cart.py", "+def test_empty():")),
    ],
    TaskType.CODE_UNDERSTANDING: [
        pull_request("Explain totals", file_change("docs/totals.md", "+Totals are sums.")),
        pull_request("Clarify comments", file_change("shop/cart.py", "-# sum\n+# the sum of all")),
    ],
    TaskType.CONFIGURATION_AND_DEPLOYMENT: [
        pull_request("Bump actions", file_change(".github/workflows/ci.yml", "-a: 1\n+a: 2")),
        pull_request("build: pin setuptools", file_change("pyproject.toml", "+x = 1")),
    ],
}


@pytest.mark.parametrize(("task_type", "row"), cases(TASKS))
def test_task_type(task_type: TaskType, row: PullRequest) -> None:
    labelled = label(row)
    assert labelled.task_type == task_type
    assert labelled.task_type_evidence


def test_every_task_type_has_a_case() -> None:
    assert set(TASKS) == set(TaskType)


def test_what_says_nothing_gets_no_label() -> None:
    labelled = label(pull_request("Wednesday", file_change("notes", "+x")))
    assert (labelled.task_type, labelled.task_type_confidence) == (None, 0.0)
    assert (labelled.scenario, labelled.scenario_confidence) == (None, 0.0)
    assert labelled.task_type_evidence == labelled.scenario_evidence == ()


def test_contradiction_gets_no_label() -> None:
    tests = file_change("tests/test_cart.py", "+x")
    assert label(pull_request("Cover carts", tests)).task_type == TaskType.TEST_CASE_GENERATION
    assert label(pull_request("Explain carts in docstrings", tests)).task_type is None


def test_both_kinds_of_feature_speak_for_the_stronger() -> None:
    grown = pull_request("Add a currency", file_change("shop/cart.py", lines("+", 30)))
    assert label(grown, LabelConfig(min_confidence=0.4)).task_type == (
        TaskType.FEATURE_IMPLEMENTATION
    )


def test_what_is_changed_tells_the_task_after_a_verb_that_does_not() -> None:
    assert label(pull_request("Fix typo in docstring", CODE)).task_type == (
        TaskType.CODE_UNDERSTANDING
    )


def test_a_template_is_not_evidence() -> None:
    body = "<!-- Describe the bug, the crash, the traceback -->\n- [ ] fixed a regression\n"
    with_template = label(pull_request("Wednesday", CODE, body=body))
    assert with_template.task_type == label(pull_request("Wednesday", CODE)).task_type


def test_what_stands_after_a_template_is_evidence() -> None:
    body = "- [x] tests\n\nThe crash came from a regression."
    assert "regression" in read_change(pull_request("Wednesday", CODE, body=body)).body_terms
    unclosed = read_change(pull_request("Wednesday", CODE, body="<!-- a regression"))
    assert "regression" not in unclosed.body_terms


def test_where_is_left_out_at_the_start_of_a_title_only() -> None:
    assert read_change(pull_request("[parser] Fix totals", CODE)).title == "fix totals"
    assert read_change(pull_request("Fix [0] of totals", CODE)).title == "fix [0] of totals"


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "\n",
        "[",
        "`",
        "<!--",
        "- [ ]",
        "(#",
        "fix(",
        "a-",
        "pub ",
        "import ",
        'require("',
        '"a/',
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    patch = f"@@ -1 +1 @@\n+{text}!"
    row = pull_request(
        f"{text}!", file_change("a.py", patch), file_change("a.md", patch), body=text, issue=text
    )
    process = multiprocessing.get_context("fork").Process(target=label, args=(row,))
    process.start()
    process.join(20)
    process.kill()
    process.join()
    assert process.exitcode == 0


def test_generated_and_vendored_files_do_not_count() -> None:
    page = dataclasses.replace(file_change("static/all.css", lines("+", 500)), is_generated=True)
    assert label(pull_request("Round totals", CODE, page)).scenario == (
        Scenario.APPLICATION_DEVELOPMENT
    )


WORDS = st.sampled_from(
    [
        *sorted({term for terms in lexicon.WORDS.values() for term in terms}),
        *["zebra", "Fix", "add", "feat:", "test/", "refactor(core):", "<!--", "\n"],
    ]
)
TEXT = st.lists(WORDS, max_size=12).map(" ".join)
FILES = st.lists(
    st.builds(
        file_change,
        st.sampled_from(
            ["a.py", "tests/test_a.py", "docs/a.md", "ui/a.css", "Dockerfile", "db/a.sql"]
        ),
        st.sampled_from(["", "+import torch\n-x", "-a\n+a", "+def f():\n+def g():\n+def h():"]),
        st.sampled_from(["added", "modified", "deleted", "renamed"]),
    ),
    max_size=4,
)


@settings(max_examples=150, derandomize=True)
@given(TEXT, TEXT, FILES, st.floats(0, 1), st.floats(0, 1))
def test_a_label_is_confident_and_reasoned_or_absent(
    title: str, body: str, files: list[FileChange], min_confidence: float, min_margin: float
) -> None:
    config = LabelConfig(min_confidence=min_confidence, min_margin=min_margin)
    row = pull_request(title, *files, body=body)
    labelled = label(row, config)
    assert labelled == label(row, config)
    for name in ("task_type", "scenario"):
        value, confidence, evidence = (
            getattr(labelled, name + suffix) for suffix in ("", "_confidence", "_evidence")
        )
        assert (value is None) == (not evidence) == (confidence == 0.0)
        assert value is None or min_confidence <= confidence <= 1
    unlabelled = dataclasses.replace(
        labelled,
        **{f.name: getattr(row, f.name) for f in dataclasses.fields(row) if "task" in f.name},
        **{f.name: getattr(row, f.name) for f in dataclasses.fields(row) if "scenario" in f.name},
    )
    assert unlabelled == row


@settings(max_examples=50, derandomize=True)
@given(st.text(alphabet="QXZ", min_size=6, max_size=12))
def test_evidence_quotes_nothing_of_the_row(secret: str) -> None:
    row = pull_request(
        f"Fix {secret}",
        file_change(f"{secret}/auth/{secret}.py", f"+import hmac, {secret}\n+def {secret}():"),
        body=f"the bug of {secret}",
        issue=f"crash {secret}",
    )
    labelled = label(row)
    assert labelled.task_type == TaskType.BUG_FIXING
    assert labelled.scenario == Scenario.SECURITY_ENGINEERING
    quoted = " ".join(labelled.task_type_evidence + labelled.scenario_evidence).lower()
    assert secret.lower() not in quoted


def test_confidence_is_the_softmax_share() -> None:
    found = [Evidence("a", 2.0, "one"), Evidence("b", 1.0, "two"), Evidence("a", 0.5, "three")]
    decision = decide(found, ("a", "b", "c"), LabelConfig())
    assert decision.label == "a"
    # e**2.5 / (e**2.5 + e + 1)
    assert decision.confidence == pytest.approx(0.766157, abs=1e-6)
    assert decision.evidence == ("one", "three")


def test_limits_are_inclusive() -> None:
    found = [Evidence("a", 0.0, "nothing to it")]
    half = LabelConfig(min_confidence=0.5, min_margin=0.0)
    assert decide(found, ("a", "b"), half).label == "a"
    assert decide(found, ("a", "b"), LabelConfig(min_confidence=0.51, min_margin=0)).label is None
    assert decide(found, ("a", "b"), LabelConfig(min_confidence=0.5, min_margin=0.01)).label is None


@pytest.mark.parametrize(
    ("message", "prefix", "rest"),
    [
        ("fix(cart): round", "fix", "round"),
        ("Feat!: gift cards", "feat", "gift cards"),
        ("docs/readme", "docs", "readme"),
        ("Fix the cart: round", None, "Fix the cart: round"),
        ("prefix: round", None, "prefix: round"),
    ],
)
def test_split_prefix(message: str, prefix: str | None, rest: str) -> None:
    assert split_prefix(message) == (prefix, rest)


def test_moved_lines_are_told_from_new_ones() -> None:
    moved = pull_request(
        "x", file_change("a.py", lines("-", 8)), file_change("b.py", lines("+", 6) + "\n+new = 1")
    )
    assert read_change(moved).moved_share == 6 / 8


def test_terms_are_ones_that_texts_can_match() -> None:
    tables = [*lexicon.WORDS.values(), *lexicon.ISSUE_WORDS.values()]
    tables += [*scenario_words.WORDS.values(), *scenario_words.STRONG_WORDS.values()]
    for terms in tables:
        for term in terms:
            assert term in read_change(pull_request(term)).title_terms or term in lexicon.PREFIXES


@pytest.mark.parametrize("values", [{"min_confidence": 1.5}, {"min_margin": -0.1}])
def test_limits_outside_zero_to_one_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=r"label\.min_"):
        LabelConfig(**values)
