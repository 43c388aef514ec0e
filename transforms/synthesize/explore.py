"""Finding the files of a change without being told where they are. In: plans. Out: messages.

First the root is listed and names of the request are searched for. A file that does not turn up is
searched for by a name in the code to be changed, and if that names too many places, found by going
down the folders. No path is used that no tool has shown.
"""

import random
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.phrases import pick, sentence_list
from transforms.synthesize.plan import FilePlan
from transforms.synthesize.transcript import Call, Transcript

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,}")
_MAX_NAMES = 100
"""Names of a change that are looked at; each is counted in the whole file."""


class Explorer:
    """The first part of the course: after `find`, every file to be read has been seen."""

    def __init__(
        self, transcript: Transcript, config: SynthesizeConfig, rng: random.Random
    ) -> None:
        self.transcript = transcript
        self.config = config
        self.rng = rng
        self.found_by: dict[str, str] = {}
        """Path -> the search term that showed it first."""
        self._listed: set[str] = set()

    def look_around(self, terms: Sequence[str]) -> None:
        """List the root and search for names of the request, at once or one after the other."""
        chosen = list(terms[: self.config.max_searches])
        text = pick(self.rng, "look_around")
        self._listed.add("")
        listing: Call = ("list_files", {"path": "."})
        if chosen and self.rng.random() < 0.5:
            text += f" I also search for {sentence_list(chosen)}."
            self._search(text, chosen, first=[listing])
            return
        self.transcript.act(text, [listing])
        if chosen:
            self._search(f"The request speaks of {sentence_list(chosen)}: where is that?", chosen)

    def find(self, plans: Sequence[FilePlan]) -> None:
        """Search for what has not been seen, then go down the folders. Raises RowError."""
        wanted = [plan for plan in plans if plan.base_path]
        terms = [self._name_in(plan) for plan in self._unseen(wanted)]
        chosen = [term for term in dict.fromkeys(terms) if term]
        for batch in _batches(chosen, self.config.max_calls_per_message):
            self._search(f"{pick(self.rng, 'search_code')} {sentence_list(batch)}.", batch)
        paths = [plan.base_path or "" for plan in wanted]
        self._go_down([path for path in paths if not self.transcript.has_seen(path)])
        # Where a new file will stand is looked at as well, as far as that folder exists.
        self._go_down([plan.path for plan in plans if not plan.base_path], is_new=True)

    def _search(self, text: str, terms: Sequence[str], first: Sequence[Call] = ()) -> None:
        searches: list[Call] = [("search", {"pattern": term}) for term in terms]
        observations = self.transcript.act(text, [*first, *searches])[len(first) :]
        for term, observation in zip(terms, observations, strict=True):
            for line in observation.text.split("\n"):
                path, colon, _ = line.partition(":")
                if colon and observation.exit_status == 0:
                    self.found_by.setdefault(path, term)

    def _unseen(self, plans: Sequence[FilePlan]) -> list[FilePlan]:
        return [plan for plan in plans if not self.transcript.has_seen(plan.base_path or "")]

    def _name_in(self, plan: FilePlan) -> str | None:
        """The rarest name in the line that git gives as the place, or in the changed lines."""
        base = plan.base or ""
        region = plan.section if plan.section in base else ""
        found = _NAME.findall(region or "\n".join(edit.old_str for edit in plan.edits))
        names = list(dict.fromkeys(found))[:_MAX_NAMES]
        return min(names, key=lambda name: (base.count(name), -len(name), name), default=None)

    def _go_down(self, paths: Sequence[str], is_new: bool = False) -> None:
        """List folder after folder on the way to each path, those of one level at once."""
        while True:
            folders = sorted({folder for path in paths for folder in self._next_folders(path)})
            if not folders:
                break
            for batch in _batches(folders, self.config.max_calls_per_message):
                text = f"{pick(self.rng, 'go_down')} {sentence_list(batch)}."
                self.transcript.act(text, [("list_files", {"path": folder}) for folder in batch])
            self._listed |= set(folders)
        lost = [path for path in paths if not is_new and not self.transcript.has_seen(path)]
        if lost:
            raise RowError(Reason.UNSUITABLE_CHANGE, f"{len(lost)} files were not found")

    def _next_folders(self, path: str) -> list[str]:
        """The next folder on the way to a path, if it has been seen and not been listed."""
        if self.transcript.has_seen(path):
            return []
        folders = [str(folder) for folder in PurePosixPath(path).parents][:-1][::-1]
        for folder in folders:
            if folder not in self._listed:
                return [folder] if self.transcript.has_seen(folder) else []
        return []


def _batches(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
