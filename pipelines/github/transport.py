"""One request to one host, through PyGithub. In: a token, a path. Out: status, headers, body.

    transport = Transport(config.github)
    transport.send(token, "GET", "/repos/acme/shop/pulls/12", {}, None)  ->  (200, {...}, b"{...}")

Nothing is tried twice here. Redirects (a repository that was renamed) are followed on the same host
only, since a token goes with every request.
"""

from typing import Any
from urllib.parse import urljoin, urlsplit

from github import Auth
from github.Requester import Requester

from pipelines.github.config import GithubConfig
from pipelines.github.connection import BoundedConnection
from pipelines.github.tokens import Token
from schemas.errors import ConfigError, StageError

USER_AGENT = "katydid"
API_VERSION = "2022-11-28"
MAX_REDIRECTS = 5
_LOCAL = ("localhost", "127.0.0.1", "::1")


class Transport:
    """The way to one host. Raises ConfigError for an address that may not be asked."""

    def __init__(self, config: GithubConfig) -> None:
        self.num_requests = 0
        """Requests sent so far, those answered with an error or a redirect too."""
        self.origin, self._prefix = split_api_url(config.api_url)
        self._timeout_s = config.timeout_s
        self._connection = BoundedConnection(self.origin, config.timeout_s)
        self._requesters: dict[str, Requester] = {}

    def send(
        self, token: Token, verb: str, path: str, headers: dict[str, str], query: Any
    ) -> tuple[int, dict[str, str], bytes]:
        """One answer; with a query the path is that of GraphQL. Header names are in lower case.

        Raises NoAnswerError, StageError for redirects that lead elsewhere or nowhere.
        """
        requester = self.requester(token)
        url = requester.graphql_url if query is not None else path
        for _ in range(MAX_REDIRECTS):
            self.num_requests += 1
            status, found, body = requester.requestJson(
                verb,
                url,
                headers=dict(headers),
                input=query,
                cnx=self._connection,  # type: ignore[arg-type]  # it has what PyGithub uses
            )
            if status not in (302, 303, 307, 308) or "location" not in found:
                return status, found, body.encode("utf-8")
            location = urljoin(f"{self.origin}{self._prefix}{path}", found["location"])
            url = f"{self.origin}{self._prefix}{self.path_of(location)}"
        raise StageError(f"{self.origin}: {path} is redirected again and again; try later")

    def path_of(self, url: str) -> str:
        """The path of a URL that GitHub gave. Raises StageError when it leads to another host."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            raise StageError(
                f"{self.origin} sends us to {parts.netloc[:100]}; "
                "if that is where to ask, set github.api_url to it"
            )
        path = parts.path.removeprefix(self._prefix)
        return f"{path}?{parts.query}" if parts.query else path

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def requester(self, token: Token) -> Requester:
        """PyGithub's own object for a token."""
        if token.secret not in self._requesters:
            self._requesters[token.secret] = Requester(
                auth=Auth.Token(token.secret) if token.secret else None,
                base_url=f"{self.origin}{self._prefix}",
                timeout=max(1, int(self._timeout_s)),
                user_agent=USER_AGENT,
                per_page=100,
                verify=True,
                retry=None,
                pool_size=1,
                api_version=API_VERSION,
            )
        return self._requesters[token.secret]


def split_api_url(url: str) -> tuple[str, str]:
    """(scheme and host, path) of `github.api_url`.

    Raises ConfigError unless it is https, or http on this machine: a token would be readable.
    """
    parts = urlsplit(url)
    is_local = parts.hostname in _LOCAL
    if not parts.hostname or parts.scheme not in (("https", "http") if is_local else ("https",)):
        raise ConfigError(f"github.api_url: {url!r} is no https URL; write https://HOST/api/v3")
    if parts.username or parts.query or parts.fragment:
        raise ConfigError(
            "github.api_url: write https://HOST/api/v3 alone; tokens go into the environment"
        )
    return f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
