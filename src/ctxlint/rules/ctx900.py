"""CTX900: a file that cannot be decoded or parsed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..findings import Finding
from ..program.program import Program
from .rule import Options, Rule

DOCUMENTATION = """\
# CTX900 unreadable-file

## What it does

Reports a file that ctxlint cannot read: it cannot be opened, decoded or parsed, or it is nested so
deeply that parsing it could hang or crash.

## Why it is bad

What ctxlint cannot read it cannot check: leaks in this file, and leaks elsewhere that depend on
it, stay unseen. All other files are analysed all the same.

## Example

```python
def broken(:
    pass
```

## Use instead

Mend the file, or take it out of the analysis with `exclude`:

```toml
[tool.ctxlint]
extend-exclude = ["templates/"]
```

## Fix safety

There is no fix.

## References

- [PEP 263 - Source code encodings](https://peps.python.org/pep-0263/)
"""


def check(_program: Program, _path: Path, _options: Options) -> Iterator[Finding]:
    """Nothing: a module that could be read is no finding; `ctxlint.checking` reports the others."""
    return iter(())


RULE = Rule(
    code="CTX900",
    name="unreadable-file",
    summary="a file that cannot be decoded or parsed",
    documentation=DOCUMENTATION,
    check=check,
)
