"""What the model is told of the tools. In: nothing. Out: `ToolSpec` rows with JSON Schemas."""

import json

from schemas.tables import ToolSpec

_PATH = {"type": "string", "description": "Path relative to the repository's root."}


def _spec(
    name: str, description: str, properties: dict[str, dict[str, str]], *required: str
) -> ToolSpec:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    return ToolSpec(
        name=name, description=description, parameters=json.dumps(schema, sort_keys=True)
    )


FILE_TOOLS = (
    _spec(
        "list_files",
        'List a folder, one path a line, sorted; folders end with a slash. The root is ".".',
        {"path": _PATH},
        "path",
    ),
    _spec(
        "search",
        "Find a text, taken literally, in all files beneath a path. Prints path:line:text.",
        {
            "pattern": {"type": "string", "description": "Text within one line."},
            "path": {**_PATH, "description": "Folder or file to search; the root if left out."},
        },
        "pattern",
    ),
    _spec(
        "read_file",
        "Print a file, or lines start to end of it, as they are.",
        {
            "path": _PATH,
            "start": {"type": "integer", "description": "First line, from 1."},
            "end": {"type": "integer", "description": "Last line, included."},
        },
        "path",
    ),
    _spec(
        "edit_file",
        "Replace old_str, which must occur exactly once in the file, by new_str. "
        "An empty old_str makes a new file of new_str.",
        {
            "path": _PATH,
            "old_str": {"type": "string", "description": "Text to replace, line ends included."},
            "new_str": {"type": "string", "description": "Text to put in its place."},
        },
        "path",
        "old_str",
        "new_str",
    ),
)

RUN_COMMAND = _spec(
    "run_command",
    "Run a bash command in the repository's root, without network. Prints its output and status.",
    {"command": {"type": "string", "description": "The command line."}},
    "command",
)
