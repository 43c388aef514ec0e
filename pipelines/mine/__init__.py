"""mine: git repositories in; pull_requests, source_files, repositories and identities out."""
