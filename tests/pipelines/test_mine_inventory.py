"""The inventory and submodules: what people write, and what hostile repositories write."""

from pathlib import Path
from typing import Any

import pytest
from inventories import find, mine_inventory, write_inventory
from mined import Git, new_shop

from pipelines.mine.config import MineConfig
from pipelines.mine.repositories import find_repositories
from schemas.errors import ConfigError, InputError


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def other(folder: Path, name: str) -> Git:
    git = Git(folder / name)
    git.commit("Start", **{"a__py": f"name = {name!r}\n"})
    return git


def test_an_inventory_says_what_each_repository_is(git: Git, tmp_path: Path) -> None:
    other(tmp_path, "lib")
    tables: list[dict[str, Any]] = [
        {"name": "acme/shop", "path": "shop", "owner": "payments", "license": "MIT OR Apache-2.0",
         "sensitivity": "confidential", "exclude": ["*.md"]},
        {"path": str(tmp_path / "lib"), "license": "internal"},
    ]  # fmt: skip
    found = find(tmp_path, *tables)
    shop, lib = found["acme/shop"], found["lib"]
    assert (shop.owner, shop.sensitivity) == ("payments", "confidential")
    assert (shop.license, lib.license) == ("MIT OR Apache-2.0", "internal")
    assert shop.scope.exclude == ("*.md",)
    rows = mine_inventory(tmp_path, *tables)
    assert [(row.repo, row.owner, row.sensitivity) for row in rows["repositories"]] == [
        ("acme/shop", "payments", "confidential"), ("lib", "", "")
    ]  # fmt: skip


def test_an_inventory_joins_what_is_given_by_hand(git: Git, tmp_path: Path) -> None:
    lib = other(tmp_path, "lib")
    found = find(tmp_path, {"path": "shop", "name": "z"}, repos=(str(lib.folder),))
    assert list(found) == ["lib", "z"]
    with pytest.raises(ConfigError, match="2 repositories are named 'lib'; write one as \"other-"):
        find(tmp_path, {"path": "lib"}, repos=(str(lib.folder),))


def test_sensitivities_pick(git: Git, tmp_path: Path) -> None:
    lib = other(tmp_path, "lib")
    tables = [
        {"path": "shop", "name": "open", "sensitivity": "public"},
        {"path": "shop", "name": "closed", "sensitivity": "secret"},
        {"path": "shop", "name": "unmarked"},
    ]
    assert list(find(tmp_path, *tables)) == ["closed", "open", "unmarked"]
    assert list(find(tmp_path, *tables, sensitivities=("public",))) == ["open"]
    both = find(tmp_path, *tables, sensitivities=("public", "secret"), repos=(str(lib.folder),))
    assert list(both) == ["closed", "lib", "open"]
    with pytest.raises(ConfigError, match=r"'publik' is in no table .* mean 'public'"):
        find(tmp_path, *tables, sensitivities=("publik",))
    with pytest.raises(ConfigError, match=r"give mine\.inventory, too"):
        find_repositories(MineConfig(repos=(str(lib.folder),), sensitivities=("public",)))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"path": "shop", "ower": "x"}, r"unknown setting ower \(did you mean owner\?\)"),
        ({}, r'path is missing; write path = "'),
        ({"path": ""}, "path is missing"),
        ({"path": 3}, "path: Input should be a valid string"),
        ({"path": "shop", "include": "src/"}, "include: Input should be a valid tuple"),
        ({"path": "shop", "submodules": "perhaps"}, "submodules: Input should be a valid boolean"),
        ({"path": "shop", "name": "../up"}, r"\('\.\./up'\): name '\.\./up': write it like"),
        ({"path": "shop", "license": "Apache2"}, r"no SPDX expression; did you mean Apache-2\.0\?"),
        ({"path": "shop", "license": "MIT AND"}, "no SPDX expression"),
        ({"path": "shop", "exclude": ["a", "!b"]}, "glob '!b'"),
        ({"path": "shop", "subpath": "../other"}, r"glob '\.\./other': write it from the root"),
        ({"path": "shop", "owner": "a\nb"}, "owner holds a control character"),
        ({"path": "ext::sh -c id"}, "is no folder and no file"),
        ({"path": "ext://x"}, r"\[\[repository\]\] 2: ext:// is not allowed"),
        ({"path": "https://me:secret@example.com/a"}, "holds a password"),
        ({"path": "absent"}, r"/absent is no folder and no file"),
        ({"path": "inventory.toml"}, "is no git bundle and no tarball"),
        ({"path": "shop", "include": ["nowhere/"]}, "no file of shop is in scope; check its globs"),
    ],
)  # fmt: skip
def test_mistakes_are_named(git: Git, tmp_path: Path, table: dict[str, Any], words: str) -> None:
    first = {"path": "shop", "name": "first"}
    with pytest.raises((ConfigError, InputError), match=words) as caught:
        find(tmp_path, first, table)
    assert f"{tmp_path / 'inventory.toml'}: [[repository]] 2" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", r"names no repository; write \[\[repository\]\]"),
        ("[[repo]]\npath = 'x'\n", r"unknown setting repo \(did you mean repository\?\)"),
        ("[repository]\npath = 'x'\n", r"write each as \[\[repository\]\]"),
        ("repository = ['x']\n", r"repository.0: .*; write each as \[\[repository\]\]"),
        ("[[repository]\n", "not valid TOML"),
        ("[[repository]]\npath = 'x'\npath = 'y'\n", "not valid TOML"),
        ("\xff", "not valid TOML"),
    ],
)
def test_files_that_are_no_inventory(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=words) as caught:
        find_repositories(MineConfig(inventory=str(path)))
    assert str(path) in str(caught.value)
    with pytest.raises(InputError, match=r"no inventory .*gone\.toml; give a TOML file"):
        find_repositories(MineConfig(inventory=str(tmp_path / "gone.toml")))


def test_a_folder_of_mirrors_is_many_repositories(tmp_path: Path) -> None:
    mirrors = tmp_path / "mirrors"
    lib = other(tmp_path, "lib")
    for name in ("acme/app.git", "acme/web.git", "tool.git", "beta+x/repo"):
        lib("clone", "--quiet", "--bare", str(lib.folder), str(mirrors / name))
    other(mirrors, "checkout")
    (mirrors / "README").write_text("Mirrors.\n")
    (mirrors / "acme" / "notes").mkdir()
    (mirrors / "away").symlink_to(lib.folder)
    linked = mirrors / "linked"
    linked.mkdir()
    (linked / ".git").write_text(f"gitdir: {lib.folder / '.git'}\n")
    hollow = mirrors / "hollow"
    hollow.mkdir()
    (hollow / "HEAD").write_text("ref: refs/heads/main\n")
    (hollow / "objects").symlink_to(lib.folder / ".git" / "objects")
    Git(mirrors / "never-used")
    found = find(tmp_path, {"path": "mirrors", "owner": "us"})
    assert list(found) == ["acme/app", "acme/web", "beta+x", "checkout", "tool"]
    assert {mined.owner for mined in found.values()} == {"us"}
    notes = [note for mined in found.values() for note in mined.notes]
    assert len(notes) == 2
    assert "5 entries (README, acme/notes, away, hollow, linked) left out" in notes[0]
    assert "never-used is left out: " in notes[1]
    named = find(tmp_path, {"path": "mirrors", "name": "all"})
    assert list(named)[:2] == ["all/acme/app", "all/acme/web"]
    by_hand = find_repositories(MineConfig(repos=(f"m={mirrors}",)))
    assert [mined.name for mined in by_hand][-1] == "m/tool"


def test_a_folder_without_any_repository_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    with pytest.raises(InputError, match="is no git repository and holds none"):
        find(tmp_path, {"path": "a"})
    Git(tmp_path / "mirrors" / "never-used")
    with pytest.raises(InputError, match="no repository can be read: never-used is left out"):
        find(tmp_path, {"path": "mirrors"})


def with_modules(git: Git, modules: str, *paths: str) -> None:
    """A commit with links at the paths; modules is the text of .gitmodules."""
    git.write(".gitmodules", modules)
    git("add", ".gitmodules")
    sha = git("rev-parse", "HEAD")
    for path in paths:
        git("update-index", "--add", "--cacheinfo", f"160000,{sha},{path}")
    git.commit_index("Modules")


def module(path: str, url: str, name: str = "") -> str:
    return f'[submodule "{name or path}"]\n\tpath = {path}\n\turl = {url}\n'


def test_submodules_beside_their_parent_are_repositories(git: Git, tmp_path: Path) -> None:
    lib = other(tmp_path, "lib")
    lib("clone", "--quiet", "--bare", str(lib.folder), str(tmp_path / "core.git"))
    deep = other(tmp_path, "deep")
    with_modules(lib, module("deep", "../deep"), "deep")
    text = module("vendor/lib", "../lib") + module("core", "../core") + module("gone", "../gone")
    with_modules(git, text, "vendor/lib", "core", "gone", "untold")
    table = {"path": "shop", "name": "acme/shop", "owner": "us", "sensitivity": "secret"}
    found = find(tmp_path, table | {"submodules": True})
    assert {name: mined.path for name, mined in found.items()} == {
        "acme/shop": str(git.folder),
        "acme/shop/core": str(tmp_path / "core.git"),
        "acme/shop/vendor/lib": str(lib.folder),
        "acme/shop/vendor/lib/deep": str(deep.folder),
    }
    assert {(mined.owner, mined.sensitivity) for mined in found.values()} == {("us", "secret")}
    assert found["acme/shop"].license == "Apache-2.0"
    assert found["acme/shop/core"].license == "unknown"
    (note,) = found["acme/shop"].notes
    assert "2 entries (gone, untold)" in note
    assert list(find(tmp_path, table)) == ["acme/shop"]


@pytest.mark.parametrize("subpath", ["", "pay[1]"])
def test_names_left_out_are_left_out_of_submodules(git: Git, tmp_path: Path, subpath: str) -> None:
    lib = other(tmp_path, "lib")
    lib.commit("Keys", **{"deep/key__pem": "x\n", "gen/out__py": "x\n", "own__py": "x\n"})
    folder = f"{subpath}/" if subpath else ""
    git.write(f"{folder}kept.py", "x = 1\n")
    git.commit("Kept")
    with_modules(git, module(f"{folder}lib", "../lib"), f"{folder}lib")
    table = {"path": "shop", "name": "acme/shop", "submodules": True, "subpath": subpath}
    found = find(tmp_path, table | {"exclude": ["*.pem", "gen/", "/own.py"]})
    (lib_name,) = set(found) - {"acme/shop"}
    paths = {entry.path for entry in found[lib_name].entries}
    assert "own.py" in paths, "a path of the parent is no path of the submodule"
    assert not paths & {"deep/key.pem", "gen/out.py"}


def test_submodules_of_the_run_are_known_by_name_and_place(git: Git, tmp_path: Path) -> None:
    lib = other(tmp_path / "acme", "lib")
    app = other(tmp_path / "acme", "app")
    urls = ["https://github.com/acme/lib", "git@example.com:acme/lib.git", "../acme/lib",
            "ssh://git@example.com:22/acme/lib.git", str(lib.folder),
            f"file://{lib.folder}"]  # fmt: skip
    text = "".join(module(f"m{index}", url) for index, url in enumerate(urls))
    with_modules(git, text + module("no", "https://github.com/evil/lib"),
                 *(f"m{index}" for index in range(len(urls))), "no")  # fmt: skip
    with_modules(app, module("x", "../lib.git"), "x")
    found = find(
        tmp_path,
        {"path": "shop", "submodules": True},
        {"path": "acme/app", "name": "other/app", "submodules": True},
        {"path": "acme/lib", "name": "acme/lib"},
    )
    assert list(found) == ["acme/lib", "other/app", "shop"]
    assert found["other/app"].notes == ()
    (note,) = found["shop"].notes
    assert "1 entry (no)" in note


def test_what_a_sensitivity_withholds_is_no_submodule(git: Git, tmp_path: Path) -> None:
    other(tmp_path / "vault", "lib")
    with_modules(git, module("lib", "../vault/lib"), "lib")
    shop = {"path": "shop", "sensitivity": "public", "submodules": True}
    vault = {"path": "vault", "name": "v", "sensitivity": "secret"}
    (mined,) = find(tmp_path, shop, vault, sensitivities=("public",)).values()
    assert "1 entry (lib)" in mined.notes[0]
    assert list(find(tmp_path, shop, vault)) == ["shop", "v/lib"]
    assert list(find(tmp_path, shop)) == ["shop", "shop/lib"]


def test_submodules_of_a_checkout_lie_in_its_git_folder(git: Git, tmp_path: Path) -> None:
    lib = other(tmp_path / "far" / "away", "lib")
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
        str(lib.folder), "vendor/lib")  # fmt: skip
    git.commit_index("Add")
    found = find(tmp_path, {"path": "shop", "submodules": True})
    assert found["shop/vendor/lib"].path == str(git.folder / ".git" / "modules" / "vendor" / "lib")


HOSTILE = {
    "ext": module("m", "ext::sh -c touch% MARKER"),
    "transport": module("m", "ext://sh"),
    "option": module("m", "--upload-pack=touch MARKER"),
    "file option": module("m", "-u./payload"),
    "traversal": module("m", "../../../../../../../../../SECRET"),
    "absolute": module("m", "SECRET"),
    "file": module("m", "file://SECRET"),
    "encoded": module("m", "file:///..%2f..%2fSECRET"),
    "newline": '[submodule "m"]\n\tpath = m\n\turl = "../inner\\nx"\n',
    "name": module("m", "none", name="../../../SECRET"),
    "modules": module("m", "none", name="../../secret/.git"),
    "include": "[include]\n\tpath = /etc/passwd\n" + module("m", "none"),
    "garbage": "[submodule \x00",
    "bare": '[submodule "m"]\n\tpath\n\turl\n',
    "link": module("m", "../pointer"),
    "command": module("m", "none") + "\tupdate = !touch MARKER\n",
    "large": "#" * 2_000_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_modules_open_and_run_nothing(tmp_path: Path, name: str) -> None:
    secret = other(tmp_path, "secret")
    folder = tmp_path / "inner"
    git = Git(folder / "shop")
    git.commit("Start", a__py="x = 1\n")
    (folder / "pointer").symlink_to(secret.folder)
    marker = tmp_path / "marker"
    text = HOSTILE[name].replace("SECRET", str(secret.folder)).replace("MARKER", str(marker))
    with_modules(git, text, "m")
    (git.folder / ".git" / "modules").mkdir()
    (git.folder / ".git" / "modules" / "m").symlink_to(secret.folder / ".git")
    (mined,) = find(folder, {"path": "shop", "submodules": True}).values()
    assert "1 entry (m)" in mined.notes[0]
    assert not marker.exists()


def test_names_of_submodules_are_harmless(git: Git, tmp_path: Path) -> None:
    other(tmp_path, "lib")
    odd = "we ird/\u00e9\x1b[31m"
    with_modules(git, f'[submodule "x"]\n\tpath = "{odd}"\n\turl = ../lib\n', odd, "\x1b]0;x\x07")
    found = find(tmp_path, {"path": "shop", "submodules": True})
    name = next(name for name in found if name != "shop")
    assert name.isascii()
    assert name.isprintable()
    assert found["shop"].notes[0].isprintable()


def test_an_inventory_that_is_a_home_path(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    write_inventory(tmp_path, {"path": "~/shop"})
    (mined,) = find_repositories(MineConfig(inventory="~/inventory.toml"))
    assert mined.name == "shop"
