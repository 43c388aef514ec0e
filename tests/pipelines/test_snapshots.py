"""Trees of base commits as dialogues see them."""

from pathlib import Path
from typing import Any

import pytest
from inventories import mine_inventory
from mined import Git, new_shop

from pipelines.snapshots import RepositorySnapshots
from schemas.arrow import to_batch
from schemas.tables import Repository, RepositoryIdentity
from transforms.anonymize.config import AnonymizeConfig, create_key
from transforms.synthesize.config import SynthesizeConfig

pa: Any = pytest.importorskip("pyarrow")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.write("pay/api.py", "x = 1\n")
    git.write("pay/run.sh", "echo\n")
    git.write("pay/key.pem", "SECRET\n")
    (git.folder / "pay" / "run.sh").chmod(0o755)
    git.write("mail/send.py", "SECRET = 2\n")
    git.commit("Services")
    return git


def snapshots(folder: Path, *tables: dict[str, Any], **limits: Any) -> RepositorySnapshots:
    rows = mine_inventory(folder, *tables)
    key = folder / "key"
    create_key(key)
    opened = RepositorySnapshots(
        repositories=pa.Table.from_batches([to_batch(Repository, rows["repositories"])]),
        identities=pa.Table.from_batches([to_batch(RepositoryIdentity, rows["identities"])]),
        anonymize=AnonymizeConfig(key_file=str(key)),
        limits=SynthesizeConfig(**limits),
        surveys=(),
    )
    opened.open()
    return opened


def test_files_out_of_scope_are_in_no_tree(git: Git, tmp_path: Path) -> None:
    found = snapshots(
        tmp_path,
        {"path": "shop", "name": "pay", "subpath": "pay", "exclude": ["*.pem"]},
        {"path": "shop", "name": "open", "exclude": ["*.pem", "/mail/"]},
        {"path": "shop", "name": "whole"},
        max_tree_files=5,
    )
    head = git("rev-parse", "HEAD")
    pay = list(found.files("pay", head))
    assert pay == [("pay/api.py", "x = 1\n", False), ("pay/run.sh", "echo\n", True)]
    assert [path for path, _, _ in found.files("open", head)] == [
        "LICENSE", "cart.py", "pay/api.py", "pay/run.sh"
    ]  # fmt: skip
    assert "SECRET" not in repr([pay, list(found.files("open", head))])
    with pytest.raises(Exception, match="tree_too_large"):
        list(found.files("whole", head))
