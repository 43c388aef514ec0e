"""Each family of personal values and secrets: planted in files of many kinds, and look-alikes.

Secret-looking literals are put together at run time, so that scanners do not stop at this file.
"""

import ipaddress
import re

import pytest

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.numbers import iban_remainder, luhn_digit
from transforms.anonymize.text import TextAnonymizer

KEY = b"k" * 32
HEX32 = "9f86d081884c7d65" + "9a2feaa0c55ad015"
BASE62 = "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8s9T0"
JWT = ".".join(
    ["ey" + "JhbGciOiJIUzI1NiJ9", "ey" + "JzdWIiOiIxMjM0NTY3ODkwIn0", "dozjgNryP4J3jVmNHl0"]
)
PEM = "PRIVATE" + " KEY-----"


@pytest.fixture(scope="module")
def anonymizer() -> TextAnonymizer:
    return TextAnonymizer(AnonymizeConfig(employee_id_pattern="E-[0-9]{5}"), KEY, [])


@pytest.mark.parametrize(
    ("line", "value", "fresh"),
    [
        ("# mail bob@hooli.io, please", "bob@hooli.io", r"user-[0-9a-f]{16}@example\.com"),
        ('"author": "bob+npm@hooli.co.uk"', "bob+npm@hooli.co.uk", r"user-\w+@example\.com"),
        ("<a href='mailto:bob@hooli.io'>", "bob@hooli.io", r"user-\w+@example\.com"),
        ("host = 52.4.8.15:8080", "52.4.8.15", r"24\d\.\d+\.\d+\.\d+|25[0-2]\.\d+\.\d+\.\d+"),
        ("server 52.4.8.15", "52.4.8.15", r"24\d\.\d+\.\d+\.\d+|25[0-2]\.\d+\.\d+\.\d+"),
        ("allow 91.4.8.0/24;", "91.4.8.0/24", r"2[45]\d\.\d+\.\d+\.0/24"),
        ("[2a00:1450:4001:81b::200e]:443", "2a00:1450:4001:81b::200e", r"2001:db8:[0-9a-f:]+"),
        ("mac: 3C-22-FB-AA-BB-CC", "3C-22-FB-AA-BB-CC", r"02-00(-[0-9A-F]{2}){4}"),
        ("mail jovan.petrovic@telekom.rs", "jovan.petrovic@telekom.rs", r"user-\w+@example\.com"),
        ("ion.popa@firma.md, hi", "ion.popa@firma.md", r"user-\w+@example\.com"),
        ('{"card_number": 4485275949103307}', "4485275949103307", r"400000\d{10}"),
        ("card: 4485275949103307", "4485275949103307", r"400000\d{10}"),
        ("pay 3714-496353-98431 now", "3714-496353-98431", r"4000-00\d{4}-\d{5}"),
        ("iban: GB33NWBK21035034466379", "GB33NWBK21035034466379", r"GB\d\dXXXX\d{14}"),
        (
            "to DE89 3704 0044 0532 0130 00.",
            "DE89 3704 0044 0532 0130 00",
            r"DE\d\d 0000[0-9 ]{18}",
        ),
        ("tel:+49-30-12345678", "+49-30-12345678", r"\+99-9\d-\d{8}"),
        ('phone = "+4930123456789"', "+4930123456789", r"\+999\d{10}"),
        ("Call (212) 867-5309 today", "(212) 867-5309", r"\([2-9]\d\d\) 555-\d{4}"),
        ("ssn 536-90-4399", "536-90-4399", r"9\d\d-0\d-\d{4}|00\d-\d\d-\d{4}"),
        ("by E-48213", "E-48213", r"employee-[0-9a-f]{16}"),
        ("ssh db-7.berlin.corp", "db-7.berlin.corp", r"host-[0-9a-f]{16}\.example\.internal"),
        (
            "curl http://wiki.internal/x",
            "http://wiki.internal/x",
            r"http://host-\w+\.example\.internal/segment-\w{16}",
        ),
        (
            "url: ssh://git@git.hooli.local/x",
            "ssh://git@git.hooli.local/x",
            r"ssh://git@host-\w+\.example\.internal/segment-\w{16}",
        ),
    ],
)
def test_a_value_is_replaced_in_its_shape(
    anonymizer: TextAnonymizer, line: str, value: str, fresh: str
) -> None:
    before, after = line.split(value)
    changed = anonymizer.text(line)
    assert changed.startswith(before)
    assert changed.endswith(after)
    middle = changed.removeprefix(before).removesuffix(after)
    assert re.fullmatch(fresh, middle)
    assert anonymizer.text(changed) == changed
    assert anonymizer.text(f"{value}\n{line}").split("\n")[1] == changed


def test_numbers_stay_valid(anonymizer: TextAnonymizer) -> None:
    card = anonymizer.text("4485 2759 4910 3307").replace(" ", "")
    assert card != "4485275949103307"
    assert luhn_digit(card[:-1]) == card[-1]
    iban = anonymizer.text("GB33 NWBK 2103 5034 4663 79").replace(" ", "")
    assert iban != "GB33NWBK21035034466379"
    assert iban_remainder(iban) == 1
    assert ipaddress.ip_address(anonymizer.text("2a00:1450:4001:81b::200e")).version == 6


@pytest.mark.parametrize(
    "line",
    [
        "pip install x==52.4.8.15",
        '"version": "52.4.8.15"',
        "pkg-52.4.8.15.tar.gz",
        "v52.4.8.15 and 52.4.8.15-beta",
        "OID 1.3.6.1.4.1.311 and 2.5.29.17",
        "127.0.0.1 0.0.0.0 10.1.2.3 192.168.1.4 255.255.255.0 192.0.2.7 224.0.0.251 8.8.8.8",
        "::1 fe80::1 2001:db8::7 x[1::2] std::dec abc::def 12:30:45",
        "00:00:00:00:00:00 ff:ff:ff:ff:ff:ff aa:bb:cc:dd:ee:ff:00:11",
        "x = 4485275949103307",
        "id: 4485275949103307",
        '{"id": 4485275949103307}',
        "h = x@self.weight  # pkg@v1.2.zip src/a@b.rs/c",
        "4111 1111 1111 1111",
        "total 1234567890 555-867-5309 123-456-7890 +2147483647 +1.23456789012",
        "2024-01-15 123-45-6789 000-12-3456 900-12-3456",
        "me@example.com git@github.com icon@2x.png this@Main.finish() x@w.mean(1) a@b.T",
        "@app.route('/x')",
        "import @babel/core",
        "http://host.docker.internal/ svc.cluster.local threading.local foo.internal",
        'password = "password"; token = "your-token-here"; secret = "${SECRET}"',
        'password: "<your password>"  # api_key="xxxxxxxx" token="EXAMPLE_TOKEN"',
        "token = self.get_token()",
        "password: str = other_password",
        "password: string",
        "if token == 'abc123def456':",
        'token_type = "abc123def456"',
        'TOKEN_NAMES = ("token", "NAME")',
        "https://user:password@host/ https://%s:%s@host https://{user}:{pw}@host",
        "-----BEGIN PUBLIC" + " KEY-----",
        "if text.startswith('-----BEGIN " + PEM + "'):",
    ],
)
def test_a_look_alike_stays(anonymizer: TextAnonymizer, line: str) -> None:
    assert anonymizer.text(line) == line


def test_private_addresses_go_when_asked() -> None:
    strict = TextAnonymizer(AnonymizeConfig(keep_private_ips=False), KEY, [])
    assert strict.text("10.1.2.3 127.0.0.1").endswith(" 127.0.0.1")
    assert "10.1.2.3" not in strict.text("at 10.1.2.3")


@pytest.mark.parametrize(
    ("prefix", "body"),
    [
        ("AKIA", "IQ3TYUIOPASDFGHJ"),
        ("gh" + "p_", BASE62[:36]),
        ("github" + "_pat_", BASE62[:22] + "_" + BASE62 + BASE62[:19]),
        ("glp" + "at-", BASE62[:20]),
        ("xo" + "xb-", "123456789012-" + BASE62[:24]),
        ("sk" + "_live_", BASE62[:24]),
        ("AI" + "za", BASE62[:35]),
        ("npm" + "_", BASE62[:36]),
        ("pypi" + "-", "AgEIcHlwaS5vcmc" + BASE62 + BASE62),
        ("SG" + ".", BASE62[:22] + "." + (BASE62 + BASE62)[:43]),
        ("AC", HEX32),
        ("hooks.slack" + ".com/services/", "T0AB12CD3/B0AB12CD3/" + BASE62[:24]),
        ("AccountKey" + "=", BASE62 + BASE62 + BASE62[:6] + "=="),
    ],
)
@pytest.mark.parametrize("template", ["x = '{}'", "key: {}", "-H 'X-Key: {}'", "see {} here", "{}"])
def test_an_issued_secret_keeps_prefix_and_length(
    anonymizer: TextAnonymizer, prefix: str, body: str, template: str
) -> None:
    line = template.format(prefix + body)
    changed = anonymizer.text(line)
    before, after = template.format(prefix + "|").split("|")
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert len(changed) == len(line)
    middle = changed.removeprefix(before).removesuffix(after)
    assert len(set(middle) - set(".=")) <= 4
    assert anonymizer.text(changed) == changed


def test_a_web_token_keeps_its_three_parts(anonymizer: TextAnonymizer) -> None:
    changed = anonymizer.text(f"Authorization: Bearer {JWT}")
    assert changed.startswith("Authorization: Bearer ")
    assert [len(part) for part in changed.split()[-1].split(".")] == list(map(len, JWT.split(".")))
    assert not set(JWT.split(".")) & set(changed.split()[-1].split("."))


PASSWORD = "Kelp!bight" + "7719"


@pytest.mark.parametrize(
    "template",
    [
        'password = "{}"',
        "self.db_password: str = '{}'",
        'const apiSecret = "{}";',
        '{{"password": "{}", "x": 1}}',
        "password: {}",
        "  admin-password: '{}'",
        "export DB_PASSWORD={}",
        "ENV API_TOKEN={}",
        "db.password={}",
        'config["secret_key"] = "{}"',
        '"token" => "{}",',
        'client_secret := `x` // password="{}"',
        "connect(user='x', password='{}')",
        'check_password("{}", stored)',
        'conn = "Server=db;Password={};Timeout=3"',
        "mysql://root:{}@db/x",
        "redis://:{}@cache:6379/0",
        "set_password('{}')",
    ],
)
def test_an_assigned_secret_is_replaced(anonymizer: TextAnonymizer, template: str) -> None:
    changed = anonymizer.text(template.format(PASSWORD))
    assert PASSWORD not in changed
    before, after = template.format("|").split("|")
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert len(changed) == len(template.format(PASSWORD))
    assert anonymizer.text(changed) == changed


@pytest.mark.parametrize("line_end", ["\n", "\r\n", '\\n" +\n  "', "\\n"])
def test_a_private_key_keeps_its_lines(anonymizer: TextAnonymizer, line_end: str) -> None:
    body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw", "ggSjAgEAAoIBAQC7VJTUt9Us8cKj", "MzE="]
    lines = ["-----BEGIN RSA " + PEM, *body, "-----END RSA " + PEM]
    text = f'key = "{line_end.join(lines)}"\nx = 1\n'
    changed = anonymizer.text(text)
    assert not any(line in changed for line in body)
    assert len(changed) == len(text)
    assert changed.split(line_end)[0] == text.split(line_end)[0]
    assert changed.endswith("-----END RSA " + PEM + '"\nx = 1\n')
    assert anonymizer.text(changed) == changed


KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw"
BEGIN, END = (f"-----{word} RSA {PEM}" for word in ("BEGIN", "END"))


@pytest.mark.parametrize(
    "text",
    [
        f"{BEGIN}\n{KEY_LINE}\n{KEY_LINE}\n",
        f"{BEGIN}\n" + f"{KEY_LINE}\n" * 700 + f"AAb=\n{END}\n",
        f'key = "{BEGIN}\\n{KEY_LINE}\\n{KEY_LINE}',
        f'"{BEGIN}\\n" +\n  "{KEY_LINE}\\n" +\n  "{KEY_LINE}"\n',
        f"# {BEGIN}\n# Proc-Type: 4,ENCRYPTED\n#\n# {KEY_LINE}\n",
    ],
)
def test_a_private_key_without_a_near_end_goes_too(anonymizer: TextAnonymizer, text: str) -> None:
    code = "\nclassOfSomethingElseHere.run()\n"
    changed = anonymizer.text(text + code)
    assert KEY_LINE not in changed
    assert "AAb=" not in changed
    assert len(changed) == len(text + code)
    assert changed.endswith(code)
    assert changed.count(END) == text.count(END)
    assert anonymizer.text(changed) == changed


@pytest.mark.parametrize(
    ("line", "gone"),
    [
        ("Thanks @octo-cat!", "octo-cat"),
        ("@octocat please look", "octocat"),
        ("cc (@octocat)", "octocat"),
        ("username_7 said", "username_7"),
        ("Merge pull request #12 from octocat/fix", "octocat"),
        ("Co-authored-by: Otto Kat <otto@kat.io>", "Otto Kat"),
        ("Signed-off-by: Otto Kat <otto@kat.io>", "otto@kat.io"),
    ],
)
def test_prose_has_handles_and_sign_offs(anonymizer: TextAnonymizer, line: str, gone: str) -> None:
    changed = anonymizer.text(line, prose=True)
    assert gone not in changed
    assert anonymizer.text(changed, prose=True) == changed


@pytest.mark.parametrize("line", ["use `@octocat`", "@app.route(1)", "@override", "@babel/core"])
def test_code_quoted_in_prose_stays(anonymizer: TextAnonymizer, line: str) -> None:
    assert anonymizer.text(line, prose=True) == line


def test_owners_are_handles_in_a_codeowners_line_only(anonymizer: TextAnonymizer) -> None:
    assert "octocat" not in anonymizer.text("/docs/*.md  @octocat @org/team bob@hooli.io")
    assert anonymizer.text("from x import @octocat") == "from x import @octocat"
    assert anonymizer.text(" * @octocat") == " * @octocat"
