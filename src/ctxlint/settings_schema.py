"""The JSON schema of `[tool.ctxlint]`, for editors that complete and check pyproject.toml.

``python -m ctxlint.settings_schema`` prints it; a test compares it with `docs/ctxlint.schema.json`.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping
from typing import Final

import msgspec

from ctxlint import rows
from ctxlint.settings import Settings

_DRAFT: Final = "http://json-schema.org/draft-07/schema#"
_ADDRESS: Final = "https://json.schemastore.org/partial-ctxlint.json"
MEANINGS: Final[Mapping[str, str]] = {
    "extend": "A file whose settings count where this one says nothing, relative to it.",
    "select": "Rules to apply: codes, beginnings of codes, or ALL.",
    "ignore": "Rules to leave out: codes, or beginnings of codes.",
    "extend-select": "Rules to apply besides the selected ones.",
    "exclude": "What to leave out, as patterns of .gitignore; replaces the defaults.",
    "extend-exclude": "Files and directories to leave out besides those of `exclude`.",
    "force-exclude": "Leave out what `exclude` names also where it is given as a path.",
    "per-file-ignores": "Codes, or their beginnings, to leave out in the files of a pattern.",
    "baseline": "A file of known findings, which are not reported; --write-baseline writes it.",
    "threads-inherit": "Whether threads inherit context variables; auto: as the dependencies tell.",
    "public-starters": "Report what starts workers in functions that nobody in the project calls.",
    "spawners": "Calls that start something: which of their arguments, and as what.",
    "queues": "Classes that are queues within the process, with their methods that put and get.",
    "entry-points": "Functions that are called once for each request, message, event or job.",
    "startup-functions": "Functions that run only while the program starts.",
    "detaching-helpers": "Functions that start what they are given without request variables.",
    "identity-fields": "Fields of queue items that stand for a context, put there on purpose.",
    "helpers": "The module that fixes import helpers from, or names of your own by role.",
    "fix-style": "What fixes write: helpers, the standard library alone, or what the project has.",
    "never-carry": "Context variables that queue items leave out.",
}
"""What each key means."""

EXAMPLES: Final[Mapping[str, object]] = {
    "extend": "../pyproject.toml",
    "select": ["CTX1", "CTX201"],
    "ignore": ["CTX102"],
    "extend-select": ["CTX105"],
    "exclude": [".venv/", "build/"],
    "extend-exclude": ["examples/"],
    "force-exclude": True,
    "per-file-ignores": {"scripts/*": ["CTX101"]},
    "baseline": "ctxlint-baseline.json",
    "threads-inherit": "auto",
    "public-starters": False,
    "spawners": [
        {"call": "myapp.tasks.spawn", "callee": 0, "kind": "task"},
        {"call": "myapp.threads.start", "callee": "target", "kind": "thread"},
        {"call": "myapp.tasks.spawn_clean", "kind": "task", "detached": True},
    ],
    "queues": [{"type": "myapp.bus.Channel", "put": ["publish"], "get": ["receive"]}],
    "entry-points": [
        "myapp.handlers.*",
        {"decorator": "myapp.bus.on"},
        {"base": "myapp.Handler", "methods": ["handle"]},
    ],
    "startup-functions": ["myapp.boot.*"],
    "detaching-helpers": ["myapp.tasks.spawn_detached"],
    "identity-fields": ["tenant_token"],
    "helpers": "myapp.detached",
    "fix-style": "stdlib",
    "never-carry": ["myapp.db.session"],
}
"""A value that each key takes, as somebody may want it."""


def schema() -> dict[str, object]:
    """The schema, in the form that SchemaStore takes for a tool's part of pyproject.toml."""
    _, found = msgspec.json.schema_components([Settings], ref_template="#/definitions/{name}")
    settings = found.pop("Settings")
    for row in found.values():  # the compiler strips a docstring's indentation since Python 3.13
        if "description" in row:
            row["description"] = inspect.cleandoc(row["description"])
    keys = {
        key: {"description": MEANINGS[key], "examples": [EXAMPLES[key]], **value}
        for key, value in {"extend": {"type": "string"}, **settings["properties"]}.items()
        if key != "root"
    }
    # A row of entry points can be a plain name, and a rows' reader is stricter than its type.
    keys["entry-points"]["items"] = {"anyOf": [{"type": "string"}, keys["entry-points"]["items"]]}
    keys["helpers"]["anyOf"] = [
        {"type": "string"},
        {
            "type": "object",
            "properties": {role: {"type": "string"} for role in rows.ROLES},
            "additionalProperties": False,
            "minProperties": 1,
        },
    ]
    _limit(found)
    return {
        "$schema": _DRAFT,
        "$id": _ADDRESS,
        "title": "ctxlint",
        "description": "Settings of ctxlint, the linter for context propagation.",
        "type": "object",
        "properties": keys,
        "additionalProperties": False,
        "definitions": found,
    }


def _limit(found: Mapping[str, dict[str, dict[str, dict[str, object]]]]) -> None:
    """Add what the reader of rows wants besides the types, as far as a schema can say it."""
    found["SpawnerRow"]["properties"]["callee"]["anyOf"] = [
        {"type": "integer", "minimum": 0},
        {"type": "string", "minLength": 1},
    ]
    for methods in ("put", "get"):
        found["QueueRow"]["properties"][methods]["minItems"] = 1


def text() -> str:
    """The schema, as it stands in a file."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":  # pragma: no cover (make schema)
    sys.stdout.write(text())
