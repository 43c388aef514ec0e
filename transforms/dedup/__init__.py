"""Deduplication: documents, shingles, signatures, pairs, survivors."""
