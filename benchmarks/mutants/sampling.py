"""Mutants of the package, as mutmut makes them, and a sample of them that stands for all."""

from __future__ import annotations

import ast
import difflib
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

KINDS = ("conditions", "arguments", "values")
ARGUMENTS = (libcst.Call, libcst.Lambda)
VALUES = (
    libcst.BaseNumber,
    libcst.BaseString,
    libcst.Assign,
    libcst.AnnAssign,
    libcst.AugAssign,
    libcst.BinaryOperation,
)


@dataclass(frozen=True)
class Mutant:
    """One function with one change in it."""

    path: Path
    function: str  # its qualified name in its module
    at: int
    lines: range  # the lines that Python executes for what is changed
    kind: str
    mutation: Mutation
    module: libcst.Module

    @property
    def source(self) -> str:
        """The whole file with the change."""
        changed = self.module.deep_replace(self.mutation.original_node, self.mutation.mutated_node)
        assert isinstance(changed, libcst.Module)
        return changed.code

    @property
    def diff(self) -> str:
        lines = difflib.unified_diff(
            self.module.code.splitlines(), self.source.splitlines(), n=2, lineterm=""
        )
        return "\n".join([f"{self.path}:{self.at} in {self.function}", *list(lines)[2:]])


def sample(root: Path, group: str, size: int, seed: int, kinds: Sequence[str]) -> list[Mutant]:
    """Every n-th mutant of the files in the order of their lines, beginning anywhere: each file and
    each stretch of lines has its share."""
    found = [
        mutant
        for path in sorted((root / group).glob("*.py"))
        for mutant in mutants_of(path)
        if mutant.kind in kinds
    ]
    step = max(1.0, len(found) / size)
    start = random.Random(seed).random() * step
    return [found[int(start + step * each)] for each in range(min(size, len(found)))]


def mutants_of(path: Path) -> Iterable[Mutant]:
    """What mutmut changes in the bodies of one file's functions and methods. What stands outside,
    and a parameter's default, is run when the module is imported, before any test."""
    text = path.read_text(encoding="utf-8")
    tree = MetadataWrapper(libcst.parse_module(text))
    module, positions = tree.module, tree.resolve(PositionProvider)
    # Without mutmut's settings: it looks for them, and for the code, where it is started.
    visitor = MutationVisitor(mutation_operators, IgnoredCode(set(), set(), set()))
    tree.visit(visitor)
    names, executed = _functions(module), Executed(text)
    for each in visitor.mutations:
        function = each.contained_by_top_level_function
        if function in names:
            where, body = positions[each.original_node], positions[function.body]
            if (where.start.line, where.start.column) >= (body.start.line, body.start.column):
                lines = executed.lines(where.start.line, where.end.line)
                yield Mutant(
                    path, names[function], where.start.line, lines, kind_of(each), each, module
                )


class Executed:
    """Which lines of a file Python executes: it knows none of a constant inside a tuple."""

    def __init__(self, text: str) -> None:
        self._statements = [
            each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.stmt)
        ]
        self._lines = {
            line for code in codes_in(compile(text, "", "exec")) for _, _, line in code.co_lines()
        }

    def lines(self, first: int, last: int) -> range:
        """Some lines, or those of the statement around them where nothing is executed by itself."""
        own = range(first, last + 1)
        if not self._lines.isdisjoint(own):
            return own
        around = [each for each in self._statements if each.lineno <= first <= _end(each)]
        inner = max(around, key=lambda each: each.lineno)
        return range(inner.lineno, _end(inner) + 1)


def _end(statement: ast.stmt) -> int:
    """The last line of a statement without the statements in it."""
    inside = [each.lineno for each in ast.iter_child_nodes(statement) if isinstance(each, ast.stmt)]
    return min([(statement.end_lineno or statement.lineno), *(each - 1 for each in inside)])


def codes_in(code: CodeType) -> Iterator[CodeType]:
    """The code of the functions and classes in some code, at any depth."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from codes_in(each)


def _functions(module: libcst.Module) -> dict[libcst.FunctionDef, str]:
    found = {}
    for node in module.body:
        if isinstance(node, libcst.FunctionDef):
            found[node] = node.name.value
        elif isinstance(node, libcst.ClassDef):
            for each in node.body.body:
                if isinstance(each, libcst.FunctionDef):
                    found[each] = f"{node.name.value}.{each.name.value}"
    return found


def kind_of(mutation: Mutation) -> str:
    """What is changed: ``conditions`` decide, ``arguments`` go to other functions."""
    node = mutation.original_node
    if isinstance(node, ARGUMENTS):
        return "arguments"
    return "values" if isinstance(node, VALUES) else "conditions"
