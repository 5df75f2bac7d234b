"""``ast`` statements → facts."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

from .. import model as m
from ..building import says_nothing, start
from .expressions import ExpressionReader

if TYPE_CHECKING:
    from ..lines import Lines
    from .spans import Spans


class StatementReader:
    """Turns statements into facts, in one walk."""

    def __init__(self, lines: Lines, spans: Spans) -> None:
        self._spans: Final = spans
        self._is_in_function = False
        self._expressions: Final = ExpressionReader(lines)
        self._read: Final = self._expressions.read
        self._place: Final = self._expressions.place
        self._readers: dict[type, Callable[[ast.stmt], m.Statement | None]] = {
            cls: cast("Callable[[ast.stmt], m.Statement | None]", reader)
            for cls, reader in self._table()
        }

    def _table(self) -> Iterable[tuple[type, object]]:
        yield ast.Expr, self._evaluate
        yield ast.Assert, self._assert
        yield ast.Delete, self._delete
        yield ast.Assign, self._assign
        yield ast.AnnAssign, self._annotated
        yield ast.AugAssign, self._augmented
        yield ast.Return, self._return
        yield ast.Raise, self._raise
        yield ast.Break, self._break
        yield ast.Continue, self._continue
        yield ast.Import, self._import
        yield ast.ImportFrom, self._import_from
        yield ast.Global, self._declare
        yield ast.Nonlocal, self._declare
        yield ast.If, self._if
        yield ast.While, self._while
        for loop in (ast.For, ast.AsyncFor):
            yield loop, self._for
        for block in (ast.With, ast.AsyncWith):
            yield block, self._with
        for guarded in (ast.Try, ast.TryStar):
            yield guarded, self._try
        yield ast.Match, self._match
        for function in (ast.FunctionDef, ast.AsyncFunctionDef):
            yield function, self._function
        yield ast.ClassDef, self._class

    def body(self, statements: Sequence[ast.stmt]) -> m.Body:
        """The facts of a suite; docstrings and bare literals leave no trace."""
        found: list[m.Statement] = []
        for statement in statements:
            reader = self._readers.get(type(statement))
            fact = reader(statement) if reader is not None else None
            if fact is not None:
                found.append(fact)
        return tuple(found)

    # --- simple statements ---------------------------------------------------------------------

    def _evaluate(self, node: ast.Expr) -> m.Statement | None:
        value = self._read(node.value)
        return None if says_nothing(value) else m.Evaluate(value, start(value))

    def _assert(self, node: ast.Assert) -> m.Statement:
        at = self._place(node)
        parts = self._expressions.all(part for part in (node.test, node.msg) if part is not None)
        return m.Evaluate(parts[0] if len(parts) == 1 else m.Opaque(parts, at), at)

    def _delete(self, node: ast.Delete) -> m.Statement:
        at = self._place(node)
        targets = self._expressions.all(node.targets)
        target = targets[0] if len(targets) == 1 else m.Sequence(targets, start(targets[0]))
        return m.Evaluate(m.Opaque((target,), at), at)

    def _assign(self, node: ast.Assign) -> m.Statement:
        targets = self._expressions.all(node.targets)
        return m.Assign(targets, self._read(node.value), None, start(targets[0]))

    def _annotated(self, node: ast.AnnAssign) -> m.Statement:
        target = self._read(node.target)
        annotation = self._read(node.annotation)
        return m.Assign(
            (target,), self._expressions.optional(node.value), annotation, start(target)
        )

    def _augmented(self, node: ast.AugAssign) -> m.Statement:
        target = self._read(node.target)
        return m.Augment(target, self._read(node.value), start(target))

    def _return(self, node: ast.Return) -> m.Statement:
        return m.Return(self._expressions.optional(node.value), self._place(node))

    def _raise(self, node: ast.Raise) -> m.Statement:
        at = self._place(node)
        value = self._expressions.optional(node.exc)
        if value is not None and node.cause is not None:
            value = m.Opaque((value, self._read(node.cause)), at)
        return m.Raise(value, at)

    def _break(self, node: ast.Break) -> m.Statement:
        return m.Break(self._place(node))

    def _continue(self, node: ast.Continue) -> m.Statement:
        return m.Continue(self._place(node))

    def _declare(self, node: ast.Global | ast.Nonlocal) -> m.Statement:
        return m.Declare(tuple(node.names), isinstance(node, ast.Global), self._place(node))

    def _import(self, node: ast.Import) -> m.Statement:
        return m.Import("", 0, _imported(node.names), False, self._place(node))

    def _import_from(self, node: ast.ImportFrom) -> m.Statement:
        names = _imported(node.names)
        return m.Import(node.module or "", node.level or 0, names, True, self._place(node))

    # --- compound statements -------------------------------------------------------------------

    def _if(self, node: ast.If) -> m.Statement:
        """One ``if``; its ``elif`` chain nests in ``orelse`` and is read without recursion."""
        links: list[tuple[int, m.Expression, m.Body]] = []
        while True:
            links.append((self._place(node), self._read(node.test), self.body(node.body)))
            if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
                break
            node = node.orelse[0]
        orelse = self.body(node.orelse)
        for at, test, body in reversed(links):
            orelse = (m.If(test, body, orelse, at),)
        return orelse[0]

    def _while(self, node: ast.While) -> m.Statement:
        test = self._read(node.test)
        return m.While(test, self.body(node.body), self.body(node.orelse), self._place(node))

    def _for(self, node: ast.For | ast.AsyncFor) -> m.Statement:
        target = self._read(node.target)
        iterated = self._read(node.iter)
        body, orelse = self.body(node.body), self.body(node.orelse)
        is_async = isinstance(node, ast.AsyncFor)
        return m.For(target, iterated, body, orelse, is_async, self._place(node))

    def _with(self, node: ast.With | ast.AsyncWith) -> m.Statement:
        items = tuple(
            [
                m.WithItem(
                    self._read(item.context_expr), self._expressions.optional(item.optional_vars)
                )
                for item in node.items
            ]
        )
        is_async = isinstance(node, ast.AsyncWith)
        return m.With(items, self.body(node.body), is_async, self._place(node))

    def _try(self, node: ast.Try | ast.TryStar) -> m.Statement:
        body = self.body(node.body)
        handlers = tuple([self._handler(each) for each in node.handlers])
        return m.Try(
            body, handlers, self.body(node.orelse), self.body(node.finalbody), self._place(node)
        )

    def _handler(self, node: ast.ExceptHandler) -> m.Handler:
        kind = self._expressions.optional(node.type)
        return m.Handler(kind, node.name, self.body(node.body), self._place(node))

    def _match(self, node: ast.Match) -> m.Statement:
        subject = self._read(node.subject)
        return m.Match(subject, tuple([self._case(each) for each in node.cases]), self._place(node))

    def _case(self, node: ast.match_case) -> m.Case:
        pattern = tuple(self._pattern(node.pattern))
        guard = self._expressions.optional(node.guard)
        wildcard = isinstance(node.pattern, ast.MatchAs) and node.pattern.pattern is None
        return m.Case(pattern, guard, self.body(node.body), wildcard and guard is None)

    def _pattern(self, node: ast.pattern) -> Iterator[m.Expression]:
        """The expressions of a pattern, in source order; a captured name is a Name."""
        if isinstance(node, ast.MatchValue):
            yield self._read(node.value)
        elif isinstance(node, ast.MatchSingleton):
            yield m.Constant(node.value, self._place(node))
        elif isinstance(node, ast.MatchMapping):
            for key, value in zip(node.keys, node.patterns, strict=True):
                yield self._read(key)
                yield from self._pattern(value)
        elif isinstance(node, ast.MatchClass):
            yield self._read(node.cls)
            for each in (*node.patterns, *node.kwd_patterns):
                yield from self._pattern(each)
        elif isinstance(node, ast.MatchSequence | ast.MatchOr):
            for each in node.patterns:
                yield from self._pattern(each)
        elif isinstance(node, ast.MatchAs) and node.pattern is not None:
            yield from self._pattern(node.pattern)
        captured = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
        if captured is not None:
            yield m.Name(captured, self._place(node))

    # --- definitions ---------------------------------------------------------------------------

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> m.Statement:
        expressions = self._expressions
        decorators = expressions.all(node.decorator_list)
        parameters = expressions.parameters(node.args)
        returns = expressions.optional(node.returns)
        outer = expressions.yields, self._is_in_function
        lines = None if self._is_in_function else self._spans.of_body(node)
        expressions.yields, self._is_in_function = 0, True
        body = self.body(node.body)
        yields = expressions.yields > 0
        expressions.yields, self._is_in_function = outer
        return m.Function(
            name=node.name,
            parameters=parameters,
            decorators=decorators,
            returns=returns,
            body=body,
            is_async=isinstance(node, ast.AsyncFunctionDef),
            is_generator=yields,
            at=self._place(node),
            lines=lines,
        )

    def _class(self, node: ast.ClassDef) -> m.Statement:
        decorators = self._expressions.all(node.decorator_list)
        bases = self._expressions.all(
            base.value if isinstance(base, ast.Starred) else base for base in node.bases
        )
        keywords = self._expressions.keywords(node.keywords)
        body = self.body(node.body)
        return m.Class(node.name, bases, keywords, decorators, body, self._place(node))


def _imported(nodes: Iterable[ast.alias]) -> tuple[m.ImportedName, ...]:
    return tuple([m.ImportedName(each.name, each.asname) for each in nodes])
