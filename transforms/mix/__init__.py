"""Mixing: rows become documents and dialogues of a corpus, split by repository."""
