"""Checkpoints: whole or absent, whatever moment a kill comes at."""

from pathlib import Path

import pytest

from training.checkpoint import STATE, Checkpoints, read_state


def fill_with(text: str):  # type: ignore[no-untyped-def]  # a function of a folder
    return lambda folder: (folder / "weights").write_text(text)


def test_the_newest_checkpoint_replaces_the_one_before(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "sft", "f")
    assert checkpoints.latest() is None
    for step in (9, 10, 11):
        checkpoints.save(step, {}, fill_with(str(step)))
    latest = checkpoints.latest()
    assert latest is not None
    assert (latest / "weights").read_text() == "11"
    assert [path.name for path in (tmp_path / ".sft").iterdir()] == ["step-000011"]


def test_a_kill_while_saving_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "sft", "f")
    checkpoints.save(1, {}, fill_with("1"))

    def dies(folder: Path) -> None:
        (folder / "weights").write_text("half")
        (folder / STATE).write_text("{")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checkpoints.save(2, {}, dies)
    latest = Checkpoints(tmp_path, "sft", "f").latest()
    assert latest is not None
    assert (latest / "weights").read_text() == "1"
    checkpoints.save(2, {}, fill_with("2"))
    assert (tmp_path / ".sft" / "step-000002" / "weights").read_text() == "2"


def test_a_kill_before_the_old_one_is_deleted(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, "sft", "f")
    folder = checkpoints.save(1, {}, fill_with("1"))
    saved = folder.rename(tmp_path / "aside")
    checkpoints.save(2, {}, fill_with("2"))
    saved.rename(folder)
    latest = checkpoints.latest()
    assert latest is not None
    assert read_state(latest) == {"fingerprint": "f", "step": 2}


def test_another_fingerprint_is_not_resumed(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "sft", "f").save(1, {}, fill_with("1"))
    assert Checkpoints(tmp_path, "sft", "g").latest() is None


def test_publishing_replaces_an_older_result_and_survives_a_kill_between_renames(
    tmp_path: Path,
) -> None:
    for text in ("old", "new"):
        checkpoints = Checkpoints(tmp_path, "sft", text)
        checkpoints.publish(checkpoints.save(3, {"summary": {}}, fill_with(text)))
    assert (tmp_path / "sft" / "weights").read_text() == "new"
    assert checkpoints.finished() is not None
    assert not (tmp_path / ".sft").exists()

    killed = Checkpoints(tmp_path, "sft", "newest")
    folder = killed.save(4, {"summary": {}}, fill_with("newest"))
    (tmp_path / "sft").rename(tmp_path / ".sft" / "replaced")
    assert killed.finished() is None
    latest = killed.latest()
    assert latest == folder
    killed.publish(folder)
    assert (tmp_path / "sft" / "weights").read_text() == "newest"
