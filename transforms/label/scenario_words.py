"""The words that scenarios are told by. Edit these tables to teach `label` something.

    STRONG_WORDS[Scenario.SECURITY_ENGINEERING]  ->  {"vulnerability", "cross-site scripting", ...}

A term is one or two lower-case words. Strong terms mean one scenario wherever they stand; weak
ones lean towards it and need company.
"""

from schemas.labels import Scenario
from transforms.label.lexicon import words

APPLICATION = Scenario.APPLICATION_DEVELOPMENT
UI = Scenario.UI_UX_ENGINEERING
DATA = Scenario.DATA_SCIENCE_AND_ENGINEERING
LEARNING = Scenario.MACHINE_LEARNING_AND_AI
DATABASE = Scenario.DATABASE_SYSTEMS
INFRASTRUCTURE = Scenario.INFRASTRUCTURE_DEVELOPMENT
SPECIALIZED = Scenario.SPECIALIZED_PROGRAMMING_DOMAINS
SECURITY = Scenario.SECURITY_ENGINEERING

STRONG_WORDS: dict[Scenario, frozenset[str]] = {
    APPLICATION: words(
        "rest api, subcommand, subcommands, webhook, checkout, shopping, user account, cli, "
        "command line, command-line, http request, http response"
    ),
    UI: words(
        "css, modal, tooltip, tooltips, dropdown, accessibility, a11y, dark mode, dark theme, "
        "screen reader, screen readers, stylesheet, stylesheets, navbar, sidebar, "
        "user interface, theming, widget, widgets, custom properties, responsive, jquery, "
        "usability, breakpoint, breakpoints"
    ),
    DATA: words(
        "dataframe, dataframes, etl, parquet, csv, time series, data series, data pipeline, "
        "data pipelines, dataset, datasets, data set, data sets, notebook, notebooks, jupyter, "
        "pandas, histogram, data cleaning, data quality, data analysis, plotting, "
        "interquartile, outliers, median, medians, percentile, percentiles, airflow, "
        "sparkline, exploratory"
    ),
    LEARNING: words(
        "machine learning, deep learning, neural, neural network, neural networks, llm, llms, "
        "embedding, embeddings, training data, model training, training loop, fine-tuning, "
        "fine-tune, loss function, learning rate, dataloader, classifier, overfitting, "
        "language model, dense layer, backpropagation, gradient descent, "
        "reinforcement learning, trained model, hyperparameters"
    ),
    DATABASE: words(
        "database, databases, sql, postgres, postgresql, mysql, sqlite, foreign key, "
        "write-ahead, compaction, covering index, storage engine, query planner, orm, "
        "migrations, memtable, sstable, b-tree, lsm, key-value, deadlocks, replication, "
        "secondary index, schema migration"
    ),
    INFRASTRUCTURE: words(
        "ci, docker, dockerfile, kubernetes, k8s, helm, terraform, github actions, prometheus, "
        "observability, load balancer, continuous integration, build system, pre-commit, "
        "docker image, travis, appveyor, ansible, container image, tox"
    ),
    SPECIALIZED: words(
        "compiler, lexer, bytecode, firmware, shader, shaders, opcode, opcodes, codegen, "
        "emulator, constant folding, register allocation, pratt parser, stack machine, "
        "virtual machine, operator precedence, garbage collector, interrupt handler, "
        "device driver, physics, gpu kernel, microcontroller, quantum, ray tracing, linker"
    ),
    SECURITY: words(
        "security, vulnerability, vulnerabilities, cve, xss, csrf, ssrf, injection, "
        "sql injection, command injection, code injection, cross-site scripting, "
        "buffer overflow, out-of-bounds, timing attack, side channel, exploit, exploits, "
        "attacker, attackers, threat model, harden, hardening, hardened, credential, "
        "credentials, password, passwords, encrypt, encrypts, encrypted, encryption, decrypt, "
        "authentication, authorization, oauth, jwt, gitleaks, escape html, sanitize html, "
        "path traversal, denial of, privilege escalation, penetration test, fuzzing, "
        "secret scanning, constant time"
    ),
}
"""Terms that mean one scenario."""

WORDS: dict[Scenario, frozenset[str]] = {
    APPLICATION: words(
        "endpoint, middleware, pagination, notification, request, requests, response, session, "
        "server, client, command, commands, locale, plugin, plugins, argument, arguments, "
        "option, options, api, callback, parameter, parameters, http, url, cookies, header, "
        "headers"
    ),
    UI: words(
        "ui, ux, button, layout, theme, animation, component, components, styling, icon, "
        "render, rendered, font, hover, dialog, toast, page, screen, colour, colours, html, "
        "scroll, scrolling, keyboard, browser, form"
    ),
    DATA: words(
        "spark, plot, plots, aggregation, dag, statistics, ingestion, chart, charts, "
        "measurements, analysis, analysts, quantile, cleaning"
    ),
    LEARNING: words(
        "tokenizer, inference, gpu, gradient, attention, checkpoint, optimizer, predictions, "
        "prediction, forecast, forecasts, forecasting, backtest, trained, training, model, "
        "fitted, smoothing, epoch"
    ),
    DATABASE: words(
        "query, queries, migration, transaction, transactions, deadlock, connection pool, "
        "table, tables, schema, indexes, store, row, rows, flush, flushed, bloom filter, "
        "backup, on disk"
    ),
    INFRASTRUCTURE: words(
        "workflow, workflows, deployment, deploy, cluster, container, containers, monitoring, "
        "pipeline, makefile, release, packaging, runner, image, npm, wheel, wheels, "
        "dependency, dependencies, metrics, probes, build, registry, setuptools, "
        "python versions, dashboard"
    ),
    SPECIALIZED: words(
        "parser, parsing, kernel, embedded, simulation, game, assembly, interrupt, driver, "
        "fft, solver, precedence, emitter, operand, operands, interpreter, jump, "
        "instructions, grammar"
    ),
    SECURITY: words(
        "auth, token, tokens, tls, ssl, certificate, certificates, sanitize, permission, "
        "permissions, escaping, escape, timing, hostile, secret, secrets, leak, salt, hmac, "
        "signature, attack, attacks, unprivileged, overflow, threat"
    ),
}
"""Terms that lean towards a scenario."""
