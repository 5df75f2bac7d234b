"""The keys of `[tool.ctxlint]`, from the model of the settings and its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from options_reference import as_code

from ctxlint.keys import to_toml
from ctxlint.rows import EntryPointRow, QueueRow, SpawnerRow
from ctxlint.settings import Settings
from ctxlint.settings_schema import EXAMPLES, MEANINGS, schema

_ROWS: Final[Mapping[str, type[msgspec.Struct]]] = {
    row.__name__: row for row in (SpawnerRow, QueueRow, EntryPointRow)
}
_PLURALS: Final = {"string": "strings", "table": "tables", "number": "numbers"}
_DEFAULTS: Final[Mapping[str, object]] = msgspec.to_builtins(Settings())


def entries(keys: str) -> str:
    """What each of these keys means, takes and is by default, with an example."""
    return "\n\n".join(_entry(key) for key in keys.split())


def _entry(key: str) -> str:
    shape = _properties()[key]
    lines = [
        f"### `{key}` {{ #{key} }}",
        "",
        as_code(MEANINGS[key]),
        "",
        f"- Type: {type_of(shape)}",
        f"- Default: {_default(key)}",
        "",
        "```toml",
        "[tool.ctxlint]",
        f"{key} = {_example(EXAMPLES[key])}",
        "```",
    ]
    for name in _rows_in(shape):
        lines += ["", *_row_table(name)]
    return "\n".join(lines)


def default(key: str) -> str | None:
    """A key's default as TOML, None where it has none."""
    return to_toml(_DEFAULTS[key]) if key in _DEFAULTS else None


def type_of(shape: Mapping[str, Any]) -> str:
    """What a key takes, in words, from its JSON schema."""
    if "anyOf" in shape:
        return " or ".join(dict.fromkeys(map(type_of, shape["anyOf"])))
    if "enum" in shape:
        return " or ".join(f"`{to_toml(each)}`" for each in shape["enum"])
    if "$ref" in shape:
        return "table"
    if shape["type"] == "array":
        return f"list of {_plural(type_of(shape['items']))}"
    if shape["type"] == "object":
        if "properties" in shape:
            return f"table with the keys {', '.join(f'`{key}`' for key in shape['properties'])}"
        return f"table from strings to {_plural(type_of(shape['additionalProperties']))}"
    return {"boolean": "`true` or `false`", "integer": "number"}.get(shape["type"], "string")


def _plural(words: str) -> str:
    """Several of what `type_of` says: `list of strings`, `strings or tables`."""
    return " or ".join(_PLURALS.get(each, each) for each in words.split(" or ")).replace(
        "list of", "lists of"
    )


def _default(key: str) -> str:
    written = default(key)
    if written is None:
        return "none"
    if len(written) <= 80:
        return f"`{written}`"
    return "these\n\n" + _code("toml", _broken(key, _DEFAULTS[key]))


def _example(value: object) -> str:
    """A value as TOML, lists of tables one to a line."""
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        return "".join(["[\n", *(f"  {to_toml(each)},\n" for each in value), "]"])
    return to_toml(value)


def _broken(key: str, value: object) -> str:
    """A long list as TOML, one value to a line."""
    assert isinstance(value, (list, tuple))
    return "".join([f"{key} = [\n", *(f"  {to_toml(each)},\n" for each in value), "]"])


def _code(language: str, text: str) -> str:
    return "\n".join(f"    {line}" for line in (f"```{language}", *text.splitlines(), "```"))


def _properties() -> Mapping[str, Any]:
    found = schema()["properties"]
    assert isinstance(found, dict)
    return found


def _rows_in(shape: Mapping[str, Any]) -> list[str]:
    """The kinds of rows that a key takes."""
    found = [shape["$ref"].rpartition("/")[2]] if "$ref" in shape else []
    for inner in (*shape.get("anyOf", ()), *([shape["items"]] if "items" in shape else ())):
        found += _rows_in(inner)
    return found


def _row_table(name: str) -> list[str]:
    definitions = schema()["definitions"]
    assert isinstance(definitions, dict)
    row = definitions[name]
    required = set(row.get("required", ()))
    lines = [
        row["description"],
        "",
        "| key of a row | takes | default |",
        "| --- | --- | --- |",
    ]
    for field in msgspec.structs.fields(_ROWS[name]):
        takes = type_of(row["properties"][field.encode_name])
        shown = "required" if field.encode_name in required else _field_default(field.default)
        lines.append(f"| `{field.encode_name}` | {takes} | {shown} |")
    return lines


def _field_default(value: object) -> str:
    return "none" if value is None else f"`{to_toml(value)}`"
