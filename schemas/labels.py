"""The labels of the corpus: 8 task types, 8 scenarios, 6 mid-training capabilities.

The names are those Kuaishou published for KAT-Dev-32B and KAT-Coder; the sentences are ours and
are what `label` and the dataset card show to people.

    TaskType.BUG_FIXING.sentence  ->  "Make wrong behaviour right, ..."
"""

from enum import StrEnum


class _Described(StrEnum):
    """A string enum whose members carry one sentence."""

    sentence: str

    def __new__(cls, value: str, sentence: str) -> "_Described":
        member = str.__new__(cls, value)
        member._value_ = value
        member.sentence = sentence
        return member

    @property
    def heading(self) -> str:
        """The name as people write it: "Bug fixing"."""
        return self.value.replace("_", " ").capitalize()


class TaskType(_Described):
    """What kind of work a change or dialogue is."""

    FEATURE_IMPLEMENTATION = (
        "feature_implementation",
        "Build something that was not there: a new module, command, endpoint or option.",
    )
    FEATURE_ENHANCEMENT = (
        "feature_enhancement",
        "Extend or improve something that already works, keeping what callers rely on.",
    )
    BUG_FIXING = (
        "bug_fixing",
        "Make wrong behaviour right, most often with a test that would have caught it.",
    )
    REFACTORING = (
        "refactoring",
        "Change the structure of code and leave its behaviour as it was.",
    )
    PERFORMANCE_OPTIMIZATION = (
        "performance_optimization",
        "Do the same in less time, memory, traffic or energy.",
    )
    TEST_CASE_GENERATION = (
        "test_case_generation",
        "Add or extend automated tests for code that exists.",
    )
    CODE_UNDERSTANDING = (
        "code_understanding",
        "Read code and explain it: documentation, comments, answers to questions.",
    )
    CONFIGURATION_AND_DEPLOYMENT = (
        "configuration_and_deployment",
        "Change how software is built, configured, released or run.",
    )


class Scenario(_Described):
    """In what part of software engineering the work happens."""

    APPLICATION_DEVELOPMENT = (
        "application_development",
        "Programs, services and libraries that serve a user or another program.",
    )
    UI_UX_ENGINEERING = (
        "ui_ux_engineering",
        "What people see and touch: pages, components, styles, accessibility.",
    )
    DATA_SCIENCE_AND_ENGINEERING = (
        "data_science_and_engineering",
        "Pipelines, analysis, notebooks, data formats and their processing.",
    )
    MACHINE_LEARNING_AND_AI = (
        "machine_learning_and_ai",
        "Models, their training, evaluation and serving.",
    )
    DATABASE_SYSTEMS = (
        "database_systems",
        "Schemas, queries, migrations, storage engines and drivers.",
    )
    INFRASTRUCTURE_DEVELOPMENT = (
        "infrastructure_development",
        "Build systems, containers, clusters, networks, observability.",
    )
    SPECIALIZED_PROGRAMMING_DOMAINS = (
        "specialized_programming_domains",
        "Compilers, embedded and systems code, games, graphics, science.",
    )
    SECURITY_ENGINEERING = (
        "security_engineering",
        "Authentication, cryptography, hardening and the repair of vulnerabilities.",
    )


class Capability(_Described):
    """What a mid-training document is there to teach."""

    TOOL_USE = ("tool_use", "Calling tools that really run, and reading what they answer.")
    MULTI_TURN_INTERACTION = (
        "multi_turn_interaction",
        "Long exchanges among a user, an assistant and tools.",
    )
    CODING_KNOWLEDGE = ("coding_knowledge", "Source code and documentation of many domains.")
    DEVELOPMENT_WORKFLOW = (
        "development_workflow",
        "Pull requests as they happened: what was asked, what was there, what changed.",
    )
    INSTRUCTION_FOLLOWING = (
        "instruction_following",
        "Doing what was asked, in the form that was asked.",
    )
    GENERAL_REASONING = ("general_reasoning", "Reasoning outside of programming.")
