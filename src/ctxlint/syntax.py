"""Whether a file is valid Python at all, asked of the running interpreter.

Files that hold nothing to analyse are never given to libcst, yet a broken one is to be told
(CTX900).  The interpreter's own parser answers ten times as fast; its tree is thrown away.
"""

from __future__ import annotations

import ast
import warnings


def compiles(source: bytes, *, whole: bool = False) -> bool:
    """Whether the running Python parses ``source``; False also where it gives up.

    With ``whole`` it is compiled, which finds an ``await`` in a plain function and the like.  A
    newer syntax than the interpreter's is False, too: who gets that answer asks libcst.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            flags = 0 if whole else ast.PyCF_ONLY_AST
            compile(source, "<source>", "exec", flags, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
