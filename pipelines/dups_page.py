"""The page that `katydid dups` prints. In: values of `pipelines.dups.explain_row`. Out: text.

source_files 3f9a02... was removed by dedup: near_duplicate
"""

from typing import Any

from pipelines.duplicate_groups import row_name
from pipelines.text_table import render_table

_LABELS = {
    "id": "row",
    "repo": "repository",
    "pr_id": "pull request",
    "license": "licence",
    "time": "merged or created",
    "shingles": "distinct shingles",
}


def render_explanation(values: dict[str, Any]) -> str:
    """The page."""
    parts = [_headline(values), _render_rows(values)]
    if values["witness"]:
        parts.append("\n".join(_witness_lines(values)))
    parts += [_render_group(values)] if values["group"]["size"] > 1 else []
    later = [
        f"{row['stage']} rejected it later: {row['reason']}" for row in values["rejected_later"]
    ]
    return "\n\n".join([*parts, *later])


def _headline(values: dict[str, Any]) -> str:
    stage, group = values["stage"], values["group"]
    start = f"{values['table']} {values['row']['id']} was {values['outcome']} by {stage}"
    if values["outcome"] == "removed":
        detail = "" if values["witness"] or not values["detail"] else f" ({values['detail']})"
        return f"{start}: {values['reason']}{detail}"
    if not values["is_compared"]:
        return f"{start}: dedup.tables leaves {values['table']} out"
    if group["size"] > 1:
        return f"{start}: it is the best of {group['size']:,} rows, and the others name it"
    return f"{start}: no better row that it was paired with reaches {values['threshold']}"


def _render_rows(values: dict[str, Any]) -> str:
    """What is known of the row and of its witness, side by side."""
    row, witness = values["row"], values["witness"]
    has_two = bool(witness) and not witness["is_of_earlier_run"]
    columns = ("", "removed", "kept (witness)") if has_two else ("", values["outcome"])
    lines = [
        [_LABELS.get(name, name), _cell(value), *([_cell(witness[name])] if has_two else [])]
        for name, value in row.items()
    ]
    return render_table(lines, columns)


def _cell(value: Any) -> str:
    return "" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _witness_lines(values: dict[str, Any]) -> list[str]:
    witness = values["witness"]
    if witness["is_of_earlier_run"]:
        return [
            f"{values['detail'] or 'a copy'}: of row {witness['id']}, which an earlier run kept "
            "(dedup.against); ask that run for it"
        ]
    equal = "they are byte-equal" if witness["is_copy"] else "they are not byte-equal"
    lines = [
        f"similarity {witness['similarity']:.4f}, threshold {values['threshold']}: "
        f"{witness['shared_shingles']:,} of {witness['all_shingles']:,} distinct shingles "
        f"({values['shingles']}, {values['shingle_size']}) are in both; {equal}",
        f"preferred for {_preferred_for(values['row'], witness)}",
    ]
    # `rejected` has four digits of a number of 32 bits.
    if abs(witness["similarity"] - witness["recorded_similarity"]) > 2e-4:
        recorded = f"{witness['recorded_similarity']:.4f}"
        lines.append(f"rejected says {recorded}: another version of the code compared them")
    return lines


def _preferred_for(row: dict[str, Any], witness: dict[str, Any]) -> str:
    return {
        "license": f"its licence: {witness['license']} before {row['license']}",
        "tokens": f"its tokens: {witness['tokens']:,} over {row['tokens']:,}",
        "newest": f"its time: {witness.get('time')} is later than {row.get('time')}",
        "id": "the hash of its id, since licence, tokens and time rank the same",
    }[witness["preferred_for"]]


def _render_group(values: dict[str, Any]) -> str:
    group, others = values["group"], values["group"]["others"]
    is_removed = values["outcome"] == "removed"
    num_others = group["size"] - 1 - is_removed
    if not num_others:
        return f"no other row names {group['kept']}"
    shown = f"; the {len(others):,} most similar to it, --all for all"
    other = "other " if is_removed else ""
    title = f"1 {other}row names" if num_others == 1 else f"{num_others:,} {other}rows name"
    columns = ["similarity", *(["to the kept"] if is_removed else []), "row", "licence", "tokens"]
    rows = [
        [
            f"{row['similarity']:.4f}{' copy' if row['is_copy'] else ''}",
            *([_similarity(row["similarity_to_kept"])] if is_removed else []),
            *(
                row["id"],
                row["license"],
                row["tokens"],
                row["repo"],
                row_name(values["table"], row),
            ),
        ]
        for row in others
    ]
    table = render_table(rows, [*columns, "repository", "what"])
    more = shown if len(others) < num_others else ""
    return f"{title} {group['kept']} as the row kept{more}\n\n{table}"


def _similarity(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
