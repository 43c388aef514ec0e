"""What has to be read before a change. In: file plans. Out: `Reading`s, calls of read_file.

    plan_readings(plans, config)  ->  [Reading(path="src/cart.py", start=31, end=88)]

A short file is read whole. In a long one each edit's lines are read with some around them, and
ranges that touch become one while they fit into an observation. Every line of an edit's `old_str`
lies in a reading, and no reading is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.patch import split_lines
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.plan import FilePlan
from transforms.synthesize.tools import Arguments

Range = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One call of read_file; without a range the whole file."""

    path: str
    start: int | None = None
    end: int | None = None

    @property
    def arguments(self) -> Arguments:
        """Of read_file."""
        if self.start is None or self.end is None:
            return {"path": self.path}
        return {"path": self.path, "start": self.start, "end": self.end}


def plan_readings(plans: Sequence[FilePlan], config: SynthesizeConfig) -> list[Reading]:
    """The readings in the order of the plans."""
    return [reading for plan in plans for reading in _readings_of(plan, config)]


def _readings_of(plan: FilePlan, config: SynthesizeConfig) -> list[Reading]:
    if plan.base_path is None or plan.base is None:
        return []
    lines = split_lines(plan.base)
    fits = len(plan.base.encode("utf-8")) <= config.max_observation_bytes
    if fits and len(lines) <= config.max_whole_read_lines:
        return [Reading(path=plan.base_path)]
    if not plan.edits:
        return [Reading(path=plan.base_path, start=1, end=config.read_context_lines)]
    ranges = [_range_around(e.first_line, e.last_line, lines, config) for e in plan.edits]
    path = plan.base_path
    return [Reading(path=path, start=s, end=e) for s, e in _merge(ranges, lines, config)]


def _range_around(first: int, last: int, lines: list[str], config: SynthesizeConfig) -> Range:
    """As much context as fits: halved until it does, in the end none."""
    context = config.read_context_lines
    while True:
        found = max(1, first - context), min(len(lines), last + context)
        if context == 0 or _fits(found, lines, config):
            return found
        context //= 2


def _merge(ranges: list[Range], lines: list[str], config: SynthesizeConfig) -> list[Range]:
    merged = ranges[:1]
    for start, end in ranges[1:]:
        joined = (merged[-1][0], max(end, merged[-1][1]))
        if start <= merged[-1][1] + 1 and _fits(joined, lines, config):
            merged[-1] = joined
        else:
            merged.append((start, end))
    return merged


def _fits(found: Range, lines: list[str], config: SynthesizeConfig) -> bool:
    text = "".join(lines[found[0] - 1 : found[1]])
    return len(text.encode("utf-8")) <= config.max_observation_bytes
