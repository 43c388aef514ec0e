"""Check digits of national numbers that Presidio has no recognizer for. In: value. Out: bool.

    br_cpf("529.982.247-25") -> True        fr_nir("1 85 05 78 006 084 91") -> True

Each function's docstring names the rule's source. A value comes as it stands, separators included.
"""

from collections.abc import Callable, Iterable

from transforms.anonymize.numbers import digits_of

Check = Callable[[str], bool]
_BSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


def br_cpf(value: str) -> bool:
    """Two check digits, weights 10..2 and 11..2, modulo 11 (Receita Federal, IN RFB 1548)."""
    digits = digits_of(value)
    return len(set(digits)) > 1 and all(
        _brazil_digit(digits[:count], range(count + 1, 1, -1)) == digits[count] for count in (9, 10)
    )


def br_cnpj(value: str) -> bool:
    """Two check digits, weights 5..2 9..2 and 6..2 9..2, modulo 11 (Receita Federal)."""
    digits, weights = digits_of(value), [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]
    return len(set(digits)) > 1 and all(
        _brazil_digit(digits[:count], weights[13 - count :]) == digits[count] for count in (12, 13)
    )


def fr_nir(value: str) -> bool:
    """97 minus the first 13 digits modulo 97; Corsica 2A is 19, 2B is 18 (INSEE)."""
    plain = value.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    is_month = plain[3:5] <= "12" or plain[3:5] >= "20"
    return plain.isdigit() and is_month and 97 - int(plain[:13]) % 97 == int(plain[13:])


def nl_bsn(value: str) -> bool:
    """Weights 9..2 and -1, modulo 11 (Logisch Ontwerp BSN)."""
    digits = digits_of(value).zfill(9)
    total = sum(int(digit) * weight for digit, weight in zip(digits, _BSN_WEIGHTS, strict=True))
    return total % 11 == 0 and len(set(digits)) > 1


def cn_resident_id(value: str) -> bool:
    """ISO 7064 MOD 11-2, as GB 11643 asks."""
    total = sum(int(char) * 2 ** (17 - index) for index, char in enumerate(value[:17]))
    return "10X98765432"[total % 11] == value[17].upper()


def ean13(value: str) -> bool:
    """The check digit of EAN-13, which the Swiss AHV number has (eCH-0044)."""
    digits = digits_of(value)
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits[:12]))
    return str(-total % 10) == digits[12]


def be_national_number(value: str) -> bool:
    """97 minus the first nine digits modulo 97, with a 2 before them if born from 2000 on."""
    digits = digits_of(value)
    is_date = digits[2:4] <= "12" and digits[4:6] <= "31"
    body, check = int(digits[:9]), int(digits[9:])
    return is_date and check in (97 - body % 97, 97 - (2_000_000_000 + body) % 97)


def no_birth_number(value: str) -> bool:
    """Two check digits modulo 11 (Skatteetaten)."""
    digits = [int(digit) for digit in digits_of(value)]
    first = -sum(d * w for d, w in zip(digits[:9], (3, 7, 6, 1, 8, 9, 4, 5, 2), strict=True)) % 11
    second = (
        -sum(d * w for d, w in zip(digits[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True)) % 11
    )
    return digits[9:] == [first, second]


def cl_rut(value: str) -> bool:
    """Weights 2..7 from the right, modulo 11; K is 10 (Registro Civil)."""
    body, check = digits_of(value[:-1]), value[-1].upper()
    total = sum(int(digit) * (2 + index % 6) for index, digit in enumerate(reversed(body)))
    return "0123456789K0"[-total % 11] == check


def any_value(value: str) -> bool:
    """The pattern alone decides."""
    return True


def _brazil_digit(digits: str, weights: Iterable[int]) -> str:
    rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
    return "0" if rest < 2 else str(11 - rest)


CHECKS: dict[str, Check] = {
    "br_cpf": br_cpf,
    "br_cnpj": br_cnpj,
    "fr_nir": fr_nir,
    "nl_bsn": nl_bsn,
    "cn_resident_id": cn_resident_id,
    "ean13": ean13,
    "be_national_number": be_national_number,
    "no_birth_number": no_birth_number,
    "cl_rut": cl_rut,
    "any": any_value,
}
