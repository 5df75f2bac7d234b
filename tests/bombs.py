"""Texts that are made to take all time, all memory, or the process, of who reads them."""

from __future__ import annotations

import resource
from typing import Final

LEAK: Final = """\
import asyncio


class Store:
    def __init__(self):
        self.rows = asyncio.Queue()

    async def save(self, row):
        self._task = asyncio.create_task(self._drain())
        await self.rows.put(row)

    async def _drain(self):
        while True:
            print(await self.rows.get())
"""
"""Two findings: a worker that a request starts, and an item that it is given."""

QUICK: Final = {
    "500 parentheses": b"x = " + b"(" * 500 + b"1" + b")" * 500 + b"\n",
    "5,000 open brackets": b"x = " + b"[" * 5_000,
    "8,000 terms": b"x = " + b" + ".join([b"a"] * 8_000) + b"\n",
    "9,000 attributes": b"x = a" + b".b" * 9_000 + b"\n",
    "9,000 subscripts": b"x = a" + b"[0]" * 9_000 + b"\n",
    "9,000 not": b"x = " + b"not " * 9_000 + b"a\n",
    "5,000 elif": b"if a:\n  b\n" + b"elif a:\n  b\n" * 5_000,
    "99 blocks": b"".join(b" " * n + b"if a:\n" for n in range(99)) + b" " * 99 + b"a\n",
    "f-strings": b"x = " + b"f'{" * 100 + b"1" + b"}'" * 100 + b"\n",
    "lambdas": b"x = " + b"lambda: " * 1_400 + b"1\n",
    "a pattern": b"match a:\n  case " + b"[" * 15 + b"]" * 15 + b":\n    pass\n",
    "a number of 100,000 digits": b"x = " + b"9" * 100_000 + b"\n",
    "powers": b"x = 9**9**9**9\ny = 'a' * 10**12\nz = (1 << 10**10)\n",
    "NUL": b"x = 1\0\n",
    "a chain of calls": b"".join(
        b"async def g%d(): await g%d()\n" % (number, number + 1) for number in range(2_000)
    ),
    "a chain of classes": b"class C0: pass\n"
    + b"".join(b"class C%d(C%d): pass\n" % (n + 1, n) for n in range(2_000)),
}

HEAVY: Final = {
    "a line of 50 MB": b"x = '" + b"a" * 50_000_000 + b"'\n",
    "a list of 20 MB": b"x = [" + b"1," * 10_000_000 + b"]\n",
    "100,000 lines": b"x = 1\n" * 100_000,
    "30,000 functions": b"".join(b"def f%d(): pass\n" % number for number in range(30_000)),
    "20,000 decorators": b"@a\n" * 20_000 + b"def f(): pass\n",
    "a chain of names": b"".join(b"a%d = a%d\n" % (n + 1, n) for n in range(5_000)),
    "spaces in a comment": b"x = 1  # noqa:" + b" " * 200_000 + b"!\n" + b"#" + b" A1," * 100_000,
}


def bounded() -> None:
    """What a process that is given one of them may take: a gigabyte, and a minute."""
    resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
