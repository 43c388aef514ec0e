"""What GitHub knows of pull requests: asked over its API, or read from GH Archive, kept raw."""
