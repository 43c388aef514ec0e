"""No planted value survives: every byte and every cell of every output after `mine` is searched."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from canary_search import texts_of
from support import ROOT, RUN_COMMAND, Samples, command, katydid


def searched(run_dir: Path) -> dict[str, str]:
    return {name: text.casefold() for name, text in texts_of(run_dir).items()}


def test_canaries_are_in_what_was_mined(sample_run: Path, samples: Samples) -> None:
    """Else the test below could not fail."""
    mined = "\n".join(searched(sample_run / "mine").values())
    canaries = samples.module.load_canaries()
    assert len(canaries) >= 100
    found = [canary for canary in canaries if canary.value.casefold() in mined]
    assert len(found) >= 0.9 * len(canaries)
    assert {canary.kind for canary in found} == {canary.kind for canary in canaries}


def test_no_canary_is_in_any_output_after_anonymize(sample_run: Path, samples: Samples) -> None:
    texts = {
        name: text for name, text in searched(sample_run).items() if not name.startswith("mine/")
    }
    assert any(name.startswith("mix/dialogues/") for name in texts)
    survivors = [
        (canary.id, name)
        for canary in samples.module.load_canaries()
        for name, text in texts.items()
        if canary.value.casefold() in text
    ]
    assert survivors == []


def test_one_person_is_one_pseudonym_and_back(sample_run: Path, samples: Samples) -> None:
    """Over all repositories, by the list of who is who in the samples."""
    query = """
        select distinct raw.author.name as name, pseudonym.author.name as pseudonym,
            pseudonym.author.email as email
        from mine.pull_requests raw join anonymize.pull_requests pseudonym using (pr_id)
    """
    pairs = json.loads(katydid("sql", sample_run, query, "--json").stdout)
    people = {c.value for c in samples.module.load_canaries() if c.kind == "person"}
    pairs = [pair for pair in pairs if pair["name"] in people]
    assert len(pairs) >= 10
    for column in ("name", "pseudonym", "email"):
        assert len({pair[column] for pair in pairs}) == len(pairs)


def test_no_canary_is_in_what_workers_print(
    samples: Samples, run_arguments: Callable[..., list[str]], tmp_path: Path
) -> None:
    log = tmp_path / "workers.log"
    arguments = command(RUN_COMMAND, *run_arguments(tmp_path / "run"))
    environment = {**os.environ, "KATYDID_WORKER_LOG": str(log)}
    run = subprocess.run(
        arguments, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    printed = (run.stdout + run.stderr + log.read_text()).casefold()
    assert "sdk harness" in printed
    canaries = samples.module.load_canaries()
    assert [canary.id for canary in canaries if canary.value.casefold() in printed] == []


def test_a_repository_named_by_the_deny_list_is_renamed_everywhere(
    samples: Samples, key_file: Path, tmp_path: Path
) -> None:
    source = samples.folder / "brine.git"
    settings = [
        f'mine.repos=["hulltrack={source}"]',
        'anonymize.deny_list=["HullTrack"]',
        'mix.validation_repos=["hulltrack"]',
        f"anonymize.key_file={key_file}",
    ]
    overrides = [part for setting in settings for part in ("-s", setting)]
    katydid("run", "all", *overrides, "--run-dir", tmp_path / "run")
    after = {k: v for k, v in searched(tmp_path / "run").items() if not k.startswith("mine/")}
    assert [name for name, text in after.items() if "hulltrack" in (name + text).casefold()] == []
    assert any(name.startswith("mix/documents/validation-") for name in after)
    assert not any(name.startswith("mix/documents/train-") for name in after)
    wrong = ["-s", 'mix.validation_repos=["brine"]']
    result = katydid("run", "mix", *overrides, *wrong, "--run-dir", tmp_path / "run", check=False)
    assert "no repository brine; mined were hulltrack" in result.stderr
