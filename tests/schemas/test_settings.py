"""Settings: TOML, overrides, and the errors that people meet."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from schemas.errors import ConfigError, InputError
from schemas.settings import load, to_plain


@dataclass(frozen=True, kw_only=True)
class Inner:
    threshold: float = 0.7
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outer:
    seed: int = 0
    inner: Inner = field(default_factory=Inner)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    return path


def test_defaults_without_a_file() -> None:
    assert load(Outer, None) == Outer()


def test_overrides_win_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "seed = 1\n[inner]\nthreshold = 0.5\nnames = ['a']\n")
    settings = load(Outer, path, ("inner.threshold=0.9", "seed=3"))
    assert settings == Outer(seed=3, inner=Inner(threshold=0.9, names=("a",)))


def test_an_override_that_is_no_toml_is_a_string() -> None:
    assert load(Outer, None, ('inner.names=["MIT", "ISC"]',)).inner.names == ("MIT", "ISC")


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("inner.treshold=1",), r"inner\.treshold \(did you mean inner\.threshold\?\)"),
        (("outer=1",), r"unknown setting outer \(did you mean inner, seed\?\)"),
        (("inner.threshold=high",), "inner.threshold"),
        (("seed",), "stage.field=value"),
        (("seed=1", "seed.x=1"), "seed"),
    ],
)
def test_wrong_settings_are_refused_by_path(overrides: tuple[str, ...], expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        load(Outer, None, overrides)


def test_an_absent_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.toml"):
        load(Outer, tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match=r"settings\.toml: not valid TOML"):
        load(Outer, write(tmp_path, "seed = ["))


def test_plain_settings_hold_lists_and_dicts_only() -> None:
    plain = to_plain(Outer(inner=Inner(names=("a",))))
    assert plain == {"seed": 0, "inner": {"threshold": 0.7, "names": ["a"]}}
