"""Deduplication over shards: sketches, ranks, bands, rounds, side files."""
