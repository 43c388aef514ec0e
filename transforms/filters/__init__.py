"""Rules that keep, change or reject pull requests, and published sets of them as profiles."""
