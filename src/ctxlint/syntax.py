"""Whether a file is valid Python at all, asked of the running interpreter.

Files that hold nothing to analyse are never given to libcst, yet a broken one is to be told
(CTX900).  The interpreter's own parser answers ten times as fast; its tree is thrown away.
"""

from __future__ import annotations

import ast
import warnings


def compiles(source: bytes) -> bool:
    """Whether the running Python parses ``source``; False also where it gives up.

    A newer syntax than the interpreter's is False, too: who gets that answer asks libcst.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(source, "<source>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
