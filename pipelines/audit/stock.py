"""Presidio's own recognizers as a second opinion. In: a text. Out: `Found`s.

    StockRecognizers(phones=False).find("mail jane@corp.test")
        ->  {Found(rule="EMAIL_ADDRESS", value="jane@corp.test", line=1)}

They are not used for detection, so what they find tests it. Without a language model: shapes and
check digits alone. Telephone numbers only with `leniency` 3 (a number whose groups are those of
its country): below that, every second decimal fraction is one.
"""

from typing import Any, NamedTuple

_PHONE_LENIENCY = 3
_CHUNK_LINES = 2_000


class Found(NamedTuple):
    """What a recognizer or scanner found."""

    rule: str
    value: str
    line: int
    """From 1."""


class StockRecognizers:
    """E-mail, IP address, IBAN, card and, on request, telephone numbers."""

    def __init__(self, *, phones: bool) -> None:
        from presidio_analyzer.predefined_recognizers import (
            CreditCardRecognizer,
            EmailRecognizer,
            IbanRecognizer,
            IpRecognizer,
            PhoneRecognizer,
        )
        from tldextract.tldextract import TLD_EXTRACTOR

        # Presidio's e-mail check would download the list of public suffixes.
        TLD_EXTRACTOR.suffix_list_urls = ()
        self._recognizers: list[Any] = [
            EmailRecognizer(), IpRecognizer(), IbanRecognizer(), CreditCardRecognizer(),
        ]  # fmt: skip
        if phones:
            self._recognizers.append(PhoneRecognizer(leniency=_PHONE_LENIENCY))

    def find(self, text: str) -> set[Found]:
        """What the recognizers find, each value with its line."""
        found: set[Found] = set()
        lines = text.split("\n")
        for first in range(0, len(lines), _CHUNK_LINES):
            chunk = "\n".join(lines[first : first + _CHUNK_LINES])
            for recognizer in self._recognizers:
                for result in recognizer.analyze(chunk, recognizer.supported_entities, None):
                    line = first + chunk.count("\n", 0, result.start) + 1
                    found.add(
                        Found(result.entity_type, chunk[result.start : result.end].strip(), line)
                    )
        return found
