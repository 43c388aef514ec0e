"""How far `hydrate` is. In: sessions as they go on. Out: a bar on a terminal, else log lines.

acme/shop: 400 pull requests, 17 requests, 4,874 points left         every ten seconds
"""

import math
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from pipelines.github.session import Session

LOG_EVERY_S = 10.0


class Progress:
    """The progress of one run, from `with` to the end of the block."""

    def __init__(self, num_repos: int, say: Callable[[str], None]) -> None:
        self._say = say
        self._bar = tqdm(
            desc="hydrate",
            unit="repo",
            total=num_repos,
            disable=not sys.stderr.isatty(),
            leave=False,
        )
        self._said_s = time.monotonic()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()

    def start(self, repo: str) -> None:
        """A repository begins."""
        self._bar.set_postfix_str(repo)

    def finish(self) -> None:
        """A repository ends."""
        self._bar.update()

    def show(self, session: "Session") -> None:
        """Called after each step of a session."""
        now_s = time.monotonic()
        if self._bar.disable and now_s - self._said_s < LOG_EVERY_S:
            return
        line = describe(session)
        self._bar.set_postfix_str(line)
        if self._bar.disable:
            self._said_s = now_s
            self._say(line)


def describe(session: "Session") -> str:
    """Where a session stands, on one line."""
    remaining = session.client.remaining()
    left = f", {remaining:,.0f} points left" if math.isfinite(remaining) else ""
    counts = f"{len(session.state.known):,} pull requests, {session.num_requests:,} requests"
    return f"{session.repo}: {counts}{left}"
