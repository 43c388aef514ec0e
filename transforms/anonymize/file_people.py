"""Persons that a repository's own files name. In: path, text. Out: identities.

people_in_file("pyproject.toml", 'authors = [{name = "Jane Doe", email = "jane@corp.test"}]')
    ->  [Identity(name="Jane Doe", email="jane@corp.test")]
"""

from schemas.discussion import Identity


def people_in_file(path: str, text: str) -> list[Identity]:
    """Those of CODEOWNERS, AUTHORS, manifests, licence headers; an unknown part is ""."""
    return []
