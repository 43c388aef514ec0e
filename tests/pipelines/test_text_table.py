"""Text tables."""

from pipelines.text_table import MAX_CELL_CHARS, render_table


def test_numbers_stand_right_and_words_left() -> None:
    assert render_table([["mine", 1200], ["mix", 7]], ["stage", "read"]) == (
        "stage   read\nmine   1,200\nmix        7"
    )


def test_a_table_without_rows_is_its_head() -> None:
    assert render_table([], ["a", "bc"]) == "a  bc"


def test_long_cells_and_line_ends_are_folded() -> None:
    (_, line) = render_table([["a\nb" * 100]], ["text"]).split("\n")
    assert len(line) == MAX_CELL_CHARS
    assert line.endswith("...")
