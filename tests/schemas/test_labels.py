"""The labels: eight by eight, six capabilities, each with a sentence of its own."""

from schemas.labels import Capability, Scenario, TaskType


def test_there_are_eight_by_eight_and_six() -> None:
    assert (len(TaskType), len(Scenario), len(Capability)) == (8, 8, 6)


def test_each_label_has_a_sentence_of_its_own() -> None:
    members = [*TaskType, *Scenario, *Capability]
    assert len({member.sentence for member in members}) == len(members)
    assert all(member.sentence.endswith(".") for member in members)
    assert TaskType.BUG_FIXING.heading == "Bug fixing"


def test_a_label_is_its_name_in_a_table() -> None:
    assert TaskType("bug_fixing") is TaskType.BUG_FIXING
    assert TaskType.BUG_FIXING == "bug_fixing"
