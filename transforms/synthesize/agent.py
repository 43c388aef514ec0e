"""The scripted engineer. In: a pull request's plan and tools. Out: the messages of a dialogue.

    explore    list the root, search for names of the request, find every file to be changed
    read       around each place to be changed, several files at once
    edit       one call an edit; an ambiguous text is sometimes tried first, and really fails
    check      a syntax check where an interpreter is in the sandbox; the changed place once more
    report     what was changed, and which check failed

The course is the same for the same seed. Nothing that a tool prints is made up: a search without a
hit, an ambiguous edit, a file that did not parse before either, are recorded as they happen.
"""

import random
import shlex
from collections.abc import Sequence

from schemas.tables import PullRequest
from transforms.patch import split_lines
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.explore import Explorer
from transforms.synthesize.phrases import (
    code,
    count_of,
    describe_edit,
    describe_new_file,
    new_names,
    pick,
    sentence_list,
)
from transforms.synthesize.plan import Edit, FilePlan
from transforms.synthesize.reading import Reading, plan_readings
from transforms.synthesize.task import search_terms, system_text, task_text
from transforms.synthesize.transcript import Call, Transcript

CHECKS = {
    "python": "python3 -I -m py_compile",
    "bash": "bash -n",
    "javascript": "node --check",
    "json": "python3 -I -m json.tool --no-ensure-ascii",
    "ruby": "ruby -c",
    "php": "php -n -l",
}
"""Language -> a command that parses a file and does not run it, nor any other file: without -I
python3 imports `py_compile.py` or `json/` of the repository. Test runners are left out: they print
how long they took, and an observation must be the same in every run."""


class Agent:
    """One dialogue."""

    def __init__(
        self,
        pull_request: PullRequest,
        plans: Sequence[FilePlan],
        transcript: Transcript,
        config: SynthesizeConfig,
        rng: random.Random,
        programs: frozenset[str] = frozenset(),
    ) -> None:
        self.pull_request = pull_request
        self.plans = plans
        self.transcript = transcript
        self.config = config
        self.rng = rng
        self.programs = programs
        """Interpreters that the sandbox has."""
        self.explorer = Explorer(transcript, config, rng)
        self.failed_checks: list[str] = []

    def work(self) -> None:
        """The whole course. Raises RowError where it cannot be gone."""
        self._take_the_request()
        self.explorer.find(self.plans)
        self._read()
        for plan in self.plans:
            self._change(plan)
        self._check()
        self._report()

    def _take_the_request(self) -> None:
        has_shell = self.transcript.toolbox.sandbox is not None
        self.transcript.instruct(system_text(has_shell))
        opening = pick(self.rng, "request")
        task = task_text(self.pull_request, opening, self.config.max_task_chars)
        self.transcript.ask(task)
        self.explorer.look_around(search_terms(task.removeprefix(opening)))

    def _read(self) -> None:
        readings = plan_readings(self.plans, self.config)
        size = self.config.max_calls_per_message
        for start in range(0, len(readings), size):
            batch = readings[start : start + size]
            calls: list[Call] = [("read_file", reading.arguments) for reading in batch]
            self.transcript.act(self._reason_to_read(batch), calls)

    def _reason_to_read(self, batch: Sequence[Reading]) -> str:
        paths = list(dict.fromkeys(reading.path for reading in batch))
        text = f"{pick(self.rng, 'read')} {sentence_list(paths)}."
        terms = [self.explorer.found_by[path] for path in paths if path in self.explorer.found_by]
        if not terms:
            return text
        first = next(path for path in paths if path in self.explorer.found_by)
        return f"{code(terms[0])} occurs in {code(first)}. {text}"

    def _change(self, plan: FilePlan) -> None:
        if plan.result is None:
            self._command(f"{code(plan.path)} is not needed any more.", f"rm {_word(plan.path)}")
            return
        if plan.base_path not in (None, plan.path):
            self._rename(plan)
        for edit in plan.edits:
            if plan.base_path is None:
                text = describe_new_file(plan.path, edit.new_str)
            else:
                text = describe_edit(plan.path, edit.old_str, edit.new_str)
            self._edit(plan.path, edit, text)

    def _rename(self, plan: FilePlan) -> None:
        old, new = _word(plan.base_path or ""), _word(plan.path)
        folder, slash, _ = plan.path.rpartition("/")
        make_folder = f"mkdir -p {_word(folder)} && " if slash else ""
        text = f"{code(plan.base_path or '')} becomes {code(plan.path)}."
        self._command(text, f"{make_folder}mv {old} {new}")

    def _edit(self, path: str, edit: Edit, text: str) -> None:
        if edit.short_old_str and self.rng.random() < self.config.ambiguous_edit_rate:
            short = _edit_call(path, edit.short_old_str, edit.short_new_str)
            self.transcript.act(text, [short])
            text = pick(self.rng, "retry")
        self.transcript.act(text, [_edit_call(path, edit.old_str, edit.new_str)])

    def _command(self, text: str, command: str) -> int:
        (observation,) = self.transcript.act(text, [("run_command", {"command": command})])
        return observation.exit_status

    def _check(self) -> None:
        present = [plan for plan in self.plans if plan.result is not None and plan.edits]
        checks = [(plan.path, command) for plan in present if (command := self._check_of(plan))]
        for path, command in checks[: self.config.max_checks]:
            if self._command(pick(self.rng, "check"), command) != 0:
                self.failed_checks.append(path)
        filled = [plan for plan in present if plan.result]
        if filled:
            self._look_again(self.rng.choice(filled))

    def _check_of(self, plan: FilePlan) -> str | None:
        command = CHECKS.get(plan.language)
        if command is None or command.split()[0] not in self.programs:
            return None
        # json.tool prints what it reads; only its complaints matter.
        return f"{command} {_word(plan.path)}{' > /dev/null' if plan.language == 'json' else ''}"

    def _look_again(self, plan: FilePlan) -> None:
        """Search the changed file for a name that is new, or read the place again."""
        edit = plan.edits[0]
        names = [name for name in new_names(plan.base or "", edit.new_str) if len(name) > 3]
        if names:
            text = f"{pick(self.rng, 'where_now')} {code(names[0])}."
            self.transcript.act(text, [("search", {"pattern": names[0], "path": plan.path})])
            return
        start = max(1, edit.first_line - 3)
        end = start + len(split_lines(edit.new_str)) + 6
        call: Call = ("read_file", {"path": plan.path, "start": start, "end": end})
        self.transcript.act(pick(self.rng, "look_again"), [call])

    def _report(self) -> None:
        lines = [f"- {code(plan.path)}: {_summary(plan)}" for plan in self.plans]
        text = "\n".join([pick(self.rng, "done"), "", *lines])
        if self.failed_checks:
            text += f"\n\nThe check of {sentence_list(self.failed_checks)} failed, see above."
        self.transcript.say(text)


def _edit_call(path: str, old_str: str, new_str: str) -> Call:
    return "edit_file", {"path": path, "old_str": old_str, "new_str": new_str}


def _word(path: str) -> str:
    """A path as one word of a shell, never an option."""
    return shlex.quote(f"./{path}" if path.startswith("-") else path)


def _summary(plan: FilePlan) -> str:
    if plan.result is None:
        return "deleted"
    if plan.base_path is None:
        return f"new, {count_of(len(split_lines(plan.result)), 'line')}"
    moved = f"moved from {code(plan.base_path)}, " if plan.base_path != plan.path else ""
    return moved + count_of(len(plan.edits), "edit")
