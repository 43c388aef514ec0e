"""label: what kind of work a pull request is, and in what part of software engineering."""
