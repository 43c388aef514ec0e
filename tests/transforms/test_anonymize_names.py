"""Names of persons in prose and in comments, by `find_names`. All persons are invented."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.anonymize.names import find_names

FULL_NAMES = (
    "Jane Doe", "Katrine Sorensen", "Lucia Fernandez", "Yuki Tanaka", "Priya Sharma",
    "Oleksandr Kovalenko", "Mehmet Yilmaz", "Ngozi Okafor", "Marie-Claire Dubois",
    "Sean O'Brien", "Angus McDonald", "Jan van der Berg", "Rosa de la Cruz", "Kwame Mensah",
    "S\u00f8ren Kj\u00e6r", "\u017deljko Horvati\u0107", "John Q. Fairweather",
    "Zo\u00eb M\u00fcller", "Tom\u00e1\u0161 Nov\u00e1k", "Wei Zhang", "Hye-jin Park",
    "\u0418\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u043e\u0432", "Pieter den Hartog",
)  # fmt: skip
NO_NAMES = (
    "Add support for Python 3.13 and drop Ubuntu Focal.",
    "Jenkins and Travis run Jest, Mocha and Jasmine on Windows.",
    "The Julia language, the Gauss method and the Jordan River in Paris, Texas.",
    "Merge Branch Release into Main. Update Docker Compose and Apache Kafka on Monday.",
    "FooBar calls Rust from Ruby; see Amazon Web Services and Google Cloud.",
    "Rename Will_Smith to Jane.Doe() and @Jane/Doe in `Jane` and /home/Jane.",
    "Mark it Done. Will Change. Grace Period. Bill Total. Max Value. Rich Text.",
    "In April and May we met in Berlin, London and Washington.",
    "Don't use it. Let's go. It's Jasper Reports by Jaspersoft Inc.",
)


def names(text: str, language: str = "", stop: frozenset[str] = frozenset()) -> list[str]:
    return [text[start:end] for start, end in find_names(text, language, stop)]


@pytest.mark.parametrize("name", FULL_NAMES)
@pytest.mark.parametrize(
    "frame",
    [
        "Thanks to {} for the patch.",
        "I asked {} about it yesterday",
        "{} reported this in the meeting.",
        "Hi {},\n\nthe build is green again.",
        "The fix is good (see the mail of {}).",
        "reviewed by: {}",
    ],
)
def test_full_names_are_found_whole_in_prose(frame: str, name: str) -> None:
    assert names(frame.format(name)) == [name]


@pytest.mark.parametrize("text", NO_NAMES)
def test_products_places_months_and_code_words_are_no_names(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ping Katrine, she knows.", ["Katrine"]),
        ("According to Mr. Zzyzx the port is closed", ["Zzyzx"]),
        ("My name is Qwintus Vrolik", ["Qwintus Vrolik"]),
        ("Ida Kowal wrote it; Kowal tested it; see Kowal's log", ["Ida Kowal", "Kowal", "Kowal"]),
        ("Co-authored-by: Amethyst Roe <aroe@corp.test>", ["Amethyst Roe"]),
        ("Co-authored-by: Copilot <noreply@corp.test>", []),
        ("thanks to katrine sorensen for that", ["katrine sorensen"]),
        ("authors: Kowalski, Fernandez and Okafor", ["Kowalski", "Fernandez", "Okafor"]),
        ("I work for Okafor Inc and live in Kowalski Street", []),
        ("As I said in the long mail from yesterday, that was Katrine\n  Sorensen who fixed it.",
         ["Katrine\n  Sorensen"]),
        ("Katrine Sorensen\nOkafor Ltd\nRiverside 5", ["Katrine Sorensen"]),
    ],
)  # fmt: skip
def test_what_stands_beside_a_word_decides(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_stop_words_win() -> None:
    text = "Thanks to Jane Doe and to katrine sorensen"
    assert names(text, stop=frozenset({"doe"})) == ["katrine sorensen"]
    assert names(text, stop=frozenset({"doe", "sorensen"})) == []


def test_a_text_in_another_language_needs_more_than_a_capital() -> None:
    german = (
        "Wenn Sie den Client im Browser starten, schreibt der Kern die Datei auf die Platte, und "
        "das Modul Martin liest sie wieder ein. Der Sommer kommt, Jansen bleibt. "
    ) * 4
    assert names(german) == []
    assert names(german + "Danke an Katrine Sorensen!") == ["Katrine Sorensen"]


COMMENTED = {
    "python": "# Written by Katrine Sorensen\nx = 'Written by Jane Doe'\n",
    "go": 'package a\n\n// Written by Katrine Sorensen\nvar x = "Written by Jane Doe"\n',
    "java": '/* Written by Katrine Sorensen */\nclass A { String x = "Written by Jane Doe"; }\n',
    "javascript": "const x = 'Written by Jane Doe' // Written by Katrine Sorensen\n",
    "c": '/*\n * Author: Katrine Sorensen\n */\nchar *x = "Written by Jane Doe";\n',
    "ruby": "# Author: Katrine Sorensen\nx = 'Written by Jane Doe'\n",
    "html": "<!-- Written by Katrine Sorensen -->\n<p>Written by Jane Doe</p>\n",
    "lua": "-- Written by Katrine Sorensen\nx = 'Written by Jane Doe'\n",
}


@pytest.mark.parametrize("language", COMMENTED)
def test_in_code_only_comments_count(language: str) -> None:
    assert names(COMMENTED[language], language) == ["Katrine Sorensen"]


def test_a_file_that_is_costly_to_parse_is_read_by_its_marks() -> None:
    code = "x = 1  # Written by Katrine Sorensen\ny = 'Written by Jane Doe'\n" + "z = 2\n" * 50_000
    assert names(code, "python") == ["Katrine Sorensen"]


def test_docstrings_count_and_other_strings_do_not() -> None:
    code = '''"""Written by Jane Doe."""
def f():
    # \u00fcber
    """By Katrine Sorensen."""
    g()
    """Written by Priya Sharma."""
    return "Written by Kwame Mensah"
'''
    assert names(code, "python") == ["Jane Doe", "Katrine Sorensen"]


@pytest.mark.parametrize(
    "comment",
    [
        "# Katrine Sorensen",
        "# see Simon Game",
        "# Rose Tree or Grace Period",
        "# Add Martin Katrine",
    ],
)
def test_in_code_a_name_needs_a_cue(comment: str) -> None:
    assert names(f"{comment}\nx = 1\n", "python") == []


@given(st.text(st.sampled_from("JaneDo .,\n-'\u00c9\u00e9\u0130#\"1_@<"), max_size=80))
def test_spans_are_disjoint_in_order_and_inside_the_text(text: str) -> None:
    for language in ("", "python", "lua"):
        spans = find_names(text, language)
        assert spans == sorted(spans)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert all(left[1] <= right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize(
    "piece",
    [
        "Jane ",
        "J. ",
        "Jane Doe <a",
        "A-",
        "jane doe ",
        "by Jane Doe\n",
        "O'",
        "Jane de la ",
        "Ab" * 9,
    ],
)
@pytest.mark.parametrize("language", ["", "lua"])
def test_hostile_text_has_disjoint_names_in_order(piece: str, language: str) -> None:
    text = piece * (400_000 // len(piece))
    ends = [at for span in find_names(text, language) for at in span]
    assert ends == sorted(ends)
    assert all(0 <= at <= len(text) for at in ends)


@pytest.mark.parametrize(
    "frame",
    [
        "{} is from Stillwater.", "My friend {} has a car.", "Hello {}, how are you?",
        "I met with {} yesterday.", "I told {} about it.", "{}'s wife called me.",
        "Best regards,\n{}\nKatydid Ltd", "{} was born in 1970.", "{} is my brother.",
        "{} and his dog", "Full name: {}", "Ask Jane Doe and {}.", "{}, a nurse from Ohio, left.",
    ],
)  # fmt: skip
def test_a_sentence_about_a_person_needs_no_list(frame: str) -> None:
    assert "Qzorvik" in names(frame.format("Qzorvik"))


@pytest.mark.parametrize(
    "text",
    [
        "I use Qzorvik.", "Qzorvik is fast.", "Start Qzorvik, then stop it.", "the Qzorvik client",
        "We moved to Hawkins.", "She works for Hawkins.", "set default is from config",
        "MARIA is a constant; SELECT MARIA FROM TABLE",
        "Co-Authored-By: Claude <noreply@corp.test>",
    ],
)  # fmt: skip
def test_other_sentences_make_no_person_of_a_word(text: str) -> None:
    assert names(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MARIA GARCIA called me", ["MARIA GARCIA"]),
        ("Dear MARIA, see below", ["MARIA"]),
        ("Thanks to Jane DOE", ["Jane DOE"]),
        ("i met with dorotea, and selma", ["dorotea"]),
        ("selma is from stillwater", ["selma"]),
        ("her maiden name is nyberg", ["nyberg"]),
    ],
)
def test_capitals_do_not_matter_where_the_sentence_tells(text: str, expected: list[str]) -> None:
    assert names(text) == expected
