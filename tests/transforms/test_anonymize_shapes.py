"""What is found by its shape, and what is left: networks, payments, telephones, ids, addresses."""

import pytest

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.recognizers import ShapeRecognizer
from transforms.anonymize.shapes import prose_shapes, value_shapes

CONFIG = AnonymizeConfig(
    keep_private_ips=False,
    internal_domains=("hooli.com",),
    ticket_key_pattern="[A-Z]{2,9}-[0-9]{1,6}",
    employee_id_pattern="E-[0-9]{5}",
)


@pytest.fixture(scope="module")
def code() -> ShapeRecognizer:
    return ShapeRecognizer("Code", value_shapes(CONFIG))


@pytest.fixture(scope="module")
def prose() -> ShapeRecognizer:
    return ShapeRecognizer("Prose", [*value_shapes(CONFIG), *prose_shapes(CONFIG)])


def found(recognizer: ShapeRecognizer, text: str) -> set[tuple[str, str]]:
    """(entity or rule of a national number, value) of every finding of the default threshold."""
    results = recognizer.analyze(text, [], None)
    return {
        (
            result.recognition_metadata["rule"]
            if result.entity_type == "NATIONAL_ID"
            else result.entity_type,
            text[result.start : result.end],
        )
        for result in results
        if result.score >= CONFIG.min_score
    }


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("at 10.1.2.3 now", "PRIVATE_IP", "10.1.2.3"),
        ("route 91.4.16.0/20 via", "IP_ADDRESS", "91.4.16.0/20"),
        ("x = '::ffff:52.4.8.15'", "IP_ADDRESS", "::ffff:52.4.8.15"),
        ("ping 2.7.0.40", "IP_ADDRESS", "2.7.0.40"),
        ("peer 2a00:1450:4001:81b::/64", "IP_ADDRESS", "2a00:1450:4001:81b::/64"),
        ("mac 3c22.fbaa.bbcc", "MAC_ADDRESS", "3c22.fbaa.bbcc"),
        (
            "see https://git.hooli.com:8443/a/b?x=1.",
            "INTERNAL_URL",
            "https://git.hooli.com:8443/a/b?x=1",
        ),
        ("FROM registry.hooli.com/base", "HOST", "registry.hooli.com"),
        ("http://jira/browse/PAY-12", "INTERNAL_URL", "http://jira/browse/PAY-12"),
        ("fix PAY-1204: x", "TICKET_KEY", "PAY-1204"),
        ("git clone ssh://mweber@git.test/x", "LOGIN", "mweber"),
        ("cd /home/mweber/src", "LOGIN", "mweber"),
        ("C:\\\\Users\\\\mweber\\\\x", "LOGIN", "mweber"),
        ("mail j.o@xn--d1acufc.xn--p1ai", "EMAIL_ADDRESS", "j.o@xn--d1acufc.xn--p1ai"),
        ("cpf 529.982.247-25", "br_cpf", "529.982.247-25"),
        ("'11.222.333/0001-81'", "br_cnpj", "11.222.333/0001-81"),
        ("nir 1 85 05 78 006 084 91", "fr_nir", "1 85 05 78 006 084 91"),
        ("bsn: 111222333", "nl_bsn", "111222333"),
        ("id card 11010519491231002X", "cn_resident_id", "11010519491231002X"),
        ("AHV 756.9217.0769.85", "ch_ahv", "756.9217.0769.85"),
        ("user_ssn = '536-90-4399'", "us_ssn", "536-90-4399"),
        ("nhs_number: 943 476 5919", "uk_nhs", "943 476 5919"),
        ("passport C01X00T41", "de_passport", "C01X00T41"),
        ("tfn 876 543 210", "au_tfn", "876 543 210"),
        (
            "# 221 Baker Street, London NW1 6XE",
            "POSTAL_ADDRESS",
            "221 Baker Street, London NW1 6XE",
        ),
        ("Hauptstrasse 12, 10115 Berlin", "POSTAL_ADDRESS", "Hauptstrasse 12, 10115 Berlin"),
        (
            "12 bis rue de la Paix, 75002 Paris",
            "POSTAL_ADDRESS",
            "12 bis rue de la Paix, 75002 Paris",
        ),
        ("PO Box 1234", "POSTAL_ADDRESS", "PO Box 1234"),
        (
            "Keizersgracht 401, 1016 EK Amsterdam",
            "POSTAL_ADDRESS",
            "Keizersgracht 401, 1016 EK Amsterdam",
        ),
    ],
)
def test_code_gives_up_its_values(
    code: ShapeRecognizer, text: str, entity: str, value: str
) -> None:
    assert (entity, value) in found(code, text)


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("call me at 020 7946 0018", "PHONE_NUMBER", "020 7946 0018"),
        ("Phone:\n467 3395", "PHONE_NUMBER", "467 3395"),
        ("Desk: +1-604-696-5272x565", "PHONE_NUMBER", "+1-604-696-5272x565"),
        ("reach me: 60-56-85-91", "PHONE_NUMBER", "60-56-85-91"),
        ("Please call me at 4673395 tomorrow.", "PHONE_NUMBER", "4673395"),
        ("4673395 is my number, call any time", "PHONE_NUMBER", "4673395"),
        ("You can reach her on 46.73.39 after six", "PHONE_NUMBER", "46.73.39"),
        ("Tel: 01512.3450337", "PHONE_NUMBER", "01512.3450337"),
        ("Fax (07)/641-6565", "PHONE_NUMBER", "(07)/641-6565"),
        ("we got 604-696-5272x565 from her", "PHONE_NUMBER", "604-696-5272x565"),
        ("ask (604) 696-1941 x17 for it", "PHONE_NUMBER", "(604) 696-1941 x17"),
        ("we took +995927284293 from him", "PHONE_NUMBER", "+995927284293"),
        ("I got 0612342171 from her.", "PHONE_NUMBER", "0612342171"),
        ("the card 4485275949103307 is lost", "CREDIT_CARD", "4485275949103307"),
        ("iban gb33nwbk21035034466379", "IBAN_CODE", "gb33nwbk21035034466379"),
        ("NIF 12345678Z is mine", "es_nif", "12345678Z"),
        ("a number: AB123456C", "uk_nino", "AB123456C"),
        ("she is 811218-9876", "se_personnummer", "811218-9876"),
        ("Calle de Alcala 45, 28014 Madrid", "POSTAL_ADDRESS", "Calle de Alcala 45, 28014 Madrid"),
        ("ZIP: 7412 SL", "POSTAL_ADDRESS", "7412 SL"),
    ],
)
def test_prose_gives_up_more(prose: ShapeRecognizer, text: str, entity: str, value: str) -> None:
    assert (entity, value) in found(prose, text)


@pytest.mark.parametrize(
    "text",
    [
        "IronPython 2.7.4 (IronPython 2.7.0.40) and 123.45.67.89, 240.1.2.3, 2001:db8::7",
        "UTF-8 SHA-256 ISO-8601 CVE-2024 RFC-2822 PEP-8 HTTP-2 GCC-12 ZZKQTB-493021744",
        "00:00:00:00:00:00 FF:FF:FF:FF:FF:FF dead.beef.cafe 02:00:5e:10:00:01",
        "/home/user/x /home/runner/work /Users/me/x ssh://git@host/x https://user@host/",
        "http://localhost:8080/x http://db/x host-0123456789abcdef.example.internal",
        "876543210 and 12345678901 and 1609459200000",
        "74958567a ac480136d 536904399 AB1234567",
        "59 Temple Place, Suite 330, Boston, MA 02111-1307 USA",
        "2 Way Merge and 3 way merge in 5 places; a 10 Drive array",
        "sin(876543210) pan = 12 in fin(1234567)",
        "3 and 1.2 and 10.5.1000 and 2022-01-05 12:30 555 6789",
        "redis.call('x', '1000000000') signal-handler (1652267501)",
        "0x1a2b3c4d5e6f 1234567890123456 1111 2222 3333 4444",
    ],
)
def test_look_alikes_are_left(prose: ShapeRecognizer, code: ShapeRecognizer, text: str) -> None:
    assert found(code, text) == set()
    assert found(prose, text) == set()


def test_everything_can_be_seen() -> None:
    everything = AnonymizeConfig(min_score=0.0, keep_reserved=False, keep_private_ips=False)
    shapes = [*value_shapes(everything), *prose_shapes(everything)]
    few = [one for one in shapes if one.entity != "NATIONAL_ID" or one.rule == "au_tfn"]
    recognizer = ShapeRecognizer("Everything", few)
    text = "::1 127.0.0.1 a@example.com 4111 1111 1111 1111 (212) 555-0132 876543210"
    values = {text[result.start : result.end] for result in recognizer.analyze(text, [], None)}
    assert set(text.replace("(212) ", "").split()) - {"4111", "1111", "555-0132"} <= values
    assert {"4111 1111 1111 1111", "(212) 555-0132"} <= values


def test_private_addresses_stay_when_kept() -> None:
    recognizer = ShapeRecognizer("Kept", value_shapes(AnonymizeConfig()))
    assert found(recognizer, "at 10.1.2.3, 192.168.1.4, fd00:12::7:8 and 172.16.9.9") == set()


def test_a_line_alone_gives_what_it_gives_in_a_file(code: ShapeRecognizer) -> None:
    lines = ["host 52.4.8.15", "x = 1", "cpf 529.982.247-25", "1 Elm Road", "nir", "876 543 210"]
    alone = {pair for line in lines for pair in found(code, line)}
    assert found(code, "\n".join(lines)) == alone
