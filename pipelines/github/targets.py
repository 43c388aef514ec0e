"""Which repositories to ask about. In: the settings of a run. Out: names as "owner/name".

repositories_to_ask(settings)  ->  ("acme/shop", "pallets/click")
"""

from pipelines.github.archive import check_repo, is_repo
from pipelines.mine.clones import is_url, name_of_url
from pipelines.mine.inventory import RepositorySpec, read_specs
from pipelines.settings import Settings
from schemas.errors import ConfigError


def repositories_to_ask(settings: Settings) -> tuple[str, ...]:
    """`github.repos`, or those that mine reads and that are named as GitHub names them; each once.

    Raises ConfigError when there is none, or one of `github.repos` is no "owner/name".
    """
    named = settings.github.repos
    for repo in named:
        check_repo(repo)
    if not named and (settings.mine.repos or settings.mine.inventory):
        names = (_name_of(spec) for spec in read_specs(settings.mine).wanted)
        named = tuple(name for name in names if is_repo(name))
    if not named:
        raise ConfigError(
            "no repository to ask GitHub about; add -s github.repos='[\"owner/name\"]', "
            'or name those of mine.repos so: "owner/name=/data/git/name.git"'
        )
    return tuple({name.lower(): name for name in named}.values())


def archive_folder(settings: Settings) -> str:
    """Where the answers go. Raises ConfigError when no folder is set."""
    if not settings.mine.github_archive:
        raise ConfigError(
            "mine.github_archive is empty; add -s mine.github_archive=/data/github, "
            "the folder that GitHub's answers go to"
        )
    return settings.mine.github_archive


def _name_of(spec: RepositorySpec) -> str:
    return spec.name or (name_of_url(spec.location) if is_url(spec.location) else "")
