"""Rules of secret formats: the data file, what they find, what they leave alone.

Secrets are put together at run time, so that scanners do not stop at this file.
"""

import random
import re
import string
import sysconfig
from pathlib import Path

import pytest
import re2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.randomness import looks_random
from transforms.anonymize.recognizers import ShapeRecognizer
from transforms.anonymize.secret_rules import format_shapes, secret_rules

ALNUM = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
HEX = "0123456789abcdef"
SHAPES = format_shapes()
RECOGNIZER = ShapeRecognizer("formats", SHAPES)
PSEUDONYMS = Pseudonyms(b"k" * 32)

# (rule, mark, alphabet and length of the body)
MARKED = [
    ("github-token", "gh" + "p_", (ALNUM, 36)),
    ("gitlab-token", "gl" + "pat-", (ALNUM, 20)),
    ("aws-access-key-id", "AK" + "IA", (string.ascii_uppercase + "234567", 16)),
    ("slack-token", "xo" + "xb-123456789012-", (ALNUM, 24)),
    ("stripe-key", "sk" + "_live_", (ALNUM, 24)),
    ("gcp-api-key", "AI" + "za", (ALNUM, 35)),
    ("npm-token", "np" + "m_", (ALNUM, 36)),
    ("digitalocean-token", "do" + "p_v1_", (HEX, 64)),
    ("docker-token", "dckr" + "_pat_", (ALNUM, 27)),
    ("tailscale-key", "ts" + "key-auth-", (ALNUM, 12)),
    ("huggingface-token", "h" + "f_", (string.ascii_letters, 34)),
    ("password-hash-bcrypt", "$2" + "b$12$", (ALNUM, 53)),
    ("wireguard-key", "Private" + "Key = ", (ALNUM, 43)),
]
LINES = ["token = '{}'", "{}", '  "value": "{}",', "export X={}  # old", "call({!r})"]

UNMARKED = [
    ("algolia_api_key = '{}'", 32),
    ("export DROPBOX_TOKEN={}", 15),
    ('"linkedInClientId": "{}"', 14),
    ("zendesk: {}", 40),
    ("myEtsy = `{}`", 24),
    ("const unheardOf = {{ apiKey: '{}' }}", 27),
    ("unheard.of SECRET {}", 40),
    ("unheardof_TOKEN={}", 18),
    ("unheardof = {}", 44),
    ("acme_{}", 40),
    ("ENV API_TOKEN={}", 20),
    ("acme_access_key_X-{}", 36),
]


def body_of(alphabet: str, length: int, seed: int) -> str:
    """A body that has letters, and digits where the alphabet has some."""
    dice = random.Random(seed)
    body = [dice.choice(alphabet) for _ in range(length - 2)]
    return "".join([*body, alphabet[-1], alphabet[0]])


def found(text: str) -> list[tuple[str, str]]:
    """(rule, value) of each finding."""
    results = RECOGNIZER.analyze(text, ["SECRET"], None)
    return [(one.recognition_metadata["rule"], text[one.start : one.end]) for one in results]


def replaced(text: str) -> str:
    """The text with the longest finding at each place replaced."""
    values = sorted({value for _, value in found(text)}, key=len, reverse=True)
    for value in values:
        text = text.replace(value, PSEUDONYMS.secret(value))
    return text


def test_the_data_file_states_each_rule_in_full() -> None:
    rules = secret_rules()
    ids = [rule["id"] for rule in [*rules["format"], *rules["service"]]]
    assert len(ids) == len(set(ids)) > 400
    for rule in rules["format"]:
        assert rule["what"], rule
        assert 0 <= rule["min_bits"] < 6, rule
        assert re2.compile(rule["pattern"]).groupindex.keys() == {"v"}, rule
    for rule in rules["service"]:
        assert re.fullmatch(r"uuid|(digit|hex|alnum|dash|base64) \d+(-\d+)?", rule["value"]), rule
    for rule in [*rules["format"], *rules["service"]]:
        assert re.match(r"gitleaks$|kingfisher$|https://\S+$", rule["origin"]), rule


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_a_pattern_matches_its_trigger_matches(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(secret_rules()["format"]))
    text = data.draw(st.from_regex(re.compile(rule["pattern"], re.ASCII), fullmatch=True))
    matched = re2.search(rule["pattern"], text)
    assert matched is None or re2.search(rule["trigger"], text), rule["id"]


@given(st.sampled_from(MARKED), st.sampled_from(LINES), st.integers(0, 10**6))
def test_the_body_of_a_marked_token_is_found_and_its_mark_stays(
    marked: tuple[str, str, tuple[str, int]], line: str, seed: int
) -> None:
    rule, mark, (alphabet, length) = marked
    end = "=" if rule == "wireguard-key" else "-" + "9Kd3" * 5 if rule == "tailscale-key" else ""
    token = mark + body_of(alphabet, length, seed) + end
    values = [value for name, value in found(line.format(token)) if name == rule]
    assert len(values) == 1
    assert token.endswith(values[0])
    assert mark.rstrip("-0123456789") in token.removesuffix(values[0])


@given(st.sampled_from(MARKED), st.sampled_from(LINES), st.integers(0, 10**6))
def test_the_pseudonym_of_a_marked_token_is_not_found(
    marked: tuple[str, str, tuple[str, int]], line: str, seed: int
) -> None:
    assert found(replaced(line.format(marked[1] + body_of(*marked[2], seed)))) == []


@given(st.sampled_from(UNMARKED), st.integers(0, 10**6))
def test_the_pseudonym_of_an_unmarked_value_is_not_found(
    unmarked: tuple[str, int], seed: int
) -> None:
    line, length = unmarked
    assert found(replaced(line.format(body_of(LOWER, length, seed)))) == []


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("line", "length"), UNMARKED)
def test_a_value_without_a_mark_is_found_by_what_stands_before_it(
    line: str, length: int, seed: int
) -> None:
    value = body_of(LOWER, length, seed)
    assert any(value in one for _, one in found(line.format(value)))


@pytest.mark.parametrize(
    "line",
    [
        "public_key = '{}'",
        "sha256: {}",
        "integrity: sha512-{}",
        "version_of_api = '{}'",
        "https://example.com/tree/{}",
        "SetSysctl = '{:.24}'",
    ],
)
def test_public_and_compared_values_stay(line: str) -> None:
    assert found(line.format(body_of(ALNUM, 40, 1))) == []


@pytest.mark.parametrize(
    "line",
    [
        'token = "test_client_secret_basic_auth2"',
        "key = get_session_token_for_user_name1(request)",
        'ALLOWED_KEY = "abcdefghijklmnopqrstuvwxyz0123456789"',
        "api = 'rc0.15.0_20231217_1420-SNAPSHOT'",
        "key: AKIA" + "XXXXXXXXXXXXXXXX",
        "aws_access_key: AKIA" + "IOSFODNN7EXAMPLE",
        "secretSize must be >= XXH3_SECRET_SIZE_MIN",
        "keyPressed = kVK_ANSI_KeypadMultiply.u16",
        "ACCESS_TOKEN_URL = 'https://login.example.com/oauth/access_token'",
        "password_validators = django.contrib.auth.password_validation",
    ],
)
def test_names_samples_and_alphabets_stay(line: str) -> None:
    assert found(line) == []


def test_clean_code_has_next_to_nothing() -> None:
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    num_found = sum(len(found(text)) for text in texts)
    assert num_found <= sum(map(len, texts)) / 500_000


@pytest.mark.parametrize("alphabet", [ALNUM, HEX, string.ascii_uppercase + "234567"])
def test_drawn_letters_look_random(alphabet: str) -> None:
    num_random = sum(looks_random(body_of(alphabet, 32, seed)) for seed in range(1000))
    assert num_random >= 990


@pytest.mark.parametrize("name", ["getInt32FromBase64String", "sha256WithRSAEncryption", "a" * 40])
def test_names_do_not_look_random(name: str) -> None:
    assert not looks_random(name)
