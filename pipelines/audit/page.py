"""The report for the owner of the code. In: the values of AUDIT.json. Out: Markdown.

render_page(values)  ->  "# Audit of an anonymized run\n..."
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

MAX_PLACES = 40
"""Places listed in a section of the page; AUDIT.json has more."""


def render_page(values: dict[str, Any]) -> str:
    """All sections, the verdict first."""
    parts = [
        _verdict(values), _findings(values["findings"]), _leaks(values["leaks"]),
        _residual(values["residual"]), _canaries(values["canaries"]),
        _parsing(values["parsing"]), _persons(values["persons"]), _authors(values["authors"]),
        _metadata(values["metadata"]), _claims(values["claims"]),
    ]  # fmt: skip
    return "\n".join(line for part in parts for line in [*part, ""])


def summary_lines(values: dict[str, Any]) -> list[str]:
    """What the command prints."""
    leaks, residual, canaries = values["leaks"], values["residual"], values["canaries"]
    lines = [
        f"leaks: {leaks['values']:,} original values searched in {leaks['bytes']:,} bytes of "
        f"{leaks['files']:,} files; {leaks['hits']:,} found",
        f"residual scan: {', '.join(residual['scanners'])}; {residual['left']:,} findings left",
        *(f"residual scan: {name} not run; {how}" for name, how in residual["not_run"].items()),
        f"canaries: {canaries.get('survived', 0):,} of {canaries['planted']:,} survived",
        f"persons: {values['persons']['persons']:,} persons, "
        f"{values['persons']['pseudonyms']:,} pseudonyms",
    ]
    return lines + [f"look at: {problem}" for problem in values["to_look_at"]]


def _verdict(values: dict[str, Any]) -> Iterator[str]:
    claim = values["claims"]
    yield "# Audit of an anonymized run"
    yield ""
    yield f"The data is {claim['is']}. Profile: `{claim['profile']}`."
    yield f"Key fingerprint: `{claim['key_fingerprint']}`."
    yield ""
    if values["to_look_at"]:
        yield "To look at:"
        yield ""
        yield from (f"* {problem}" for problem in values["to_look_at"])
    else:
        yield "Nothing remains to be looked at. What was not run, and what is kept, is said below."


def _findings(part: dict[str, Any]) -> Iterator[str]:
    yield "## What was replaced"
    yield ""
    if not part["was_counted"]:
        yield "Not counted: the run has no table `findings`."
        return
    yield f"{part['rows_without_any']:,} of {part['rows']:,} rows had nothing to replace."
    yield ""
    yield from _table(part["total"], ("entity", "rule", "num"))
    yield ""
    yield from _table(part["by_repository"], ("repo", "entity", "num"))


def _leaks(part: dict[str, Any]) -> Iterator[str]:
    yield "## Search for every original value"
    yield ""
    yield (
        f"{part['values']:,} values, in every spelling, in {part['files']:,} files and "
        f"{part['bytes']:,} bytes (cells after decompression, names, metadata, raw bytes): "
        f"{part['hits']:,} hits, {part['reviewed']:,} reviewed."
    )
    yield ""
    classes = [{"class": name, "searched": num} for name, num in part["values_by_class"].items()]
    yield from _table(classes, ("class", "searched"))
    yield ""
    left_out = [
        {"class": entity, "reason": reason, "not searched": num}
        for entity, reasons in part["not_searched"].items()
        for reason, num in reasons.items()
    ]
    yield from _table(left_out, ("class", "reason", "not searched"))
    if part["hits"]:
        yield ""
        columns = ("entity", "stage", "table", "column", "row_id", "num", "tag")
        yield from _counts_and_places(part["by_place"], part["places"], columns)


def _residual(part: dict[str, Any]) -> Iterator[str]:
    yield "## Scanners that were not used for detection"
    yield ""
    for name, version in part["scanners"].items():
        yield f"* {name} ({version}): run"
    for name, how in part["not_run"].items():
        yield f"* {name}: **not run**, as it is not installed; {how}"
    yield ""
    yield (
        f"{part['share_of_rows']:.0%} of the rows, drawn by their ids: {part['texts']:,} texts of "
        f"{part['characters']:,} characters: {part['left']:,} findings "
        f"left, {part['reviewed']:,} reviewed. Explained:"
    )
    yield ""
    yield from _table(part["explained"], ("scanner", "reason", "num"))
    if part["left"]:
        yield ""
        yield "Left. To allow a value after looking at it, put its tag and a reason into a file:"
        yield '`[[allow]]`, `tag = "..."`, `reason = "..."`, and give it with `--allow`.'
        yield ""
        columns = ("scanner", "rule", "table", "column", "row_id", "line", "tag")
        yield from _counts_and_places(part["by_rule"], part["places"], columns)


def _canaries(part: dict[str, Any]) -> Iterator[str]:
    yield "## Planted values"
    yield ""
    if not part["planted"]:
        yield "Not run: `--canaries 0`."
        return
    yield (
        f"{part['survived']:,} of {part['planted']:,} survived, in {part['places']} kinds of "
        f"places and {part['encodings']} encodings; the rate is below {part['bound']:.2%} (95 %)."
    )
    yield ""
    yield from _table(part["by_entity"], ("entity", "planted", "survived", "bound"))
    for why, num in part["not_planted"].items():
        yield f"* not planted: {why} ({num:,})"


def _parsing(part: dict[str, Any]) -> Iterator[str]:
    yield "## Does the code parse as it did?"
    yield ""
    rejected = ", ".join(f"{name} {num:,}" for name, num in part["rejected"].items())
    yield f"{part['rows']:,} rows compared. Rejected: {rejected}."
    yield ""
    changed = [row for row in part["languages"] if row["changed"]]
    yield from _table(changed, tuple(changed[0]) if changed else ())


def _persons(part: dict[str, Any]) -> Iterator[str]:
    yield "## Persons and pseudonyms"
    yield ""
    yield from _table([{"what": name.replace("_", " "), "num": num} for name, num in part.items()],
                      ("what", "num"))  # fmt: skip


def _authors(part: dict[str, Any]) -> Iterator[str]:
    yield f"## Authors below {part['k']} commits"
    yield ""
    yield (
        "They share one pseudonym." if part["are_folded"] else
        "They keep pseudonyms of their own: `anonymize.min_author_commits` is 0."
    )  # fmt: skip
    yield ""
    yield from _table(part["repositories"], ("repo", "persons", "below_k", "fewest_commits"))


def _metadata(part: dict[str, Any]) -> Iterator[str]:
    yield "## Metadata"
    yield ""
    yield ", ".join(f"{name}: {value}" for name, value in part["policy"].items()) + "."
    yield ""
    yield from _table([{"what": name, "num": num} for name, num in part["counts"].items()],
                      ("what", "num"))  # fmt: skip


def _claims(part: dict[str, Any]) -> Iterator[str]:
    yield f"## What is claimed: {part['is']}"
    yield ""
    yield from (f"* {limit}" for limit in part["limits"])
    yield ""
    yield f"The profile `{part['profile']}` keeps:"
    yield ""
    yield from (f"* {sentence}" for sentence in part["kept_on_purpose"])
    yield ""
    yield "Versions: " + ", ".join(f"{name} {v}" for name, v in part["versions"].items()) + "."
    yield ""
    rows = [{"stage": name, "fingerprint": value} for name, value in part["manifests"].items()]
    yield from _table(rows, ("stage", "fingerprint"))


def _counts_and_places(
    counts: Sequence[dict[str, Any]], places: Sequence[dict[str, Any]], columns: Sequence[str]
) -> Iterator[str]:
    """All counts, then the first places."""
    yield from _table(counts, tuple(counts[0]))
    yield ""
    if len(places) > MAX_PLACES:
        yield f"The first {MAX_PLACES} places; AUDIT.json has more:"
        yield ""
    yield from _table(places[:MAX_PLACES], columns)


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    """A Markdown table; a sentence where there is no row."""
    if not rows:
        yield "None."
        return
    yield _line(columns)
    yield _line("---" for _ in columns)
    yield from (_line(_cell(row[column]) for column in columns) for row in rows)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value).replace("|", "\\|") or "-"
