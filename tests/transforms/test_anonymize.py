"""Properties of the text anonymizer: same person same pseudonym, lines kept, nothing twice."""

import stat
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.discussion import Identity
from schemas.errors import ConfigError
from transforms.anonymize.config import AnonymizeConfig, create_key, key_fingerprint, read_key
from transforms.anonymize.text import TextAnonymizer

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
JANE = Identity(name="Jane Doerenberg", email="Jane.Doerenberg@northwind.io")
JANE_AT_GITHUB = Identity(name="Jane Doerenberg", email="77+janedoer@users.noreply.github.com")
ZOE = Identity(name="Zo\u00eb Brannstrup", email="zoe@brannstrup.dk")
PETER = Identity(name="peterpan42", email="pp@neverland.dk")
PEOPLE = [JANE, JANE_AT_GITHUB, ZOE, PETER]
CONFIG = AnonymizeConfig(deny_list=("Acme Pay", "hulltrack"), employee_id_pattern="EMP-[0-9]{6}")
RAW = [
    "Jane Doerenberg",
    "JANE DOERENBERG",
    "jane_doerenberg",
    "jdoerenberg",
    "jane.doerenberg@northwind.io",
    "Jane.Doerenberg+git@northwind.io",
    "janedoer",
    "Zoe Brannstrup",
    "Zo\u00eb Brannstrup",
    "peterpan42",
    "someone.else@elsewhere.org",
    "52.4.8.15",
    "2a00:1450:4001:81b::200e",
    "3c:22:fb:aa:bb:cc",
    "4485 2759 4910 3307",
    "DE89 3704 0044 0532 0130 00",
    "+49 30 1234 5678",
    "212-867-5309",
    "SSN: 536-90-4399",
    "EMP-482913",
    "db-7.berlin.corp",
    "ghp" + "_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "postgres" + "://billing:" + "Quay4Mizzen@db.northwind.io/x",
    "pass" + 'word = "Kelp!bight+7719"',
]
FORMS_OF_NAMES = ["AcmePay", "acme_pay", "ACME-PAY", "HullTrack", "hull_track", "HULLTRACK"]
FILLERS = [
    "def f(x):",
    "return",
    "x = 1",
    "# see",
    "\u00e9",
    "a@b",
    "::",
    "{}",
    "\\n",
    "\U0001f642",
    "\r",
    "\x0c",
]
JOINTS = st.sampled_from([" ", "\n", "\n\n", " \n", "; ", '"', "'", " <", "> ", " (", ") ", "\t"])


@pytest.fixture(scope="module")
def anonymizer() -> TextAnonymizer:
    return TextAnonymizer(CONFIG, KEY, PEOPLE)


@st.composite
def texts(draw: st.DrawFn) -> str:
    pieces = st.sampled_from(RAW + FORMS_OF_NAMES + FILLERS)
    parts = draw(st.lists(st.tuples(pieces, JOINTS), max_size=12))
    return "".join(piece + joint for piece, joint in parts)


@given(text=texts(), prose=st.booleans())
@settings(deadline=None, max_examples=300)
def test_no_planted_value_survives_and_lines_stay(
    anonymizer: TextAnonymizer, text: str, prose: bool
) -> None:
    fresh = anonymizer.text(text, prose=prose)
    assert fresh.count("\n") == text.count("\n")
    assert len(fresh.splitlines()) == len(text.splitlines())
    for raw in RAW + FORMS_OF_NAMES:
        assert raw not in fresh


@given(text=texts(), prose=st.booleans())
@settings(deadline=None, max_examples=300)
def test_anonymizing_twice_changes_nothing(
    anonymizer: TextAnonymizer, text: str, prose: bool
) -> None:
    once = anonymizer.text(text, prose=prose)
    assert anonymizer.text(once, prose=prose) == once


@given(text=texts())
@settings(deadline=None, max_examples=150)
def test_a_line_is_replaced_the_same_way_wherever_it_stands(
    anonymizer: TextAnonymizer, text: str
) -> None:
    by_line = [anonymizer.text(line) for line in text.split("\n")]
    assert anonymizer.text(text) == "\n".join(by_line)


def test_one_person_has_one_tag_in_every_form(anonymizer: TextAnonymizer) -> None:
    jane = anonymizer.identity(JANE)
    tag = jane.email.removeprefix("user-").removesuffix("@example.com")
    assert anonymizer.identity(JANE_AT_GITHUB) == jane
    forms = "Jane Doerenberg|JANE DOERENBERG|jane.doerenberg+x@NORTHWIND.io|@janedoer|jdoerenberg"
    name, shout, email, handle, login = anonymizer.text(forms, prose=True).split("|")
    assert name == shout == jane.name
    assert name.endswith("-" + tag[:8])
    assert email == jane.email
    assert handle == f"@user_{tag}"
    assert login == f"user_{tag}"


def test_people_differ_and_an_accent_does_not(anonymizer: TextAnonymizer) -> None:
    names = {anonymizer.identity(person).name for person in PEOPLE}
    assert len(names) == 3
    assert anonymizer.text("Zoe Brannstrup") == anonymizer.text("Zo\u00eb Brannstrup")
    assert anonymizer.text("Zoe\u0308 Brannstrup") == anonymizer.text("Zo\u00eb Brannstrup")


def test_rows_in_any_order_give_the_same_pseudonyms() -> None:
    forward, backward = (TextAnonymizer(CONFIG, KEY, rows) for rows in (PEOPLE, PEOPLE[::-1]))
    for raw in RAW:
        assert forward.text(raw) == backward.text(raw)


def test_another_key_shares_no_pseudonym(anonymizer: TextAnonymizer) -> None:
    other = TextAnonymizer(CONFIG, OTHER_KEY, PEOPLE)
    for raw in RAW + FORMS_OF_NAMES:
        one, two = anonymizer.text(raw), other.text(raw)
        assert one != two, raw
    assert anonymizer.identity(JANE) != other.identity(JANE)


def test_code_names_keep_the_casing_of_each_place(anonymizer: TextAnonymizer) -> None:
    line = "AcmePayClient acme_pay ACME_PAY_URL acme-pay com.acme.pay acmePay"
    fresh = anonymizer.text(line).split()
    stem = fresh[1].replace("_", "")
    assert [word.lower().replace("_", "").replace("-", "").replace(".", "") for word in fresh] == [
        stem + "client", stem, stem + "url", stem, "com" + stem, stem,
    ]  # fmt: skip
    assert fresh[0][0].isupper()
    assert fresh[2].isupper()
    assert "-" in fresh[3]
    assert fresh[5][0].islower()


@pytest.mark.parametrize("line", ["pacmepayment", "spaceme paying", "hulltracking", "chulltrack"])
def test_code_names_need_the_bounds_of_a_word_part(anonymizer: TextAnonymizer, line: str) -> None:
    assert anonymizer.text(line) == line


def test_shared_accounts_and_bots_stay(anonymizer: TextAnonymizer) -> None:
    github = Identity(name="GitHub", email="noreply@github.com")
    bot = Identity(name="dependabot[bot]", email="4+dependabot[bot]@users.noreply.github.com")
    assert anonymizer.identity(github) == github
    assert anonymizer.identity(bot) == bot
    assert anonymizer.identity(Identity(name="root", email="root@localhost")).name == "root"


@pytest.mark.parametrize(
    "person",
    [
        Identity(name="Jane Doerenberg [bot]", email="jane.doerenberg[bot]@corp.dk"),
        Identity(name="Jane Doerenberg", email="jane[bot]@users.noreply.github.com.corp.dk"),
        Identity(name="[bot] Jane Doerenberg", email="5+jane doerenberg[bot]@corp.dk"),
    ],
)
def test_a_person_who_is_called_a_bot_goes(person: Identity) -> None:
    anonymizer = TextAnonymizer(AnonymizeConfig(), KEY, [person])
    fresh = anonymizer.identity(person)
    assert "oerenberg" not in fresh.name
    assert fresh.email.endswith("@example.com")
    assert "oerenberg" not in anonymizer.text("by Jane Doerenberg")


def test_everyday_words_are_no_seeds() -> None:
    rows = [
        Identity(name="Core", email="test@core.dk"),
        Identity(name="Test User", email="me@x.dk"),
    ]
    line = "from core import test, build  # Test User of the core"
    assert TextAnonymizer(AnonymizeConfig(), KEY, rows).text(line) == line


def test_a_first_name_alone_is_replaced_as_an_author_only() -> None:
    john = Identity(name="John", email="john@corp.dk")
    anonymizer = TextAnonymizer(AnonymizeConfig(), KEY, [john])
    assert anonymizer.text("hello John") == "hello John"
    assert anonymizer.identity(john).name.startswith("User_")
    assert "corp" not in anonymizer.text("john@corp.dk")


def test_a_path_keeps_its_depth(anonymizer: TextAnonymizer) -> None:
    path = "/home/janedoer//acme_pay/Jane Doerenberg/a.b@northwind.io.txt"
    fresh = anonymizer.path(path)
    assert fresh.count("/") == path.count("/")
    assert [part == "" for part in fresh.split("/")] == [part == "" for part in path.split("/")]
    assert fresh.split("/")[2] == anonymizer.text("janedoer")
    assert not any(raw in fresh for raw in ("janedoer", "acme", "Jane", "northwind"))


def test_names_after_an_escape_are_seen_and_the_escape_is_kept(anonymizer: TextAnonymizer) -> None:
    fresh = anonymizer.text(r'x = "\njane.doerenberg@northwind.io\tJane Doerenberg\njdoerenberg"')
    assert fresh.startswith(r'x = "\nuser-')
    assert fresh.count("\\n") == 2
    assert "oerenberg" not in fresh


def test_clean_code_stays_as_it_is(anonymizer: TextAnonymizer) -> None:
    stdlib = Path(sysconfig.get_path("stdlib"))
    files = sorted(stdlib.glob("*.py")) + sorted((stdlib / "asyncio").glob("*.py"))
    num_bytes = num_changed = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        pairs = zip(text.split("\n"), anonymizer.text(text).split("\n"), strict=True)
        # Authors' addresses are personal data, rightly replaced.
        num_changed += sum(old != new and "@" not in old for old, new in pairs)
        num_bytes += len(text)
    assert num_bytes > 3_000_000
    assert num_changed / num_bytes * 100_000 < 0.5


@pytest.mark.parametrize("path", ["json:JSONDecoder", "json:loads", "json", "nowhere:Class", ""])
def test_what_is_no_recognizer_is_named(path: str) -> None:
    with pytest.raises(ConfigError, match=f"anonymize.extra_recognizers: '{path}'"):
        TextAnonymizer(AnonymizeConfig(extra_recognizers=(path,)), KEY, [])


def test_keys_are_private_long_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "anonymize.key"
    key = create_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_key(path) == key
    assert len(key) >= 32
    assert key_fingerprint(key) != key_fingerprint(OTHER_KEY)
    assert key.decode() not in key_fingerprint(key)
    with pytest.raises(ConfigError, match="exists"):
        create_key(path)
    (tmp_path / "short").write_bytes(b"x" * 31)
    with pytest.raises(ConfigError, match="31 bytes"):
        read_key(tmp_path / "short")
    with pytest.raises(ConfigError, match="key_file"):
        read_key(tmp_path / "absent")


@pytest.mark.parametrize("values", [{"times": "hour"}, {"deny_list": ("ab",)}])
def test_settings_that_cannot_work_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        AnonymizeConfig(**values)  # type: ignore[arg-type] # one wrong value per case
