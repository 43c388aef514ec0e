"""The pseudonym of a finding, of a person or not. In: entity, value. Out: pseudonym.

Replacements(people, seeds, pseudonyms).pseudonym("LOGIN", "jdoe")  ->  "user_3f2a9c1b77d0a1c2"
"""

from transforms.anonymize.people import People
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.seeds import Seeds
from transforms.anonymize.shaped_pseudonyms import replacement


class Replacements:
    """Pseudonyms of one repository.

    `identifier_like` gives names and e-mails the form of an identifier, for code that does not
    parse with the usual form.
    """

    def __init__(
        self,
        people: People,
        seeds: Seeds,
        pseudonyms: Pseudonyms,
        *,
        identifier_like: bool = False,
    ) -> None:
        self._people, self._seeds, self._make = people, seeds, pseudonyms
        self._identifier_like = identifier_like

    def pseudonym(self, entity: str, value: str) -> str:
        """What stands in the value's place."""
        make, people = self._make, self._people
        seed_key = self._seeds.key_of(entity, value)
        if entity == "PERSON":
            key = seed_key or people.of_name(value)
            return make.login(value, key) if self._identifier_like else make.person(value, key)
        if entity == "LOGIN":
            return make.login(value, seed_key or people.of_login(value))
        if entity == "EMAIL_ADDRESS":
            key = seed_key or people.of_email(value)
            return make.email(key, joint="_" if self._identifier_like else "-")
        if entity == "CODE_NAME":
            return make.code_name(value, seed_key or value)
        return replacement(entity, value, make)
