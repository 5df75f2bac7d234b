"""Whether a file is valid Python at all, asked of the running interpreter.

Files that hold nothing to analyse are never given to libcst, yet a broken one is to be told
(CTX900); and only what is valid can be cut into pieces.  The interpreter answers fifteen times as
fast: it parses and tells which names are local, which is the least that it can be asked for.
"""

from __future__ import annotations

import warnings
from symtable import symtable

from ctxlint.questions import question


@question
def is_python(source: bytes) -> bool:
    """Whether the running Python parses ``source``."""
    return compiles(source)


def compiles(source: bytes, *, whole: bool = False) -> bool:
    """Whether the running Python parses ``source``; False also where it gives up.

    With ``whole`` it is compiled, which finds an ``await`` in a plain function and the like.  A
    newer syntax than the interpreter's is False, too, and so is what is refused only after
    parsing: who gets that answer asks libcst.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if whole:
                compile(source, "<source>", "exec", dont_inherit=True)
            else:
                # mypy: typeshed knows text only, but the bytes' declared encoding is honoured.
                symtable(source, "<source>", "exec")  # type: ignore[arg-type]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
