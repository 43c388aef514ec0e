"""What many tests share: the sample repositories, and one run of the whole river over them."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Samples, katydid, load_script


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    module = load_script(ROOT / "data_samples" / "build.py")
    folder = tmp_path_factory.mktemp("samples")
    module.build(folder)
    return Samples(folder=folder, config=ROOT / "data_samples" / "sample.toml", module=module)


@pytest.fixture(scope="session")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "anonymize.key"
    path.write_text("0123456789abcdef" * 4)
    return path


@pytest.fixture(scope="session")
def run_arguments(samples: Samples, key_file: Path) -> Callable[[Path], list[str]]:
    """Arguments of `katydid` that run the sample repositories into a folder."""

    def arguments(run_dir: Path, stage: str = "all", options: Sequence[str] = ()) -> list[str]:
        values: list[Any] = ["run", stage, "-c", samples.config, *samples.overrides]
        values += ["-s", f"anonymize.key_file={key_file}", "--run-dir", run_dir]
        return [str(value) for value in values] + (["--", *options] if options else [])

    return arguments


@pytest.fixture(scope="session")
def sample_run(
    tmp_path_factory: pytest.TempPathFactory, run_arguments: Callable[..., list[str]]
) -> Path:
    """A finished run of all stages over the sample repositories, with two workers. Read only."""
    run_dir = tmp_path_factory.mktemp("runs") / "samples"
    katydid(*run_arguments(run_dir, options=["--direct_num_workers=2"]))
    return run_dir


@pytest.fixture(scope="session", autouse=True)
def _quiet_environment() -> None:
    """No test may depend on, or reach, what the machine is set up for."""
    for name in [name for name in os.environ if name.startswith(("KATYDID_", "GIT_", "HF_"))]:
        del os.environ[name]
    os.environ["HF_HUB_OFFLINE"] = "1"
