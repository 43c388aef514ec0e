"""The settings of `katydid hydrate`. Imports nothing heavy, so that the commands start fast."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GithubConfig:
    """Which repositories to ask GitHub about, and how. Answers go to `mine.github_archive`."""

    repos: tuple[str, ...] = ()
    """Repositories as "owner/name"; () for those of `mine.repos` that are named so."""
    api_url: str = "https://api.github.com"
    """The REST API; of GitHub Enterprise Server "https://HOST/api/v3"."""
    api: str = "graphql"
    """"graphql" asks for many pull requests at once, "rest" for each by itself, "none" asks
    nothing: what the hours of `github.gharchive` tell is all there is."""
    tokens_env: str = "GITHUB_TOKENS"
    """The environment variable that holds one or several tokens, with commas between them."""
    page_size: int = 25
    """Pull requests in one GraphQL answer; halved while GitHub cannot serve so many."""
    timeout_s: float = 60.0
    """Seconds without an answer after which a request is tried again."""
    max_attempts: int = 8
    """Tries of one request before the run gives up."""
    max_wait_s: float = 3700.0
    """The longest wait for a rate limit; a longer one ends the run, which can be continued."""
    gharchive: tuple[str, ...] = ()
    """GH Archive hours (YYYY-MM-DD-H.json.gz), files or folders of them; with these, only pull
    requests that they name are asked for."""
