"""Values beside a telling name: what is found, in which syntax, and what is left.

Secret-looking values are put together at run time, so that scanners do not stop at this file.
"""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.anonymize.assignments import find_assigned
from transforms.anonymize.json_web_keys import find_key_members
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.secret_values import name_family, surprise

PASSWORD = "Kv7!" + "qz0Rt"
TOKEN = "9f4c1e7ab2" + "d85036ce71"
LOGIN = "YXBwOkt2N3" + "F6MFJ0"
"""Base64 of "app:" and a password."""


def values(text: str, language: str) -> list[str]:
    """What is found, as text."""
    return [text[start:end] for start, end, _ in find_assigned(text, language)]


@pytest.mark.parametrize(
    ("language", "template"),
    [
        ("python", 'password = "{}"'),
        ("python", "self.db_password: str = '{}'"),
        ("python", 'password = (\n    "{}"\n)'),
        ("python", 'connect(user="x", password="{}")'),
        ("python", 'def login(user, password="{}"): pass'),
        ("python", 'os.environ["DB_PASSWORD"] = "{}"'),
        ("python", 'assert config["password"] == "{}"'),
        ("python", 'run("mysql --password={} -u root")'),
        ("python", "# the admin password: {}"),
        ("python", '"""\npassword={}\n"""'),
        ("javascript", "process.env['PGPASSWORD'] = '{}'"),
        ("javascript", "const options = {{ user: 'x', password: '{}' }}"),
        ("typescript", "this.secret = `{}`;"),
        ("java", 'config.setPassword("{}");'),
        ("java", 'properties.put("password", "{}");'),
        ("go", 'user := User{{Name: "x", Password: "{}"}}'),
        ("go", "conf := `\nusers = [ {{user: x, password: {}}} ]\n`"),
        ("ruby", "password => '{}'"),
        ("php", "$password = '{}';"),
        ("csharp", 'var c = "Server=db;Password={};Timeout=3";'),
        ("rust", 'let password = "{}";'),
        ("scala", 'val password = "{}"'),
        ("yaml", "spring:\n  password: {}"),
        ("yaml", "env:\n  - name: DB_PASSWORD\n    value: {}"),
        ("json", '{{"password": "{}"}}'),
        ("json", '{{"body": "{{\\"password\\": \\"{}\\"}}"}}'),
        ("toml", 'password = "{}"'),
        ("dotenv", "export DB_PASSWORD={}"),
        ("ini", "spring.datasource.password={}"),
        ("xml", "<password>{}</password>"),
        ("html", "<p>{{&#34;password&#34;: &#34;{}&#34;}}</p>"),
        ("sql", "CREATE USER app IDENTIFIED BY '{}';"),
        ("bash", "mysqldump --password={} shop"),
        ("bash", "curl -X POST -d password={} localhost"),
        ("markdown", "* Password: {}"),
    ],
)
def test_a_password_is_found_wherever_it_is_assigned(language: str, template: str) -> None:
    assert values(template.format(PASSWORD), language) == [PASSWORD]


@pytest.mark.parametrize(
    "template",
    ["token: {}", 'api_key = "{}"', "?access_token={}&x=1", 'client_secret => "{}"', 'nonce="{}"'],
)
def test_a_token_is_found(template: str) -> None:
    assert values(template.format(TOKEN), "text") == [TOKEN]


@pytest.mark.parametrize("template", ["Authorization: Basic {}", '"auth": "Basic {}"'])
def test_a_basic_login_is_found(template: str) -> None:
    assert values(template.format(LOGIN), "text") == [LOGIN]


@pytest.mark.parametrize(
    "password", ["Winter2024" + "!", "sommer-" + "87", "b4ckup" + "Server", "Tr0ub4dor" + "&3"]
)
def test_a_password_that_people_think_of_is_found(password: str) -> None:
    assert values(f'password = "{password}"', "python") == [password]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "password = read_line_2()"),
        ("python", "token = x7k9q2zz_w81"),
        ("python", "return {'token': a8f3k2q9}"),
        ("javascript", "const secret = q8z7k2.x9w1"),
        ("go", "opts.Password = p4w9k2x7"),
        ("go", "package p\n\nvar u = User{Password: p4w9k2x7}"),
        ("cpp", "template <typename T> void f() { password = q8z7k2x9w1; }"),
        ("python", 'password = "password"'),
        ("python", 'password = os.environ["DB_PASSWORD"]'),
        ("python", 'token_type = "bearer"'),
        ("python", 'key = "user_id"'),
        ("python", 'password = ""'),
        ("python", 'tokenize("x7k9q2zzw81")'),
        ("python", 'author = "x7k9q2zzw81"'),
        ("yaml", "password: ${DB_PASSWORD}"),
        ("yaml", "password: {{ vault_password }}"),
        ("yaml", "password:\n  min_length: 8"),
        ("yaml", "password: <your password>"),
        ("bash", 'PASSWORD="$1"'),
        ("text", "Forgot your password? Click here."),
        ("text", "key: 0x2000741e"),
    ],
)
def test_an_expression_or_a_placeholder_stays(language: str, text: str) -> None:
    assert values(text, language) == []


def test_a_literal_put_together_goes_as_a_whole() -> None:
    half = "q8Zk2Lw0" + "Xv5Tn3Rb"
    text = f'api_secret = "{half}" +\n  "{half[::-1]}"\nname = "x"\n'
    assert values(text, "javascript") == [half, half[::-1]]


def test_the_rule_names_the_family() -> None:
    text = f'password = "{PASSWORD}"; token = "{TOKEN}"'
    assert [rule for _, _, rule in find_assigned(text, "python")] == [
        "assigned-password",
        "assigned-token",
    ]
    assert name_family("X-Api-Key") == "api_key"
    assert name_family("colour") == "other"


def test_members_of_a_web_key_need_a_key_type() -> None:
    member = "GawgguFy" + "GrWKav7AX4VKUg"
    key = f'{{"kty": "oct", "k": "{member}", "alg": "A128KW"}}'
    assert values(key, "json") == [member]
    assert find_key_members(f'{{"type": "oct", "k": "{member}"}}') == []


def test_positions_are_characters() -> None:
    text = f'grüße = "日本語 🔑"; passwort_für_x = 1\npassword = "{PASSWORD}"\n# schlüssel\n'
    assert values(text, "python") == [PASSWORD]


ALPHABET = string.ascii_letters + string.digits + "!#%&*+@^"


@given(
    st.text(ALPHABET, min_size=6, max_size=40),
    st.sampled_from(['password = "{}"', "password: {}", "--password {}", "f(password='{}')"]),
)
def test_a_pseudonym_is_not_found_again(value: str, template: str) -> None:
    text = template.format(value)
    pseudonyms = Pseudonyms(b"k" * 32)
    for start, end, _ in reversed(find_assigned(text, "yaml")):
        text = text[:start] + pseudonyms.secret(text[start:end]) + text[end:]
    assert find_assigned(text, "yaml") == []


@given(st.text(max_size=200), st.sampled_from(["python", "yaml", "bash", "nothing"]))
def test_spans_are_disjoint_and_of_one_line(text: str, language: str) -> None:
    text = f"password = {text}\ntoken: '{text}'"
    position = 0
    for start, end, _ in find_assigned(text, language):
        assert position <= start < end <= len(text)
        assert "\n" not in text[start:end]
        position = end


def test_words_read_like_words() -> None:
    model = "1" * 27**3
    assert surprise("word", model) == 0.5


@pytest.mark.parametrize(
    "unit",
    [
        "password=",
        'password = "',
        "pass='x" + "9z8y7w' ",
        "token(((((",
        '"kty":"',
        "key\\\\\\\\",
        "pwd\n",
    ],
)
def test_hostile_text_has_disjoint_values_in_order(unit: str) -> None:
    text = unit * (400_000 // len(unit))
    ends = [at for start, end, _ in find_assigned(text, "text") for at in (start, end)]
    assert ends == sorted(ends)
    assert all(0 <= at <= len(text) for at in ends)


@pytest.mark.parametrize("name", ["agpl-3.0", "AGPL-3.0-only", "GPL-2.0-or-later", "Apache-2.0"])
def test_a_license_is_no_secret(name: str) -> None:
    assert find_assigned(f"key: {name}\nlicense_key = '{name}'\n", "yaml") == []
