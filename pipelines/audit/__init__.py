"""Evidence about a run. In: a finished run and its key. Out: AUDIT.json and AUDIT.md."""
