"""Runs `hydrate` against a fault server. In: a server, a folder. Out: what the run did.

hydrate_once(server, folder, api="rest").num_requests
"""

from pathlib import Path

from fake_pulls import REPO
from fault_server import FaultServer

from pipelines.github.config import GithubConfig
from pipelines.github.hydrate import Hydration, hydrate


def hydrate_once(
    server: FaultServer,
    folder: Path,
    said: list[str] | None = None,
    repos: tuple[str, ...] = (REPO,),
    **values: object,
) -> Hydration:
    """One run over one repository; `values` are fields of `GithubConfig`."""
    config = GithubConfig(api_url=server.url, **values)  # type: ignore[arg-type]  # any field
    clock, words = server.clock, [] if said is None else said
    (done, *_) = hydrate(
        config, str(folder), repos, wait=clock.wait, now=clock.now, say=words.append
    )
    return done
