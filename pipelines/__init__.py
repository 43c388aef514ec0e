"""The river: shards, sources, stages on Apache Beam and the `katydid` command. Opens files."""
