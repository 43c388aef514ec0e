"""One connection to GitHub's API, bounded in time and size. In: a request. Out: a whole answer.

PyGithub asks through it. PyGithub's own connection waits for each byte anew, so that a server which
sends one byte a minute holds it for ever, and reads answers of any size.
"""

import time
from collections.abc import ItemsView
from typing import Any

import requests
import requests.adapters
import urllib3.exceptions
from github.Requester import Requester

from pipelines.github.limits import number

MAX_BYTES = 64 * 1024 * 1024
"""An answer of a page of pull requests is near one MiB."""

# PyGithub follows a 301 without its query, and waits for a 202 without a limit. Under these names
# it leaves both to us: a 308 is a 301 whose method stays, "not ready yet" is tried again.
_RENAMED = {301: 308, 202: 503}


_NUMBERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")
"""Headers that PyGithub reads as numbers without asking whether they are."""


class NoAnswerError(Exception):
    """No whole answer came: `NoAnswerError("read timed out")`."""


class SlowAnswerError(NoAnswerError):
    """No whole answer came in time."""


class LargeAnswerError(NoAnswerError):
    """The answer is larger than any that GitHub gives."""


class _Answer:
    """What PyGithub takes from a connection."""

    def __init__(self, status: int, headers: dict[str, str], body: str) -> None:
        self.status = status
        self._headers, self._body = headers, body

    def getheaders(self) -> ItemsView[str, str]:
        """Headers as the server wrote them."""
        return self._headers.items()

    def read(self) -> str:
        """The whole body."""
        return self._body


class BoundedConnection:
    """What PyGithub takes for a connection: `request`, then `getresponse`."""

    def __init__(self, origin: str, timeout_s: float) -> None:
        self.host = origin
        self._origin, self._timeout_s = origin, timeout_s
        self._session = requests.Session()
        # Anything but None keeps requests from looking for passwords in ~/.netrc.
        self._session.auth = Requester.noopAuth
        self._session.mount(origin, requests.adapters.HTTPAdapter(max_retries=0))

    def request(
        self, verb: str, url: str, input: Any, headers: dict[str, str], stream: bool = False
    ) -> None:
        """Prepare a request; `url` is a path with its query."""
        self._request = (verb, f"{self._origin}{url}", input, headers)

    def getresponse(self) -> _Answer:
        """Send the request and read the whole answer.

        Raises NoAnswerError, its subclasses for answers too slow or too large.
        """
        try:
            return self._exchange()
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise SlowAnswerError(f"no answer in {self._timeout_s:g} s") from error
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            raise NoAnswerError(type(error).__name__) from error
        except UnicodeDecodeError as error:
            raise NoAnswerError("an answer that is not UTF-8") from error

    def _exchange(self) -> _Answer:
        verb, url, data, headers = self._request
        deadline = time.monotonic() + self._timeout_s
        with self._session.request(
            verb,
            url,
            data=data,
            headers=headers,
            timeout=self._timeout_s,
            allow_redirects=False,
            stream=True,
        ) as response:
            body = self._read(response, deadline).decode("utf-8")
            status = _RENAMED.get(response.status_code, response.status_code)
            return _Answer(status, _sensible(dict(response.headers)), body)

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        body = bytearray()
        while chunk := response.raw.read1(1 << 16, decode_content=True):
            body += chunk
            if len(body) > MAX_BYTES:
                raise LargeAnswerError(f"an answer over {MAX_BYTES >> 20} MiB")
            if time.monotonic() > deadline:
                raise SlowAnswerError(f"no whole answer in {self._timeout_s:g} s")
        return bytes(body)

    def close(self) -> None:
        """Close the connection."""
        self._session.close()


def _sensible(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name.lower() not in _NUMBERS or number(value) is not None
    }
