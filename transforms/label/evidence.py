"""From evidence to a label, or to none. In: points for labels. Out: label, confidence, sentences.

    decide([Evidence("bug_fixing", 3.0, "title starts with fix")], TaskType, LabelConfig())
        ->  Decision("bug_fixing", 0.74, ("title starts with fix",))

Points of a label add up; confidences are the softmax of the sums over all labels, so one point is
a factor of e in the odds. Evidence sentences hold words of our tables and counts, never text of
the row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp

from transforms.label.config import LabelConfig


@dataclass(frozen=True)
class Evidence:
    """One reason to give a label."""

    label: str
    points: float
    sentence: str


@dataclass(frozen=True)
class Decision:
    """A label with its share among all labels; None, 0.0 and nothing when abstaining."""

    label: str | None
    confidence: float
    evidence: tuple[str, ...]


ABSTAIN = Decision(None, 0.0, ())


def decide(evidence: Iterable[Evidence], labels: Iterable[str], config: LabelConfig) -> Decision:
    """The label with the most points, unless it is too weak or too close to the next."""
    found = sorted(evidence, key=lambda item: (-item.points, item.sentence))
    points = {str(label): 0.0 for label in labels}
    for item in found:
        points[str(item.label)] += item.points
    ranked = sorted(points, key=lambda label: (-points[label], label))
    total = sum(exp(value) for value in points.values())
    first, second = (exp(points[label]) / total for label in ranked[:2])
    sentences = tuple(dict.fromkeys(x.sentence for x in found if x.label == ranked[0]))
    if not sentences or first < config.min_confidence or first - second < config.min_margin:
        return ABSTAIN
    return Decision(ranked[0], first, sentences)
