"""Rows that give away what a benchmark asks, by lists of its instances. Pure: no files, no Beam."""
