"""What files tell of scenarios: names, folders, imported modules. Edit to teach `label`.

    IMPORTS["torch"]      ->  Scenario.MACHINE_LEARNING_AND_AI
    FOLDERS["migrations"] ->  Scenario.DATABASE_SYSTEMS

All keys are lower case. An entry stands under one scenario: what is common to several, such as
"models" (of a database, of a network), is left out.
"""

from schemas.labels import Scenario
from transforms.label.scenario_words import (
    APPLICATION,
    DATA,
    DATABASE,
    INFRASTRUCTURE,
    LEARNING,
    SECURITY,
    SPECIALIZED,
    UI,
)


def table(entries: dict[Scenario, str]) -> dict[str, Scenario]:
    """Entry -> scenario, from lists separated by blanks; no entry may stand under two."""
    pairs = [(entry, scenario) for scenario, text in entries.items() for entry in text.split()]
    made = dict(pairs)
    assert len(made) == len(pairs), sorted(e for e, s in pairs if made[e] is not s)
    return made


FILE_NAMES: dict[str, Scenario] = table(
    {
        INFRASTRUCTURE: "dockerfile containerfile makefile cmakelists.txt jenkinsfile vagrantfile "
        "docker-compose.yml docker-compose.yaml compose.yaml chart.yaml .gitlab-ci.yml "
        ".travis.yml appveyor.yml tox.ini noxfile.py build.bazel workspace tiltfile procfile "
        "kustomization.yaml skaffold.yaml .pre-commit-config.yaml nginx.conf setup.py setup.cfg "
        "pyproject.toml manifest.in requirements.txt go.mod pom.xml build.gradle .gitignore "
        ".gitattributes .dockerignore .editorconfig .readthedocs.yaml .readthedocs.yml",
        SECURITY: "security.md codeql.yml .gitleaks.toml .snyk",
        DATA: "dvc.yaml dbt_project.yml",
    }
)
"""Whole file names."""

EXTENSIONS: dict[str, Scenario] = table(
    {
        UI: "css scss sass less styl vue svelte tsx jsx html htm xhtml storyboard xib qml xaml "
        "svg hbs ejs",
        DATA: "ipynb parquet avro csv tsv rmd dbt",
        DATABASE: "sql ddl dml psql plsql prisma",
        INFRASTRUCTURE: "tf tfvars hcl nix bzl cmake mk service bicep dockerfile",
        SPECIALIZED: "asm s cu cuh glsl hlsl wgsl vert frag shader v sv svh vhd vhdl ld dts dtsi "
        "ino lex y g4 f f90 f95 f03 gd cob cbl lean sol",
        LEARNING: "onnx tflite safetensors pbtxt",
        SECURITY: "pem crt yar yara rego",
    }
)
"""What follows the last dot."""

FOLDERS: dict[str, Scenario] = table(
    {
        APPLICATION: "app apps api apis cli cmd commands controllers handlers routes routers "
        "services views server client middleware plugins",
        UI: "ui components styles style stylesheets theme themes css frontend widgets pages layout "
        "layouts icons a11y storybook stories templates webapp",
        DATA: "etl notebooks notebook dags analytics datasets dataset dataframe dataframes spark "
        "airflow ingestion warehouse plotting stats statistics",
        LEARNING: "ml nn neural llm llms inference training embeddings tokenizer tokenizers "
        "checkpoints finetune rl agents prompts",
        DATABASE: "migrations migration db database databases sql orm sqlite postgres postgresql "
        "mysql alembic dialects",
        INFRASTRUCTURE: ".github workflows .circleci docker deploy deployment deployments k8s "
        "kubernetes helm charts terraform ansible infra infrastructure ops ci monitoring "
        "prometheus grafana packaging buildkite .buildkite devcontainer .devcontainer",
        SPECIALIZED: "kernel compiler codegen lexer drivers firmware embedded shaders "
        "renderer rendering gameplay game games physics simulation emulator llvm hal bsp "
        "bytecode interpreter graphics audio dsp",
        SECURITY: "auth authentication authorization security crypto cryptography oauth oauth2 "
        "jwt secret secrets permissions tls ssl acl rbac sso",
    }
)
"""Folders of a path, and file names without their ending."""

IMPORTS: dict[str, Scenario] = table(
    {
        APPLICATION: "flask django fastapi express koa gin axum actix_web rocket springframework "
        "rails sinatra laravel symfony click argparse typer cobra clap commander yargs aiohttp "
        "requests httpx axios starlette tornado werkzeug nestjs grpc celery",
        UI: "react react-dom vue svelte @angular preact tkinter pyqt5 pyqt6 pyside6 qt gtk swiftui "
        "uikit jetpack flutter styled-components tailwindcss jquery electron storybook textual "
        "curses",
        DATA: "pandas numpy polars pyspark pyarrow airflow dask dagster prefect matplotlib seaborn "
        "scipy duckdb luigi plotly xarray apache_beam kafka statsmodels dbt",
        LEARNING: "torch tensorflow keras sklearn transformers jax flax xgboost lightgbm "
        "onnxruntime openai anthropic langchain datasets tokenizers peft accelerate diffusers "
        "sentence_transformers gymnasium vllm spacy",
        DATABASE: "sqlalchemy sqlite3 psycopg2 psycopg pymysql mysql pymongo mongodb redis "
        "mongoose sequelize knex typeorm prisma diesel sqlx gorm jdbc hibernate alembic "
        "cassandra asyncpg rocksdb leveldb peewee rusqlite sqlite",
        INFRASTRUCTURE: "kubernetes k8s docker boto3 botocore pulumi ansible fabric prometheus "
        "prometheus_client opentelemetry terraform cloudformation setuptools nox invoke hatchling",
        SPECIALIZED: "llvm llvmlite pygame bevy sdl2 sdl opengl vulkan wgpu unityengine godot "
        "linux arduino freertos embedded_hal avr esp32 antlr4 ply sympy numba cuda mpi4py "
        "biopython astropy qiskit nom winit pyaudio godot_cpp",
        SECURITY: "cryptography hmac openssl bcrypt jwt oauthlib authlib passlib "
        "argon2 rustls pyjwt jsonwebtoken passport nacl sodium bandit",
    }
)
"""Parts of a module's name: "torch.nn" has the parts torch and nn."""
