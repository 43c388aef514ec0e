"""Profiles: what they set is real settings, and what the user sets wins."""

from dataclasses import asdict, fields
from pathlib import Path

import pytest
from support import katydid

from pipelines.settings import Settings, load_settings
from schemas.errors import ConfigError
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.profiles import DEFAULT, profile_names, read_profile


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_sets_known_fields_and_says_what_it_does(name: str) -> None:
    profile = read_profile(name)
    assert set(profile.settings) <= {field.name for field in fields(AnonymizeConfig)}
    assert profile.sentence.endswith(".")
    assert profile.keeps
    assert profile.removes
    loaded = asdict(load_settings(None, (f"anonymize.profile={name}",)).anonymize)
    assert {key: loaded[key] for key in profile.settings} == profile.settings
    assert loaded["profile"] == name


def test_without_a_profile_the_defaults_are_those_of_the_first() -> None:
    assert load_settings(None) == Settings()
    assert AnonymizeConfig().profile == DEFAULT


def test_each_stricter_profile_keeps_less() -> None:
    public, enterprise, strict = (
        load_settings(None, (f"anonymize.profile={name}",)).anonymize
        for name in ("public", "enterprise", "enterprise-strict")
    )
    assert public.keep_private_ips
    assert not enterprise.keep_private_ips
    assert [config.times for config in (public, enterprise, strict)] == ["keep", "day", "week"]
    assert (enterprise.keep_notices, strict.keep_notices) == (True, False)


def test_what_the_user_sets_wins(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text('[anonymize]\nprofile = "enterprise-strict"\ntimes = "day"\n')
    settings = load_settings(path, ("anonymize.min_author_commits=2",)).anonymize
    assert (settings.times, settings.min_author_commits) == ("day", 2)
    assert settings.commit_shas == "pseudonym"


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="enterprise-strict"):
        load_settings(None, ("anonymize.profile=enterprize",))


def test_the_command_lists_profiles_and_what_one_keeps() -> None:
    assert all(name in katydid("profiles").stdout for name in profile_names())
    shown = katydid("profiles", "enterprise-strict").stdout
    assert "anonymize.times = 'week'" in shown
    assert "licence texts and SPDX tags" in shown
