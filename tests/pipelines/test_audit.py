"""`katydid audit` over the sample run: what it says, that planted leaks are found, no raw value."""

import base64
import json
import subprocess
from pathlib import Path

import pytest
from support import ROOT, RUN_COMMAND, Samples, command, katydid
from tampering import add_metadata, change_cell, copy_run, vouch_for

from pipelines.audit.scanners import INSTALL, find_scanners

SECTIONS = [
    *("integrity", "findings", "leaks", "residual", "canaries"),
    *("parsing", "persons", "metadata", "authors", "claims"),
]
WITHOUT_DETECT_SECRETS = f"import sys; sys.modules['detect_secrets'] = None; {RUN_COMMAND}"


@pytest.fixture(scope="module")
def settings(samples: Samples, key_file: Path) -> list[str]:
    values = ["-c", samples.config, *samples.overrides, "-s", f"anonymize.key_file={key_file}"]
    return [*map(str, values), "--canaries", "60"]


@pytest.fixture(scope="module")
def original(samples: Samples) -> str:
    """The address of a committer of brine."""
    values = {str(canary.value) for canary in samples.module.load_canaries()}
    return min(value for value in values if value.startswith("jonas@"))


@pytest.fixture(scope="module")
def audited(
    sample_run: Path, settings: list[str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, "subprocess.CompletedProcess[str]"]:
    run = copy_run(sample_run, tmp_path_factory.mktemp("audit") / "run")
    arguments = command(WITHOUT_DETECT_SECRETS, "audit", run, *settings, "--json")
    result = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, check=False)
    return run, result


@pytest.fixture(scope="module")
def tampered(
    sample_run: Path, original: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """A run with one original value put back in five places, and the rows that hold it."""
    run = copy_run(sample_run, tmp_path_factory.mktemp("tampered") / "run")
    encoded = base64.b64encode(f"x={original};".encode()).decode()
    source = run / "anonymize/source_files/brine-00000.parquet"
    rows = {
        "cell": change_cell(source, "text", lambda text: f"{text}\n{original.upper()}\n"),
        "base64": change_cell(
            next((run / "mix/documents").glob("*.parquet")), "text", lambda text: text + encoded
        ),
    }
    vouch_for(run / "anonymize", source)
    add_metadata(next((run / "label/pull_requests").glob("*.parquet")), original)
    (run / "mix" / f"{original}.txt").write_text("no more than its name")
    (run / "notes.log").write_text(f"seen {original}")
    return run, rows


@pytest.fixture(scope="module")
def found(
    tampered: tuple[Path, dict[str, str]], settings: list[str]
) -> "subprocess.CompletedProcess[str]":
    return katydid("audit", tampered[0], *settings, check=False)


def audit_values(run: Path) -> dict[str, object]:
    return dict(json.loads((run / "audit" / "AUDIT.json").read_text()))


def test_it_prints_what_it_writes_and_exits_by_it(
    audited: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    run, result = audited
    values = json.loads(result.stdout)
    assert values == audit_values(run)
    assert [name for name in values if name in SECTIONS] == SECTIONS
    assert result.returncode == (1 if values["to_look_at"] else 0), result.stderr


def test_no_original_value_is_left_in_the_sample_run(
    audited: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    leaks = audit_values(audited[0])["leaks"]
    assert leaks["values"] >= 100
    assert leaks["by_place"] == []
    assert set(leaks["values_by_class"]) >= {"PERSON (history)", "EMAIL_ADDRESS (history)"}


def test_the_sample_run_parses_and_tells_persons_apart_as_before(
    audited: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    values = audit_values(audited[0])
    languages = values["parsing"]["languages"]
    assert sum(row["compared"] for row in languages) >= 20
    assert all(row["parsed_before"] == row["parsed_after"] for row in languages)
    persons = values["persons"]
    assert persons["persons"] == persons["pseudonyms"] >= 15
    assert persons["one_to_many"] == persons["many_to_one"] == 0
    assert {row["repo"] for row in values["authors"]["repositories"]} == {
        "brine", "lanternfish", "marrow", "quillstore",
    }  # fmt: skip


def test_an_absent_scanner_is_named_with_how_to_get_it_and_never_called_clean(
    audited: tuple[Path, "subprocess.CompletedProcess[str]"],
) -> None:
    run, _ = audited
    present = {scanner.name for scanner in find_scanners()} - {"detect-secrets"}
    absent = set(INSTALL) - present
    residual = audit_values(run)["residual"]
    assert residual["not_run"] == {name: INSTALL[name] for name in absent}
    page = (run / "audit" / "AUDIT.md").read_text()
    for name in absent:
        assert f"* {name}: **not run**, as it is not installed; {INSTALL[name]}" in page


def test_planted_leaks_are_found_where_they_are(
    tampered: tuple[Path, dict[str, str]], found: "subprocess.CompletedProcess[str]"
) -> None:
    run, rows = tampered
    assert found.returncode == 1
    assert "things to look at" in found.stderr
    places = audit_values(run)["leaks"]["places"]
    seen = {(p["stage"], p["table"], p["column"], p["row_id"], p["is_encoded"]) for p in places}
    assert seen >= {
        ("anonymize", "source_files", "text", rows["cell"], False),
        ("mix", "documents", "text", rows["base64"], True),
        ("mix", "another file", "file name", "", False),
        ("label", "pull_requests", "column names and metadata", "", False),
        ("run", "another file", "raw bytes", "", False),
    }
    assert {place["entity"] for place in places} == {"EMAIL_ADDRESS"}
    assert len({place["tag"] for place in places}) == 1


def test_no_report_holds_an_original_value(
    tampered: tuple[Path, dict[str, str]],
    found: "subprocess.CompletedProcess[str]",
    audited: tuple[Path, "subprocess.CompletedProcess[str]"],
    samples: Samples,
) -> None:
    reports = [found.stdout, found.stderr, audited[1].stdout, audited[1].stderr]
    for run in (tampered[0], audited[0]):
        reports += [path.read_text() for path in sorted((run / "audit").iterdir())]
    text = "\n".join(reports).casefold()
    canaries = samples.module.load_canaries()
    assert [canary.id for canary in canaries if canary.value.casefold() in text] == []


def test_a_reviewed_value_is_allowed_and_the_report_is_the_same_again(
    tampered: tuple[Path, dict[str, str]],
    found: "subprocess.CompletedProcess[str]",
    settings: list[str],
    tmp_path: Path,
) -> None:
    run, _ = tampered
    before = audit_values(run)
    tag = before["leaks"]["places"][0]["tag"]
    allow = tmp_path / "allow.toml"
    allow.write_text(f'[[allow]]\ntag = "{tag}"\nreason = "the address of a press office"\n')
    katydid("audit", run, *settings, "--allow", allow, check=False)
    after = audit_values(run)
    assert after["leaks"]["by_place"] == []
    assert after["leaks"]["reviewed"] == before["leaks"]["hits"] > 0
    same = set(SECTIONS) - {"leaks", "residual"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


def test_other_settings_another_key_and_unfinished_runs_are_refused(
    sample_run: Path, settings: list[str], tmp_path: Path
) -> None:
    other = tmp_path / "other.key"
    other.write_text("f" * 64)
    cases = {
        "another anonymize.deny_list": ["-s", 'anonymize.deny_list=["Somebody Else"]'],
        "with another key": ["-s", f"anonymize.key_file={other}"],
        "no file": ["--allow", str(tmp_path / "absent.toml")],
    }
    for message, extra in cases.items():
        result = katydid("audit", sample_run, *settings, *extra, check=False)
        assert (result.returncode, message in result.stderr) == (1, True), result.stderr
    result = katydid("audit", tmp_path, *settings, check=False)
    assert "no finished stage" in result.stderr
    assert not (tmp_path / "anonymize.key").exists()
