"""3,000 planted values, through the command line: none is in any output after `mine`.

No survivor of 3,000 bounds the rate of survivors at 0.1 % with 95 % confidence (rule of three,
10.1001/jama.1983.03330370053031), for values like these in places like these.
"""

import json
from pathlib import Path

import pytest
from canary_project import plant
from canary_search import survivors, texts_of
from fake_pulls import REPO
from fault_server import FaultServer
from support import katydid

from transforms.anonymize.canaries import Canary, code_names_of, make_canaries
from transforms.anonymize.canary_values import EMPLOYEE_ID_PATTERN, TICKET_KEY_PATTERN

NUM = 3000


@pytest.fixture(scope="module")
def canaries() -> list[Canary]:
    return make_canaries(seed=7, num=NUM)


@pytest.fixture(scope="module")
def run_dir(
    canaries: list[Canary], key_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("canaries")
    project = plant(canaries, folder / "shop.git")
    config = folder / "canaries.toml"
    with FaultServer({REPO: project.pulls}) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_TOKENS", "invented")
        config.write_text(
            f'[github]\napi_url = "{server.url}"\n'
            f'[mine]\nrepos = ["{REPO}={project.repository}"]\n'
            f'github_archive = "{folder / "archive"}"\n'
            f'[anonymize]\nkey_file = "{key_file}"\n'
            f"deny_list = {json.dumps(code_names_of(canaries))}\n"
            f'employee_id_pattern = "{EMPLOYEE_ID_PATTERN}"\n'
            f'ticket_key_pattern = "{TICKET_KEY_PATTERN}"\n'
        )
        katydid("hydrate", "-c", config)
    for stage in ("mine", "anonymize"):
        katydid("run", stage, "-c", config, "--run-dir", folder / "run")
    return folder / "run"


def test_all_canaries_are_in_what_was_mined(canaries: list[Canary], run_dir: Path) -> None:
    """Else the test below could not fail."""
    mined = survivors(canaries, texts_of(run_dir, lambda name: name.startswith("mine/")))
    assert {name for name, _ in mined} == {canary.id for canary in canaries}


def test_none_is_in_any_output_after_anonymize(canaries: list[Canary], run_dir: Path) -> None:
    texts = texts_of(run_dir, lambda name: not name.startswith("mine/"))
    assert any(name.startswith("anonymize/pull_requests/") for name in texts)
    assert survivors(canaries, texts) == []
    assert 3 / len(canaries) <= 0.001


@pytest.mark.parametrize("table", ["pull_requests", "source_files"])
def test_nothing_was_rejected_to_get_there(run_dir: Path, table: str) -> None:
    query = f"select (select count(*) from mine.{table}) as before, count(*) as after"
    rows = katydid("sql", run_dir, f"{query} from anonymize.{table}", "--json").stdout
    (row,) = json.loads(rows)
    assert row["before"] == row["after"] > 0
