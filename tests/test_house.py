"""The house itself: four packages that are ours, light imports, files a reader can hold."""

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("schemas", "transforms", "pipelines", "training")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HEAVY = (
    *("apache_beam", "torch", "transformers", "presidio_analyzer", "spacy", "duckdb", "git"),
    *("github", "requests"),
)


def loaded_by(statement: str) -> set[str]:
    """Which heavy packages a statement loads in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint([name for name in {HEAVY!r} if name in sys.modules])"
    output = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd="/"
    ).stdout
    return set(ast.literal_eval(output.splitlines()[-1]))


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_our_folder(package: str) -> None:
    module = __import__(package)
    assert Path(str(module.__file__)).parent == ROOT / package
    # An editable install lists no owner; any other distribution that lists one is a collision.
    owners = set(metadata.packages_distributions().get(package, []))
    assert owners <= {"katydid"}


@pytest.mark.parametrize(
    "statement",
    [
        "import schemas.tables, schemas.manifest, schemas.settings",
        "import pipelines.settings, pipelines.stages, pipelines.run, pipelines.inspect",
        "import training, training.config",
        "from pipelines.cli import katydid\ntry: katydid.main(['--help'])\nexcept SystemExit: pass",
        "from training.cli import main\nsys.argv = ['katydid-train', '--help']\n"
        "try: main()\nexcept SystemExit: pass",
    ],
)
def test_looking_at_help_and_settings_loads_nothing_heavy(statement: str) -> None:
    assert loaded_by(statement) == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_open_with_a_docstring_and_stay_short(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    assert ast.get_docstring(ast.parse(text)), "says neither what comes in nor what goes out"
    assert len(text.splitlines()) <= 300


def test_tests_are_no_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not list((ROOT / "airflow_dags").rglob("__init__.py"))
