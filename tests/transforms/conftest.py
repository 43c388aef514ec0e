"""What tests of the sandbox and of what runs in it share: a sandbox, folders it can reach."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandboxed import Shell

from transforms.sandbox.bubblewrap import Sandbox, find_sandbox, open_to_sandbox, require_sandbox
from transforms.sandbox.folder import remove_folder
from transforms.sandbox.process import Completed
from transforms.synthesize.config import SynthesizeConfig


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return require_sandbox()


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder that any uid may pass through, unlike `tmp_path`, which pytest keeps private."""
    folder = Path(tempfile.mkdtemp(prefix="katydid-test-"))
    open_to_sandbox(folder)
    yield folder
    remove_folder(folder)


@pytest.fixture
def workdir(outside: Path) -> Path:
    folder = outside / "repo"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def shell(sandbox: Sandbox, workdir: Path) -> Shell:
    def run(script: str, **options: object) -> Completed:
        return sandbox.run(["bash", "-c", script], workdir=workdir, **options)  # type: ignore[arg-type]  # keyword options of run

    return run


@pytest.fixture
def secret(outside: Path) -> Path:
    path = outside / "secret.txt"
    path.write_text("hunter2-canary")
    path.chmod(0o666)
    return path


@pytest.fixture(
    scope="module",
    params=[
        "never",
        pytest.param(
            "require",
            marks=pytest.mark.skipif(find_sandbox() is None, reason="no sandbox on this machine"),
        ),
    ],
)
def config(request: pytest.FixtureRequest) -> SynthesizeConfig:
    return SynthesizeConfig(run_commands=request.param, ambiguous_edit_rate=0.7)


@pytest.fixture
def shell_config() -> SynthesizeConfig:
    if find_sandbox() is None:
        pytest.skip("no sandbox on this machine")
    return SynthesizeConfig(run_commands="require")
