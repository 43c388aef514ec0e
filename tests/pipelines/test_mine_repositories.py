"""Repositories, source files, identities and shards that `mine` makes."""

import os
from pathlib import Path

import pytest
from mined import Git, branch_with_two_commits, mine, new_shop, reasons

from pipelines.mine.config import MineConfig
from pipelines.mine.git import open_repository
from pipelines.mine.history import read_history
from pipelines.mine.identities import read_identities
from pipelines.mine.plan import plan_mining
from pipelines.mine.shards import MineShard, read_shard
from schemas.errors import ConfigError, InputError
from schemas.ids import fingerprint
from schemas.tables import SourceFile


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def test_a_url_is_cloned_and_then_updated(git: Git, tmp_path: Path) -> None:
    head = branch_with_two_commits(git)
    git.pull(12, head)
    git.merge("Merge pull request #12 from bob/fix\n\nFix rounding", "fix")
    config = MineConfig(repos=(f"file://{git.folder}",), clone_dir=str(tmp_path / "clones"))
    (first,) = [shard for shard in plan_mining(config).shards if shard.table == "pull_requests"]
    assert first.repo.endswith("/shop")
    assert [row.number for o in read_shard(first, config) for row in o.kept] == [12]
    git.commit("Next (#13)", next__py="x = 1\n")
    (second,) = [shard for shard in plan_mining(config).shards if shard.table == "pull_requests"]
    assert (second.path, len(second.items)) == (first.path, 2)
    assert len(list((tmp_path / "clones").iterdir())) == 1


def test_full_ranges_stay_when_pull_requests_arrive(git: Git) -> None:
    def ranges() -> list[MineShard]:
        config = MineConfig(repos=(str(git.folder),), prs_per_shard=2)
        return [shard for shard in plan_mining(config).shards if shard.table == "pull_requests"]

    git("branch", "late")
    for number in range(1, 6):
        git.commit(f"Change (#{number})", x__py=f"x = {number}\n")
    before = ranges()
    git("checkout", "--quiet", "late")
    git.commit("Early work, merged late", late__py="x = 0\n")
    git("checkout", "--quiet", "main")
    git.merge("Merge pull request #6 from a/late\n\nLate", "late")
    after = ranges()
    assert [len(shard.items) for shard in after] == [2, 2, 2]
    assert after[:2] == before[:2]
    assert [fingerprint(repr(shard)) for shard in ranges()] == [fingerprint(repr(s)) for s in after]


def test_a_new_file_touches_its_own_shard_only(git: Git) -> None:
    def parts() -> dict[str, MineShard]:
        config = MineConfig(repos=(str(git.folder),), files_per_shard=8)
        shards = plan_mining(config).shards
        return {shard.name: shard for shard in shards if shard.table == "source_files"}

    git.commit("Many", **{f"src/{index:03d}__py": f"x = {index}\n" for index in range(200)})
    before = parts()
    assert len(before) >= 25
    assert max(len(shard.items) for shard in before.values()) <= 8
    for path in ("a.py", "src/100b.py", "zz.py"):
        git.commit("One more", **{path.replace(".", "__"): "x = 1\n"})
        after = parts()
        changed = {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}
        assert 1 <= len(changed) <= 3
        before = after


def test_heads_that_did_not_land_are_counted_and_do_not_move_those_that_did(git: Git) -> None:
    def names() -> list[str]:
        config = MineConfig(repos=(str(git.folder),), prs_per_shard=2)
        shards = plan_mining(config).shards
        return [shard.name for shard in shards if shard.table == "pull_requests"]

    for number in range(1, 4):
        git.commit(f"Change (#{number})", x__py=f"x = {number}\n")
    git("checkout", "--quiet", "-b", "rejected")
    git.pull(25, git.commit("No", no__py="x = 1\n"))
    git.pull(26, git("rev-parse", "main"))
    git("checkout", "--quiet", "main")
    assert names() == ["shop-00000", "shop-00001", "shop-u00002"]
    rows = mine(git)
    assert [row.number for row in rows["pull_requests"]] == [1, 2, 3]
    assert reasons(rows, "pull_requests") == ["not_merged", "not_merged"]
    rows = mine(git, include_unmerged=True)
    assert {row.number: row.state for row in rows["pull_requests"]}[25] == "unknown"
    assert reasons(rows, "pull_requests") == ["no_own_commits"]


def test_persons_of_commits_that_only_github_names_are_known(git: Git) -> None:
    head = branch_with_two_commits(git)
    git("branch", "--quiet", "-D", "fix")

    def names(*tips: str) -> set[str]:
        with open_repository(str(git.folder)) as repository:
            outcomes = list(read_identities(repository, repo="shop", license="", tips=tips))
        return {row.name for outcome in outcomes for row in outcome.kept}

    assert "Bob Fork" not in names()
    assert "Bob Fork" in names(head, "0" * 40)


def test_files_stand_in_their_packages_in_dependency_order(git: Git) -> None:
    git.write("web/package.json", '{"name": "web"}\n')
    git.write("web/src/cart.ts", 'import { total } from "./money";\n')
    git.write("web/src/money.ts", "export const total = 1;\n")
    git.commit("Web")
    files = {row.path: row for row in mine(git)["source_files"]}
    placed = {path: (row.package, row.dependency_level) for path, row in files.items()}
    assert placed["web/src/money.ts"] == ("web", 0)
    assert placed["web/src/cart.ts"] == ("web", 1)
    assert placed["LICENSE"] == ("", None)


def test_reading_twice_gives_the_same_rows(git: Git) -> None:
    branch_with_two_commits(git)
    git.merge("Merge pull request #12 from bob/fix\n\nFix rounding", "fix")
    assert mine(git) == mine(git)


def test_bare_repositories_and_checkouts_give_the_same_rows(git: Git, tmp_path: Path) -> None:
    git.commit("One (#1)", one__py="x = 1\n")
    bare = tmp_path / "elsewhere" / "shop.git"
    git("clone", "--quiet", "--bare", str(git.folder), str(bare))
    worktree = tmp_path / "tree" / "shop"
    git("worktree", "add", "--quiet", "--detach", str(worktree), "main")
    for other in (bare, worktree, git.folder / ".git"):
        rows, expected = mine(other), mine(git)
        del rows["repositories"], expected["repositories"]
        assert rows == expected


def test_names(git: Git, tmp_path: Path) -> None:
    other = Git(tmp_path / "b" / "shop")
    other.commit("Start", a__py="x = 1\n")
    with pytest.raises(ConfigError, match='write one as "other-name='):
        plan_mining(MineConfig(repos=(str(git.folder), str(other.folder))))
    config = MineConfig(repos=(f"acme/shop={git.folder}", str(other.folder)), license="internal")
    shards = plan_mining(config).shards
    assert {shard.repo for shard in shards} == {"", "acme/shop", "shop"}
    assert len({(shard.table, shard.name) for shard in shards}) == len(shards)
    assert all("/" not in shard.name for shard in shards)
    assert {shard.license for shard in shards} == {"", "internal"}


@pytest.mark.parametrize(
    ("repos", "error", "words"),
    [
        ((), ConfigError, "mine.repos is empty"),
        (("/nowhere/at-all",), InputError, "is no folder"),
        (("ext::sh -c id",), InputError, "is no folder"),
        (("ext://x/y",), ConfigError, "ext:// is not allowed"),
        (("https://me:secret@example.com/a/b",), ConfigError, "holds a password"),
        (("https://secret@example.com/a/b",), ConfigError, "holds a password or token"),
        (("ssh://git:secret@example.com/a/b",), ConfigError, "holds a password"),
    ],
)
def test_what_is_no_repository(repos: tuple[str, ...], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words) as caught:
        plan_mining(MineConfig(repos=repos))
    assert "secret" not in str(caught.value)


def test_shards_cannot_be_empty(git: Git) -> None:
    with pytest.raises(ConfigError, match="must be 1 or more"):
        plan_mining(MineConfig(repos=(str(git.folder),), prs_per_shard=0))


def test_folders_without_history_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no git repository"):
        plan_mining(MineConfig(repos=(str(tmp_path),)))
    git = Git(tmp_path / "empty")
    with pytest.raises(InputError, match="HEAD leads to no commit"):
        plan_mining(MineConfig(repos=(str(git.folder),)))
    git.commit("Start", a__py="x = 1\n")
    git("symbolic-ref", "HEAD", "refs/heads/gone")
    assert len(mine(git)["source_files"]) == 1
    git.write(".git/config", "[core\nbroken")
    with pytest.raises(InputError, match="bad config line"):
        plan_mining(MineConfig(repos=(str(git.folder),)))


def test_identities(git: Git) -> None:
    git.author("Bj\u00f6rn Ek", "bjorn@example.com")
    git.commit("x\n\nCo-authored-by: Cleo Doe <cleo@example.com>\nReviewed-by: Dan <dan@x.org>\n"
               "Note: not a person <nobody>")  # fmt: skip
    git("config", "i18n.commitEncoding", "ISO-8859-1")
    git.author("Bj\udcf6rn Ek", "bjorn@example.com")  # The byte f6, as Latin-1 has it.
    git.commit("latin")
    git.pull(9, git("commit-tree", "-m", "off", "HEAD^{tree}"))
    persons = {(row.name, row.email): row.num_commits for row in mine(git)["identities"]}
    assert persons == {
        ("Ada Byte", "ada@example.com"): 1,
        ("Bj\u00f6rn Ek", "bjorn@example.com"): 3,
        ("Cleo Doe", "cleo@example.com"): 1,
        ("Dan", "dan@x.org"): 1,
    }


def test_source_files_and_their_reasons(git: Git) -> None:
    git.write("bad.py", "def f(:\n")
    git.write("pkg/vendor/lib.js", "var a = 1;\n")
    git.write("docs/guide.md", "# Guide\n")
    git.write("setup.cfg", "[metadata]\n")
    git.write("empty.py", "")
    git.write("blank.py", " \n")
    git.write("image.png", b"\x89PNG\0\0")
    git.write("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 1\n")
    git.write("latin.py", b"# caf\xe9\nx = 1\n")
    git.write("wide.txt", "hello w\u00f6rld\n".encode("utf-16"))
    git.write("bom.py", b"\xef\xbb\xbfx = 1\n")
    git.write("noise.txt", bytes(range(128, 256)) * 3)
    (git.folder / "link").symlink_to("cart.py")
    git("add", "--all")
    sha = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{sha},module")
    weird = os.fsencode(git.folder) + b'/caf\xe9 "q".py'
    Path(os.fsdecode(weird)).write_text("x = 1\n")
    git("add", "--", os.fsdecode(b'caf\xe9 "q".py'))
    git.commit_index("Files")
    rows = mine(git)
    files: dict[str, SourceFile] = {row.path: row for row in rows["source_files"]}
    assert reasons(rows, "source_files") == [
        "binary", "binary", "empty", "empty", "not_a_file", "not_a_file", "undecodable",
    ]  # fmt: skip
    assert files["bad.py"].parse_status == "errors"
    assert files["cart.py"].parse_status == "ok"
    assert files["docs/guide.md"].is_documentation
    assert files["setup.cfg"].is_configuration
    assert files["pkg/vendor/lib.js"].is_vendored
    assert files["latin.py"].text == "# caf\u00e9\nx = 1\n"
    assert files["wide.txt"].text == "hello w\u00f6rld\n"
    assert files["bom.py"].text == "x = 1\n"
    assert 'caf\\xe9 "q".py' in files
    assert (files["cart.py"].num_lines, files["cart.py"].num_bytes) == (3, 18)
    (row,) = rows["repositories"]
    assert row.head_commit == git("rev-parse", "HEAD")


def test_ranges_and_merge_bases_are_those_of_git(git: Git) -> None:
    for index in range(12):
        git("checkout", "--quiet", "-b", f"b{index}", f"HEAD~{index % 2}")
        git.commit(f"c{index}", **{f"f{index}__py": "x\n"})
        if index % 3 == 2:
            git.merge(f"merge {index}", f"b{index - 1}")
    tips = [git("rev-parse", f"b{index}") for index in range(12)]
    with open_repository(str(git.folder)) as repository:
        history = read_history(repository, tips[-1], tips)
    for ours in tips:
        for theirs in tips[::2]:
            commits, base = history.split(ours, theirs)
            assert sorted(commits) == sorted(git("rev-list", f"{ours}..{theirs}").split())
            assert base in git("merge-base", "--all", ours, theirs).split()


def test_accounts_of_merged_branches_are_identities_unless_many_write_there(git: Git) -> None:
    authors = ["Ada Byte", "Bo Loop", "Cy Fork"]
    for number, (author, account) in enumerate(
        [*((author, "bigcorp") for author in authors), (authors[1], "bloop")], start=1
    ):
        git.author(author, f"{author[:2].lower()}@example.com")
        git("checkout", "--quiet", "-b", f"b{number}")
        git.commit(f"change {number}")
        git("checkout", "--quiet", "main")
        git.merge(f"Merge pull request #{number} from {account}/b{number}", f"b{number}")
    accounts = [row for row in mine(git)["identities"] if "noreply" in row.email]
    assert [(row.name, row.email, row.num_commits) for row in accounts] == [
        ("bloop", "bloop@users.noreply.github.com", 1)
    ]


def test_a_repository_names_its_root_commits(git: Git, tmp_path: Path) -> None:
    own = git("rev-list", "--max-parents=0", "HEAD").strip()
    git("checkout", "--quiet", "--orphan", "library")
    others = [git.commit("Begin the library", lib__py="y = 1\n")]
    git("checkout", "--quiet", "main")
    git("merge", "--quiet", "--allow-unrelated-histories", "-m", "Join the library", "library")
    git("checkout", "--quiet", "--orphan", "pages")
    git.commit("Another line, not merged", page__md="z\n")
    git("checkout", "--quiet", "main")
    (row,) = mine(git)["repositories"]
    assert row.root_commits == (own, *others)
    shallow = tmp_path / "shallow"
    git("clone", "--quiet", "--depth=1", f"file://{git.folder}", str(shallow))
    (row,) = mine(shallow)["repositories"]
    assert row.root_commits == ()
