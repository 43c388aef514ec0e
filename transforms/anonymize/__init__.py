"""Anonymize: raw rows in, the same rows with every person, secret and code name replaced out."""
