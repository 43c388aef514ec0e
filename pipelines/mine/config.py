"""The settings of `mine`. Imports nothing heavy, so that the commands start fast."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MineConfig:
    """Which repositories to read, and what of them."""

    repos: tuple[str, ...] = ()
    """Repositories: each "path", "URL", "name=path" or "name=URL". A path leads to a repository,
    bare or not, a git bundle, a tarball, or a folder of these."""
    inventory: str = ""
    """A TOML file of more repositories with owner, licence, sensitivity and globs of paths."""
    sensitivities: tuple[str, ...] = ()
    """Read only repositories of the inventory with one of these sensitivities; () for all."""
    github_archive: str = ""
    """The folder of GitHub's answers that `katydid hydrate` fills; "" joins nothing to git."""
    profile: str = ""
    """Published rules to filter pull requests by, as `katydid rules` lists them; "" for none."""
    rules: tuple[str, ...] = ()
    """Rules laid over the profile's, each "name=value", "name" or "name=off"."""
    license: str = ""
    """An SPDX expression or "internal" for every repository; "" reads it from licence files."""
    drop_bots: bool = True
    """Reject pull requests that a program opened."""
    include_unmerged: bool = False
    """Take pull request heads of which git cannot tell that they were merged; state "unknown"."""
    max_files: int = 100
    """Reject a pull request that changes more files."""
    max_commits: int = 250
    """A squashed branch with more commits is represented by its squash commit alone."""
    max_file_bytes: int = 1_048_576
    """A larger file is rejected as source file, and stands in a pull request by its name only."""
    max_total_bytes: int = 8_388_608
    """Reject a pull request whose files are larger together, before or after the change."""
    max_patch_bytes: int = 1_048_576
    """Reject a pull request whose patches are larger together."""
    max_message_bytes: int = 65_536
    """Titles, bodies and commit messages are cut to this size."""
    prs_per_shard: int = 200
    """Pull requests in a shard; full shards do not change when later pull requests arrive."""
    files_per_shard: int = 2000
    """Source files in a shard."""
    clone_dir: str = ""
    """Where repositories given by URL are kept; "" is katydid/clones in the user's cache folder."""
