"""Published sets of rules. In: nothing. Out: by profile, rules as a user would write them.

    PROFILES["swe-fixer"]  ->  ("not_in_swe_bench", "min_pull_requests=101", ...)

Left out is what rows cannot show or always are. Of The Stack v2: the opt-out list, which is not
public; pull requests whose base moved, since a row has one base; files over a million characters,
which are `mine.max_file_bytes`. Of SWE-rebench V2: what running the tests shows.
"""

PROFILES: dict[str, tuple[str, ...]] = {
    # github.com/bigcode-project/the-stack-v2, pull_requests_and_issues: util.py, render.py,
    # process_pr_events.py, process_commit_pairs.py; the paper is arXiv:2402.19173, section 2.3.
    # Where they differ the code counts: it takes 1,000,000 characters (the released training data
    # 100,000: "max_chars=100000"), and it exempts reviews from the 20 characters. Comments of
    # programs go as in the paper; Codecov's, which the code replaces by a mark, with them.
    "stack-v2": (
        "license=permissive-or-none",
        "sample_repository=100",
        "human_author=stack-v2",
        "merged_or_approved",
        "human_discussion=stack-v2",
        "keep_modified_files",
        "drop_extensions",
        "drop_low_alphanumeric=0.25",
        "drop_hex=0.25",
        "drop_long_files=100000",
        "drop_long_average_lines=100",
        "drop_long_lines=1000",
        "drop_markdown_without_english",
        "sample_data_files=0.1",
        "has_diff",
        "drop_bot_events=stack-v2",
        "strip_email_replies",
        "drop_events_with=codecov,qwiet",
        "no_description_words=qwiet",
        "strip_html_comments",
        "cut_lines=80",
        "min_description_chars=20",
        "drop_short_events=20",
        "cut_text=1000",
        "min_title_chars=10",
        "no_title_words=dependencies,dependency,depend,release",
        "cut_title=500",
        "min_chars=200",
        "max_chars=1000000",
    ),
    # arXiv:2602.23866; "long-tail" languages are all others.
    "swe-rebench-v2": (
        "license=permissive",
        "min_stars=python:25,java:25,go:25,other:10",
        "min_closed_issues=python:15,java:15,go:15,other:1",
        "linked_issue",
        "tests_changed",
    ),
    # arXiv:2509.23045, appendix A: natural diff patches.
    "kimi-dev": (
        "not_in_swe_bench",
        "min_stars=5",
        "merged",
        "only_extensions=py,md,rst",
        "no_added_or_deleted_files",
        "keep_languages=python",
        "has_diff",
        "max_python_files=3",
        "max_edit_blocks=5",
    ),
    # The same appendix: pull requests as packs of commits, which keep all their files.
    "kimi-dev-packs": (
        "not_in_swe_bench",
        "min_stars=5",
        "merged",
        "min_python_files=1",
        "max_python_files=5",
    ),
    # arXiv:2501.05040; "more than 100 pull requests". Issues by the host's word: the authors found
    # that closing keywords miss many.
    "swe-fixer": (
        "not_in_swe_bench",
        "min_pull_requests=101",
        "linked_issue_by_host",
        "parsable_patch",
        "max_non_test_files=3",
    ),
    # arXiv:2601.18418, the Python part of the contextual trajectories; tokens are estimated.
    "davinci-dev": (
        "not_in_swe_bench",
        "repository_languages=python",
        "min_stars=5",
        "human_author=known",
        "merged",
        "min_python_files=1",
        "max_python_files=5",
        "max_tokens=32768",
    ),
}
