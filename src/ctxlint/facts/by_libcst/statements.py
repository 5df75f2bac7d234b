"""libcst statements → facts, visited in source order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

import libcst as cst

from .. import model as m
from ..building import says_nothing, start
from .expressions import ExpressionReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .names import NameFinder


class StatementReader:
    """Turns a module's statements into facts, in one walk."""

    def __init__(self, finder: NameFinder) -> None:
        self._finder = finder
        self._expressions = ExpressionReader(finder)
        self._read = self._expressions.read
        self._readers: dict[type, Callable[[cst.CSTNode], m.Statement | None]] = {
            cls: cast("Callable[[cst.CSTNode], m.Statement | None]", reader)
            for cls, reader in self._table()
        }

    def _table(self) -> Iterable[tuple[type, object]]:
        yield cst.Expr, self._evaluate
        yield cst.Assert, self._assert
        yield cst.Assign, self._assign
        yield cst.AnnAssign, self._annotated
        yield cst.AugAssign, self._augmented
        yield cst.Return, self._return
        yield cst.Raise, self._raise
        yield cst.Break, self._break
        yield cst.Continue, self._continue
        yield cst.Del, self._delete
        yield cst.Import, self._import
        yield cst.ImportFrom, self._import_from
        yield cst.Global, self._global
        yield cst.Nonlocal, self._nonlocal
        yield cst.If, self._if
        yield cst.While, self._while
        yield cst.For, self._for
        yield cst.With, self._with
        yield cst.Try, self._try
        yield cst.TryStar, self._try
        yield cst.Match, self._match
        yield cst.FunctionDef, self._function
        yield cst.ClassDef, self._class

    def body(self, statements: Sequence[cst.CSTNode]) -> m.Body:
        """The facts of a suite; docstrings and bare literals leave no trace."""
        found: list[m.Statement] = []
        for statement in statements:
            small = (
                statement.body if isinstance(statement, cst.SimpleStatementLine) else (statement,)
            )
            for each in small:
                reader = self._readers.get(type(each))
                if reader is not None:
                    fact = reader(each)
                    if fact is not None:
                        found.append(fact)
        return tuple(found)

    def _suite(self, node: cst.BaseSuite) -> m.Body:
        return self.body(cast("Sequence[cst.CSTNode]", node.body))

    # --- simple statements ---------------------------------------------------------------------

    def _evaluate(self, node: cst.Expr) -> m.Statement | None:
        value = self._read(node.value)
        return None if says_nothing(value) else m.Evaluate(value, start(value))

    def _assert(self, node: cst.Assert) -> m.Statement:
        at = self._finder.find("assert")
        parts = [self._read(each) for each in (node.test, node.msg) if each is not None]
        return m.Evaluate(parts[0] if len(parts) == 1 else m.Opaque(tuple(parts), at), at)

    def _delete(self, node: cst.Del) -> m.Statement:
        at = self._finder.find("del")
        return m.Evaluate(m.Opaque((self._read(node.target),), at), at)

    def _assign(self, node: cst.Assign) -> m.Statement:
        targets = tuple(self._read(each.target) for each in node.targets)
        return m.Assign(targets, self._read(node.value), None, start(targets[0]))

    def _annotated(self, node: cst.AnnAssign) -> m.Statement:
        target = self._read(node.target)
        annotation = self._read(node.annotation.annotation)
        value = self._expressions.optional(node.value)
        return m.Assign((target,), value, annotation, start(target))

    def _augmented(self, node: cst.AugAssign) -> m.Statement:
        target = self._read(node.target)
        return m.Augment(target, self._read(node.value), start(target))

    def _return(self, node: cst.Return) -> m.Statement:
        at = self._finder.find("return")
        return m.Return(self._expressions.optional(node.value), at)

    def _raise(self, node: cst.Raise) -> m.Statement:
        at = self._finder.find("raise")
        value = self._expressions.optional(node.exc)
        if value is not None and node.cause is not None:
            value = m.Opaque((value, self._read(node.cause.item)), at)
        return m.Raise(value, at)

    def _break(self, _node: cst.Break) -> m.Statement:
        return m.Break(self._finder.find("break"))

    def _continue(self, _node: cst.Continue) -> m.Statement:
        return m.Continue(self._finder.find("continue"))

    def _global(self, node: cst.Global) -> m.Statement:
        return self._declare(node, "global")

    def _nonlocal(self, node: cst.Nonlocal) -> m.Statement:
        return self._declare(node, "nonlocal")

    def _declare(self, node: cst.Global | cst.Nonlocal, word: str) -> m.Statement:
        at = self._finder.find(word)
        names = tuple(each.name.value for each in node.names)
        for name in names:
            self._finder.find(name)
        return m.Declare(names, word == "global", at)

    # --- imports -------------------------------------------------------------------------------

    def _import(self, node: cst.Import) -> m.Statement:
        at = self._finder.find("import")
        return m.Import("", 0, tuple(self._imported(each) for each in node.names), False, at)

    def _import_from(self, node: cst.ImportFrom) -> m.Statement:
        at = self._finder.find("from")
        module = "" if node.module is None else self._dotted(node.module)
        if isinstance(node.names, cst.ImportStar):
            names: tuple[m.ImportedName, ...] = (m.ImportedName("*", None),)
        else:
            names = tuple(self._imported(each) for each in node.names)
        return m.Import(module, len(node.relative), names, True, at)

    def _imported(self, node: cst.ImportAlias) -> m.ImportedName:
        name = self._dotted(node.name)
        if node.asname is None or not isinstance(node.asname.name, cst.Name):
            return m.ImportedName(name, None)
        alias = node.asname.name.value
        self._finder.find(alias)
        return m.ImportedName(name, alias)

    def _dotted(self, node: cst.CSTNode) -> str:
        """The text of a dotted name, its parts stepped over."""
        parts: list[str] = []
        while isinstance(node, cst.Attribute):
            parts.append(node.attr.value)
            node = node.value
        if isinstance(node, cst.Name):
            parts.append(node.value)
        parts.reverse()
        for part in parts:
            self._finder.find(part)
        return ".".join(parts)

    # --- compound statements -------------------------------------------------------------------

    def _if(self, node: cst.If) -> m.Statement:
        """One ``if``; its ``elif`` chain nests in ``orelse`` and is read without recursion."""
        links: list[tuple[int, m.Expression, m.Body]] = []
        orelse: m.Body = ()
        branch: cst.If | cst.Else | None = node
        while isinstance(branch, cst.If):
            at = self._finder.find("elif" if links else "if")
            test = self._read(branch.test)
            links.append((at, test, self._suite(branch.body)))
            branch = branch.orelse
        orelse = self._else(branch)
        for at, test, body in reversed(links):
            orelse = (m.If(test, body, orelse, at),)
        return orelse[0]

    def _while(self, node: cst.While) -> m.Statement:
        at = self._finder.find("while")
        test = self._read(node.test)
        body = self._suite(node.body)
        return m.While(test, body, self._else(node.orelse), at)

    def _for(self, node: cst.For) -> m.Statement:
        is_async = node.asynchronous is not None
        at = self._finder.find("async" if is_async else "for")
        target = self._read(node.target)
        iterated = self._read(node.iter)
        body = self._suite(node.body)
        return m.For(target, iterated, body, self._else(node.orelse), is_async, at)

    def _with(self, node: cst.With) -> m.Statement:
        is_async = node.asynchronous is not None
        at = self._finder.find("async" if is_async else "with")
        items = []
        for item in node.items:
            context = self._read(item.item)
            target = None if item.asname is None else self._read(item.asname.name)
            items.append(m.WithItem(context, target))
        return m.With(tuple(items), self._suite(node.body), is_async, at)

    def _try(self, node: cst.Try | cst.TryStar) -> m.Statement:
        at = self._finder.find("try")
        body = self._suite(node.body)
        handlers = tuple(self._handler(each) for each in node.handlers)
        orelse = self._else(node.orelse)
        final: m.Body = ()
        if node.finalbody is not None:
            self._finder.find("finally")
            final = self._suite(node.finalbody.body)
        return m.Try(body, handlers, orelse, final, at)

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> m.Handler:
        at = self._finder.find("except")
        kind = self._expressions.optional(node.type)
        name = None
        if node.name is not None and isinstance(node.name.name, cst.Name):
            name = node.name.name.value
            self._finder.find(name)
        return m.Handler(kind, name, self._suite(node.body), at)

    def _else(self, node: cst.Else | None) -> m.Body:
        if node is None:
            return ()
        self._finder.find("else")
        return self._suite(node.body)

    def _match(self, node: cst.Match) -> m.Statement:
        at = self._finder.find("match")
        subject = self._read(node.subject)
        return m.Match(subject, tuple(self._case(each) for each in node.cases), at)

    def _case(self, node: cst.MatchCase) -> m.Case:
        self._finder.find("case")
        pattern = tuple(self._pattern(node.pattern))
        guard = self._expressions.optional(node.guard)
        wildcard = isinstance(node.pattern, cst.MatchAs) and node.pattern.pattern is None
        return m.Case(pattern, guard, self._suite(node.body), wildcard and guard is None)

    def _pattern(self, node: cst.CSTNode) -> Iterable[m.Expression]:
        """The expressions of a pattern, in source order; a captured name is a Name."""
        if isinstance(node, cst.BaseExpression):
            yield self._read(node)
            return
        if isinstance(node, cst.MatchKeywordElement):
            self._finder.find(node.key.value)
            node = node.pattern
        for child in (node,) if isinstance(node, cst.BaseExpression) else node.children:
            yield from self._pattern(child)

    # --- definitions ---------------------------------------------------------------------------

    def _function(self, node: cst.FunctionDef) -> m.Statement:
        decorators = tuple(self._read(each.decorator) for each in node.decorators)
        at = self._finder.find("async" if node.asynchronous is not None else "def")
        self._finder.find(node.name.value)
        parameters = self._expressions.parameters(node.params)
        returns = None if node.returns is None else self._read(node.returns.annotation)
        outer, self._expressions.yields = self._expressions.yields, 0
        body = self._suite(node.body)
        result = m.Function(
            name=node.name.value,
            parameters=parameters,
            decorators=decorators,
            returns=returns,
            body=body,
            is_async=node.asynchronous is not None,
            is_generator=self._expressions.yields > 0,
            at=at,
        )
        self._expressions.yields = outer
        return result

    def _class(self, node: cst.ClassDef) -> m.Statement:
        decorators = tuple(self._read(each.decorator) for each in node.decorators)
        at = self._finder.find("class")
        self._finder.find(node.name.value)
        bases = tuple(self._read(each.value) for each in node.bases)
        keywords = tuple(
            m.Keyword(each.keyword.value if each.keyword else None, self._read(each.value))
            for each in node.keywords
        )
        return m.Class(node.name.value, bases, keywords, decorators, self._suite(node.body), at)
