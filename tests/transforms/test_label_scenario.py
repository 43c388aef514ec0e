"""Scenarios of small invented pull requests."""

import pytest
from label_rows import CODE, cases, file_change, label, lines, pull_request

from schemas.labels import Scenario
from schemas.tables import PullRequest

SCENARIOS: dict[Scenario, list[PullRequest]] = {
    Scenario.APPLICATION_DEVELOPMENT: [
        pull_request("Add a subcommand", file_change("shop/cart.py", "+import click\n+x = 1")),
        pull_request("Round totals", CODE),
    ],
    Scenario.UI_UX_ENGINEERING: [
        pull_request("Dark mode", file_change("web/theme.scss", "+a {}")),
        pull_request("Show totals", file_change("web/Cart.tsx", "+import React from 'react'")),
        pull_request("fix(tooltip): follow the pointer", file_change("src/hint.ts", "-a\n+b")),
        pull_request("Explain colours", file_change("docs/look.md", "+The css theme of a button.")),
    ],
    Scenario.DATA_SCIENCE_AND_ENGINEERING: [
        pull_request(
            "Plot totals", file_change("sales.py", "+import pandas as pd\n+pd.read_csv(x)")
        ),
        pull_request("Explore sales", file_change("notebooks/sales.ipynb", "+{}")),
        pull_request("Drop outliers of the time series", CODE),
    ],
    Scenario.MACHINE_LEARNING_AND_AI: [
        pull_request(
            "Clip gradient norm", file_change("m.py", "+x", base="from torch import nn\n")
        ),
        pull_request("Warm up", file_change("training/loop.py", "+import torch.nn as nn")),
    ],
    Scenario.DATABASE_SYSTEMS: [
        pull_request("Index orders", file_change("migrations/0007_orders.sql", "+CREATE INDEX;")),
        pull_request(
            "Describe the files",
            file_change("docs/files.md", "+Each transaction writes to a table of the database."),
        ),
        pull_request("Fix a query", file_change("store.go", '+import "database/sql"\n+\t"x/sqlx"')),
    ],
    Scenario.INFRASTRUCTURE_DEVELOPMENT: [
        pull_request("ci: keep downloads", file_change("scripts/run.yml", "+keep: true")),
        pull_request("Smaller image", file_change("deploy/Dockerfile", "+FROM scratch")),
        pull_request("Two zones", file_change("terraform/main.tf", "+zone = 2")),
    ],
    Scenario.SPECIALIZED_PROGRAMMING_DOMAINS: [
        pull_request("Fold constants in the parser", file_change("compiler/fold.cpp", "+int x;")),
        pull_request("Blur", file_change("src/blur.glsl", "+void main() {}")),
    ],
    Scenario.SECURITY_ENGINEERING: [
        pull_request(
            "Fix an SQL injection in search",
            file_change("shop/search.py", "-a\n+b", base="import sqlite3\n"),
        ),
        pull_request(
            "ci: scan for credentials", file_change(".github/workflows/secret-scan.yml", "+a: 1")
        ),
        pull_request("Compare in constant time", file_change("auth/hash.py", "+import hmac")),
        pull_request("Repair CVE in password reset", file_change("shop/auth/reset.py", "+x = 1")),
    ],
}


@pytest.mark.parametrize(("scenario", "row"), cases(SCENARIOS))
def test_scenario(scenario: Scenario, row: PullRequest) -> None:
    labelled = label(row)
    assert labelled.scenario == scenario
    assert labelled.scenario_evidence


def test_every_scenario_has_a_case() -> None:
    assert set(SCENARIOS) == set(Scenario)


def test_one_long_file_does_not_silence_the_others() -> None:
    query = file_change("db/orders.py", lines("+", 30))
    long_page = file_change("docs/orders.md", lines("+", 300, "Orders, {}."))
    assert (
        label(pull_request("Query orders", query, long_page)).scenario == Scenario.DATABASE_SYSTEMS
    )


def test_a_name_on_a_page_is_not_its_subject() -> None:
    page = file_change("AUTHORS.rst", "+Travis Doe", base="Ann, Bob")
    assert label(pull_request("Me too", page)).scenario != Scenario.INFRASTRUCTURE_DEVELOPMENT


def test_application_development_is_what_is_left() -> None:
    code = file_change("shop/cart.py", "+x = 1", base="import click\n")
    store = file_change("shop/cart.py", "+x = 1", base="import click\nimport sqlite3\n")
    title = "Round rows of a table"
    assert label(pull_request("Round totals", code)).scenario == Scenario.APPLICATION_DEVELOPMENT
    assert label(pull_request(title, store)).scenario == Scenario.DATABASE_SYSTEMS
