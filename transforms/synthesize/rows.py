"""synthesize: one tool-use dialogue per pull request. In: `PullRequest` rows. Out: `Dialogue` rows.

    system      You are a software engineer working in a checkout of a repository. ...
    user        Please make the following change ... Round totals half up ... `cart_total` ...
    assistant   I start with the layout of the repository.    list_files(".") search("cart_total")
    tool        README.md\\nsrc/\\ntests/
    tool        src/cart.py:12:def cart_total(items):
    ...

A scripted engineer makes the pull request's change with tools that really run, on a checkout of the
base commit that holds no later history; every tool message is what the tool printed. When the
dialogue ends, every changed file must be what the pull request made of it. A row is rejected when
its change cannot be replayed: see `schemas.reasons`, under synthesize.

Where no sandbox can be had, the shell tool is left out and nothing is executed: the other tools are
ours and only read and write files. Which tools a dialogue has is in its `tools`.
"""

import random
import tempfile
import weakref
from pathlib import Path

import pyarrow as pa

from schemas.arrow import to_rows
from schemas.errors import ConfigError, RowError, SandboxError
from schemas.ids import seed_for, stable_id
from schemas.labels import Capability
from schemas.reasons import Reason
from schemas.tables import Dialogue, PullRequest
from transforms.outcome import Outcome, attempt
from transforms.sandbox.bubblewrap import Sandbox, find_sandbox, open_to_sandbox, require_sandbox
from transforms.sandbox.folder import is_fault_of_path, remove_folder
from transforms.synthesize.agent import CHECKS, Agent
from transforms.synthesize.checkout import Checkout
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.plan import FilePlan, plan_change
from transforms.synthesize.snapshots import SnapshotSource
from transforms.synthesize.tools import Toolbox
from transforms.synthesize.transcript import Transcript


class Synthesize:
    """Dialogues from pull requests; picklable until it is opened."""

    def __init__(self, config: SynthesizeConfig, seed: int, snapshots: SnapshotSource) -> None:
        self.config = config
        self.seed = seed
        self.snapshots = snapshots

    def open(self) -> None:
        """Find a sandbox, make the work folder. Raises SandboxError where one is required."""
        self.sandbox = choose_sandbox(self.config.run_commands)
        self.snapshots.open()
        scratch = make_scratch()
        weakref.finalize(self, remove_folder, scratch)
        self.checkout = Checkout(
            scratch / "repo",
            max_files=self.config.max_tree_files,
            max_bytes=self.config.max_tree_bytes,
        )
        self.programs = frozenset(find_programs(self.sandbox, self.checkout.folder.root))

    def apply(self, table: str, batch: pa.RecordBatch) -> Outcome[Dialogue]:
        """A dialogue or a rejected row for each pull request."""
        rows = to_rows(PullRequest, batch)
        return attempt(rows, self._synthesize, stage="synthesize", table=table)

    def _synthesize(self, row: PullRequest) -> Dialogue:
        plans = plan_change(row, self.config, has_shell=self.sandbox is not None)
        self.checkout.bring_to(self.snapshots.files(row.repo, row.base_commit))
        self._compare_with_base(plans)
        toolbox = Toolbox(self.checkout.folder, self.sandbox, self.config)
        transcript = Transcript(toolbox)
        rng = random.Random(seed_for(self.seed, row.pr_id))
        Agent(row, plans, transcript, self.config, rng, self.programs).work()
        self._compare_with_result(plans)
        return _dialogue(row, transcript)

    def _compare_with_base(self, plans: tuple[FilePlan, ...]) -> None:
        for plan in plans:
            known = None if plan.base_path is None else plan.base
            if self._content(plan.base_path or plan.path) != known:
                raise RowError(Reason.REPLAY_MISMATCH, "snapshot differs from base_content")

    def _compare_with_result(self, plans: tuple[FilePlan, ...]) -> None:
        moved = {plan.base_path for plan in plans} - {plan.path for plan in plans} - {None}
        is_right = all(self._content(plan.path) == plan.result for plan in plans)
        if not is_right or any(self._content(path or "") is not None for path in moved):
            raise RowError(Reason.REPLAY_MISMATCH, "the files after the dialogue differ")

    def _content(self, path: str) -> str | None:
        try:
            return self.checkout.folder.read(path).decode("utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if not is_fault_of_path(error):
                raise
            raise RowError(Reason.UNSUITABLE_CHANGE, f"unsafe path: {error.strerror}") from None


def make_scratch() -> Path:
    """A new temporary folder that the sandbox's user can reach."""
    scratch = Path(tempfile.mkdtemp(prefix="katydid-synthesize-"))
    open_to_sandbox(scratch)
    return scratch


def find_programs(sandbox: Sandbox | None, workdir: Path) -> dict[str, str]:
    """Which of the checks' programs are in the sandbox -> what each says of its version."""
    if sandbox is None:
        return {}
    names = sorted({command.split()[0] for command in CHECKS.values()})
    tell = 'echo "$name $($name --version 2>&1 | head -n 1)"'
    script = f"for name in {' '.join(names)}; do command -v $name > /dev/null && {tell}; done"
    done = sandbox.run(["bash", "-c", f"{script}; true"], workdir=workdir)
    if done.exit_status != 0:
        raise SandboxError(f"the sandbox ended with status {done.exit_status} when it was tried")
    lines = [line.partition(" ") for line in done.output.splitlines()]
    return {name: version for name, _, version in lines}


def choose_sandbox(run_commands: str) -> Sandbox | None:
    """The sandbox that `synthesize.run_commands` asks for; None for no shell tool.

    Raises SandboxError where one is required and none works, ConfigError for another word.
    """
    if run_commands == "never":
        return None
    if run_commands == "require":
        return require_sandbox()
    if run_commands != "auto":
        raise ConfigError(
            f"synthesize.run_commands is {run_commands!r}; write auto, require or never"
        )
    return find_sandbox()


def _dialogue(row: PullRequest, transcript: Transcript) -> Dialogue:
    return Dialogue(
        dialogue_id=stable_id("dialogue", row.pr_id),
        repo=row.repo,
        source=row.source,
        license=row.license,
        pr_id=row.pr_id,
        base_commit=row.base_commit,
        task_type=row.task_type,
        scenario=row.scenario,
        capability=Capability.TOOL_USE.value,
        tools=transcript.toolbox.specs,
        messages=tuple(transcript.messages),
        num_tool_calls=transcript.num_calls,
        num_failed_calls=transcript.num_failed_calls,
    )
