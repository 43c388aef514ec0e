"""Pull requests that `mine` finds in small repositories, made by git itself."""

from pathlib import Path

import pytest
from mined import Git, branch_with_two_commits, mine, new_shop, pulls, reasons

from transforms.patch import apply_hunks, parse_hunks


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return new_shop(tmp_path)


def test_merge_commit(git: Git) -> None:
    base = git("rev-parse", "HEAD")
    head = branch_with_two_commits(git)
    message = "Merge pull request #12 from bob/fix\n\nFix rounding\n\n<!-- say why -->Closes #8"
    merge = git.merge(message, "fix")
    git.pull(12, head)
    pull = pulls(git)[12]
    assert (pull.state, pull.merge_kind) == ("merged", "merge")
    assert (pull.title, pull.body) == ("Fix rounding", "Closes #8")
    assert (pull.base_commit, pull.head_commit, pull.merge_commit) == (base, head, merge)
    assert pull.author.name == "Bob Fork"
    assert [commit.message.split("\n")[0] for commit in pull.commits] == [
        "Make b right", "Add a test",
    ]  # fmt: skip
    assert [issue.number for issue in pull.linked_issues] == [7, 8]
    assert [(file.path, file.status) for file in pull.files] == [
        ("cart.py", "modified"), ("test_cart.py", "added"),
    ]  # fmt: skip
    cart, test = pull.files
    assert cart.patch == "@@ -1,3 +1,3 @@\n a = 1\n-b = 2\n+b = 20\n c = 3\n"
    assert (cart.base_content, cart.num_added, cart.num_deleted) == ("a = 1\nb = 2\nc = 3\n", 1, 1)
    assert (test.base_content, test.is_test, test.language) == (None, True, "python")
    assert pull.merged_at is not None
    assert pull.merged_at.isoformat() == "2023-11-14T22:18:20+00:00"
    assert pull.license == "Apache-2.0"


def test_squash_commit_with_and_without_its_branch(git: Git) -> None:
    head = branch_with_two_commits(git)
    base = git("rev-parse", "HEAD")
    git("merge", "--quiet", "--squash", "fix")
    squash = git.commit_index("Fix rounding (#12)\n\nResolves: #9, fixes #12")
    alone = pulls(git)[12]
    assert (alone.merge_kind, alone.base_commit, alone.merge_commit) == ("squash", base, squash)
    assert [commit.sha for commit in alone.commits] == [squash]
    assert alone.title == "Fix rounding"
    assert [issue.number for issue in alone.linked_issues] == [9]
    git.pull(12, head)
    whole = pulls(git)[12]
    assert [commit.message.split("\n")[0] for commit in whole.commits] == [
        "Make b right", "Add a test",
    ]  # fmt: skip
    assert whole.files == alone.files
    assert whole.head_commit == head


def test_a_squash_that_names_the_number_of_another_branch_stands_alone(git: Git) -> None:
    head = branch_with_two_commits(git)
    squash = git.commit("Sell more (#12)", sales__py="x = 1\n")
    git.pull(12, head)
    pull = pulls(git)[12]
    assert [commit.sha for commit in pull.commits] == [squash]
    assert pull.head_commit == squash


def test_long_messages_are_cut(git: Git) -> None:
    git.commit("Title (#1)\n\n" + "\u00e9" * 100, one__py="x = 1\n")
    pull = pulls(git, max_message_bytes=51)[1]
    assert pull.commits[0].message == "Title (#1)\n\n" + "\u00e9" * 19
    assert pull.body == "\u00e9" * 19


def test_a_patch_in_another_encoding_than_its_utf_8_file_is_left_out(git: Git) -> None:
    git.commit("Words", a__txt="caf\u00e9 au lait\n")
    git.commit("More (#4)", a__txt="caf\u00e9 au lait\n".encode() + b"gar\xe7on\n", b__txt="b\n")
    files = {file.path: file for file in pulls(git)[4].files}
    assert (files["a.txt"].patch, files["a.txt"].base_content) == ("", None)


def test_rebase_is_told_by_patches(git: Git) -> None:
    head = branch_with_two_commits(git)
    fork = git("merge-base", "main", "fix")
    git.minute += 10
    git("cherry-pick", f"{fork}..fix")
    git.pull(12, head)
    pull = pulls(git)[12]
    assert (pull.state, pull.merge_kind) == ("merged", "rebase")
    assert (pull.base_commit, pull.merge_commit) == (fork, git("rev-parse", "main"))
    assert len(pull.commits) == len(pull.files) == 2


def test_a_head_that_changes_something_else_is_not_called_merged(git: Git) -> None:
    head = branch_with_two_commits(git)
    git("cherry-pick", f"{head}~1")
    git.pull(12, head)
    assert pulls(git) == {}
    pull = pulls(git, include_unmerged=True)[12]
    assert (pull.state, pull.merge_kind, pull.merge_commit) == ("unknown", "none", None)


def test_merges_by_hand_are_found_by_their_heads_and_fast_forwards_may_be_resets(git: Git) -> None:
    head = branch_with_two_commits(git)
    git.merge("Merge branch 'fix'", "fix")
    git.pull(12, head)
    last = git.commit("Speed up", cart__py="a = 1\n")
    git.pull(13, last)
    found = pulls(git)
    assert [(n, found[n].merge_kind, len(found[n].commits)) for n in found] == [(12, "none", 2)]
    fast_forward = pulls(git, include_unmerged=True)[13]
    assert (fast_forward.state, fast_forward.merge_commit) == ("unknown", None)


@pytest.mark.parametrize(
    ("message", "number", "title"),
    [
        ("Fix rounding (#12)", 12, "Fix rounding"),
        ("Merge branch 'x' into 'main'\n\nFix\n\nAs in\nSee merge request a/b!3\n\n"
         "See merge request a/shop!12", 12, "Fix"),
        ("Merge branch 'fix' into 'main'\n\nFix rounding\n\nSee merge request a/shop!12", 12,
         "Fix rounding"),
        ("Merged in fix (pull request #12)\n\nFix rounding", 12, "Fix rounding"),
        ("Merge pull request #12 from bob/fix", 12, "Make b right"),
    ],
)  # fmt: skip
def test_forms_of_merge_messages(git: Git, message: str, number: int, title: str) -> None:
    branch_with_two_commits(git)
    git.merge(message, "fix")
    pull = pulls(git)[number]
    assert (pull.title, pull.merge_kind, len(pull.commits)) == (title, "merge", 2)


def test_numbers_of_another_repository_are_not_believed(git: Git) -> None:
    git("checkout", "--quiet", "-b", "fork-fix")
    git.commit("fix", fork__py="x = 2\n")
    git("checkout", "--quiet", "-b", "fork-main", "main")
    git.merge("Merge pull request #3 from me/fork-fix\n\nIn my fork", "fork-fix")
    git.commit("Other (#4)", more__py="y = 1\n")
    git("checkout", "--quiet", "main")
    git.merge("Merge pull request #12 from me/fork-main\n\nBig work", "fork-main")
    assert list(pulls(git)) == [12]
    git.pull(3, git("rev-parse", "fork-fix"))
    assert list(pulls(git)) == [3, 12]


def test_empty_merge_octopus_and_bot(git: Git) -> None:
    git("checkout", "--quiet", "-b", "empty")
    git.commit("Nothing")
    for name in ("one", "two"):
        git("checkout", "--quiet", "-b", name, "main")
        git.commit(name, **{f"{name}__py": "x = 1\n"})
    git("checkout", "--quiet", "main")
    git.merge("Merge pull request #1 from a/empty\n\nNothing", "empty")
    git.merge("Merge pull request #2 from a/two\n\nBoth", "one", "two")
    git.author("dependabot[bot]", "1+dependabot[bot]@users.noreply.github.com")
    git.commit("Bump x (#3)", requirements__txt="x==2\n")
    rows = mine(git)
    assert reasons(rows, "pull_requests") == ["bot", "no_text_change"]
    (octopus,) = rows["pull_requests"]
    assert [file.path for file in octopus.files] == ["two.py"]
    assert 3 in pulls(git, drop_bots=False)


def test_renames_binaries_links_and_encodings_in_a_pull_request(git: Git) -> None:
    long = "".join(f"line {index}\n" for index in range(40))
    git.commit("Files", long__txt=long, pic__bin=b"\0\1", latin__txt=b"caf\xe9 au lait, garcon\n")
    git("mv", "long.txt", "moved.txt")
    git.write("moved.txt", long.replace("line 7\n", "line seven\n"))
    git.write("pic.bin", b"\0\2")
    git.write("latin.txt", b"caf\xe9 au lait, gar\xe7on\n")
    git.write("crlf.txt", "a\r\nb\x0c\u2028c")
    (git.folder / "link").symlink_to("cart.py")
    git.write("cart.py", "a = 1\nb = 2\nc = 3")
    git.commit("Change all (#5)")
    files = {file.path: file for file in pulls(git)[5].files}
    moved = files["moved.txt"]
    assert (moved.status, moved.old_path, moved.num_added) == ("renamed", "long.txt", 1)
    assert moved.base_content == long
    assert (files["pic.bin"].patch, files["pic.bin"].base_content) == ("", None)
    assert (files["link"].patch, files["link"].base_content) == ("", None)
    latin = files["latin.txt"]
    assert apply_hunks(latin.base_content or "", parse_hunks(latin.patch)) == (
        "caf\u00e9 au lait, gar\u00e7on\n"
    )
    assert apply_hunks("", parse_hunks(files["crlf.txt"].patch)) == "a\r\nb\x0c\u2028c"
    cart = files["cart.py"]
    assert apply_hunks(cart.base_content or "", parse_hunks(cart.patch)) == "a = 1\nb = 2\nc = 3"


def test_a_branch_on_a_squashed_branch_does_not_bring_that_one_in_again(git: Git) -> None:
    git("checkout", "--quiet", "-b", "one")
    git.pull(11, git.commit("Ten", cart__py="a = 10\nb = 2\nc = 3\n"))
    git("checkout", "--quiet", "-b", "two")
    git.pull(12, git.commit("Thirty", cart__py="a = 10\nb = 2\nc = 30\n"))
    git("checkout", "--quiet", "main")
    git.commit("Ten (#11)", cart__py="a = 10\nb = 2\nc = 3\n")
    squash = git.commit("Thirty (#12)", cart__py="a = 10\nb = 2\nc = 30\n")
    rows = pulls(git)
    assert [commit.message for commit in rows[11].commits] == ["Ten\n"]
    assert [commit.sha for commit in rows[12].commits] == [squash]
    assert rows[12].files[0].num_added == 1


def test_a_branch_that_moved_after_its_squash_stands_for_nothing(git: Git) -> None:
    git("checkout", "--quiet", "-b", "one")
    git.commit("Ten", cart__py="a = 10\nb = 2\nc = 3\n")
    git.pull(11, git.commit("Eleven", cart__py="a = 11\nb = 2\nc = 3\n"))
    git("checkout", "--quiet", "main")
    squash = git.commit("Ten (#11)", cart__py="a = 10\nb = 2\nc = 3\n")
    assert [commit.sha for commit in pulls(git)[11].commits] == [squash]


@pytest.mark.parametrize("has_heads", [True, False])
def test_every_number_on_the_default_branch_is_kept_or_counted(git: Git, has_heads: bool) -> None:
    """Of an issue, and of what a release branch says that was merged."""
    git("checkout", "--quiet", "-b", "release")
    git.commit("Of the release (#400)", release__py="x = 1\n")
    git("checkout", "--quiet", "main")
    git.merge("Merge branch 'release'", "release")
    for number in (*range(21, 41), 5):
        sha = git.commit(f"Change (#{number})", x__py=f"x = {number}\n")
        if has_heads and number != 5:
            git.pull(number, sha)
    rows = mine(git)
    lost = 2 if has_heads else 1
    assert len(rows["pull_requests"]) == 22 - lost
    assert reasons(rows, "pull_requests") == ["no_pull_request"] * lost


def test_a_first_commit_can_be_a_squash(tmp_path: Path) -> None:
    git = Git(tmp_path / "young")
    git.commit("Begin (#1)", a__py="a\n")
    pull = pulls(git)[1]
    assert (pull.base_commit, pull.files[0].status) == ("", "added")


def test_limits(git: Git) -> None:
    git.commit("Many (#1)", **{f"f{index}__py": "x\n" for index in range(5)})
    git.commit("Long (#2)", long__txt="word\n" * 1000)
    git.commit("Large only (#3)", large__txt="word\n" * 3000)
    git.commit("Large and small (#4)", large__txt="word\n" * 4000, small__txt="a\n")
    rows = mine(git, max_files=4, max_patch_bytes=4000, max_file_bytes=10_000)
    assert reasons(rows, "pull_requests") == ["too_large", "too_large", "too_many_files"]
    (pull,) = rows["pull_requests"]
    large, small = pull.files
    assert (large.patch, large.base_content) == ("", None)
    assert small.patch == "@@ -0,0 +1 @@\n+a\n"
    assert "too_large" in reasons(rows, "source_files")
    assert reasons(mine(git, max_total_bytes=10), "pull_requests") == ["too_large"] * 3
