"""The facts of one module: a lean, immutable syntax tree with positions.

Judgement (is this a worker? is this spawn bounded?) needs the order and the nesting of
statements: a ``finally``, a loop, a ``with``.  So the facts keep that structure and drop all
else: white space, comments, operators, literals nobody asks about.  Names follow Python's own
``ast`` where the meaning is the same.

Every node that can become a finding or a step of a trail holds ``at``, the offset in code points
of its first token; `Module.position` turns it into a line and a column.  Nodes compare by
identity, so that they can key memo tables cheaply.
"""

from __future__ import annotations

from bisect import bisect_right

import msgspec


class Node(
    msgspec.Struct, frozen=True, eq=False, array_like=True, tag=True, tag_field="node", gc=False
):
    """Base of all facts: tagged, so that msgspec can store and restore them."""


# --- expressions -------------------------------------------------------------------------------


class Name(Node, frozen=True):
    id: str
    at: int


class Attribute(Node, frozen=True):
    value: Expression
    attr: str
    at: int


class Keyword(Node, frozen=True):
    """A keyword argument; ``name`` is None for ``**value``."""

    name: str | None
    value: Expression


class Call(Node, frozen=True):
    func: Expression
    args: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    at: int


class Starred(Node, frozen=True):
    value: Expression


class Constant(Node, frozen=True):
    """A literal whose value matters to some question: None, booleans, integers, strings."""

    value: str | int | bool | None
    at: int


class Sequence(Node, frozen=True):
    """A tuple, list or set display."""

    elements: tuple[Expression, ...]
    at: int


class Mapping(Node, frozen=True):
    """A dict display; a key is None for ``**value``."""

    keys: tuple[Expression | None, ...]
    values: tuple[Expression, ...]
    at: int


class Lambda(Node, frozen=True):
    function: Function
    at: int


class Await(Node, frozen=True):
    value: Expression
    at: int


class Yield(Node, frozen=True):
    value: Expression | None
    at: int


class Compare(Node, frozen=True):
    """A comparison; ``operators[i]`` stands before ``operands[i + 1]``, spelled as in source."""

    operands: tuple[Expression, ...]
    operators: tuple[str, ...]
    at: int


class Boolean(Node, frozen=True):
    """``and`` or ``or`` over two or more operands."""

    operator: str
    operands: tuple[Expression, ...]
    at: int


class Not(Node, frozen=True):
    operand: Expression
    at: int


class Conditional(Node, frozen=True):
    test: Expression
    body: Expression
    orelse: Expression
    at: int


class Subscript(Node, frozen=True):
    value: Expression
    index: Expression
    at: int


class Clause(Node, frozen=True):
    """One ``for target in iter if conditions`` of a comprehension."""

    target: Expression
    iter: Expression
    conditions: tuple[Expression, ...]
    is_async: bool


class Comprehension(Node, frozen=True):
    """A comprehension or generator expression; a dict's value is the last element."""

    elements: tuple[Expression, ...]
    clauses: tuple[Clause, ...]
    at: int


class Assigned(Node, frozen=True):
    """``target := value``"""

    target: Expression
    value: Expression
    at: int


class Formatted(Node, frozen=True):
    """An f-string: its text up to the first field, and the expressions of its fields."""

    prefix: str
    operands: tuple[Expression, ...]
    at: int


class Opaque(Node, frozen=True):
    """Arithmetic, slices, other literals: only what stands inside matters."""

    operands: tuple[Expression, ...]
    at: int


Expression = (
    Name
    | Attribute
    | Call
    | Starred
    | Constant
    | Sequence
    | Mapping
    | Lambda
    | Await
    | Yield
    | Compare
    | Boolean
    | Not
    | Conditional
    | Subscript
    | Comprehension
    | Assigned
    | Formatted
    | Opaque
)


# --- statements --------------------------------------------------------------------------------


class Evaluate(Node, frozen=True):
    """An expression statement, an assert or a del."""

    value: Expression
    at: int


class Assign(Node, frozen=True):
    """``targets = value``; with an annotation there is one target and maybe no value."""

    targets: tuple[Expression, ...]
    value: Expression | None
    annotation: Expression | None
    at: int


class Augment(Node, frozen=True):
    """``target += value`` and its kin."""

    target: Expression
    value: Expression
    at: int


class Return(Node, frozen=True):
    value: Expression | None
    at: int


class Raise(Node, frozen=True):
    value: Expression | None
    at: int


class Break(Node, frozen=True):
    at: int


class Continue(Node, frozen=True):
    at: int


class If(Node, frozen=True):
    test: Expression
    body: Body
    orelse: Body
    at: int


class While(Node, frozen=True):
    test: Expression
    body: Body
    orelse: Body
    at: int


class For(Node, frozen=True):
    target: Expression
    iter: Expression
    body: Body
    orelse: Body
    is_async: bool
    at: int


class WithItem(Node, frozen=True):
    context: Expression
    target: Expression | None


class With(Node, frozen=True):
    items: tuple[WithItem, ...]
    body: Body
    is_async: bool
    at: int


class Handler(Node, frozen=True):
    """An ``except`` clause; ``type`` is None for a bare one."""

    type: Expression | None
    name: str | None
    body: Body
    at: int


class Try(Node, frozen=True):
    body: Body
    handlers: tuple[Handler, ...]
    orelse: Body
    final: Body
    at: int


class Case(Node, frozen=True):
    """One ``case`` of a match; the pattern is kept as the expressions that stand in it."""

    pattern: tuple[Expression, ...]
    guard: Expression | None
    body: Body
    irrefutable: bool


class Match(Node, frozen=True):
    subject: Expression
    cases: tuple[Case, ...]
    at: int


class ImportedName(Node, frozen=True):
    """``name as alias``; the name is ``*`` for a star import."""

    name: str
    alias: str | None


class Import(Node, frozen=True):
    """``import names``, or ``from <level dots>module import names`` when ``is_from``."""

    module: str
    level: int
    names: tuple[ImportedName, ...]
    is_from: bool
    at: int


class Declare(Node, frozen=True):
    """``global names`` or ``nonlocal names``."""

    names: tuple[str, ...]
    is_global: bool
    at: int


class Parameter(Node, frozen=True):
    """A parameter; ``kind`` is ``""``, ``"/"`` (positional only), ``"*"``, ``"kw"`` or ``"**"``."""

    name: str
    kind: str
    annotation: Expression | None
    default: Expression | None
    at: int


class Function(Node, frozen=True):
    """A ``def``, an ``async def`` or a lambda (named ``<lambda>``).

    ``lines`` says where the body stands in the text, if it has lines of its own and is no part of
    another function: so whoever looks for a word knows whether it can be there at all.
    """

    name: str
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...]
    returns: Expression | None
    body: Body
    is_async: bool
    is_generator: bool
    at: int
    lines: tuple[int, int] | None = None


class Class(Node, frozen=True):
    name: str
    bases: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Expression, ...]
    body: Body
    at: int


Statement = (
    Evaluate
    | Assign
    | Augment
    | Return
    | Raise
    | Break
    | Continue
    | If
    | While
    | For
    | With
    | Try
    | Match
    | Import
    | Declare
    | Function
    | Class
)
Body = tuple[Statement, ...]


class Module(msgspec.Struct, frozen=True, eq=False, array_like=True):
    """All facts of one file."""

    body: Body
    line_starts: tuple[int, ...]

    def position(self, at: int) -> tuple[int, int]:
        """Line and column (both from 1, columns in code points) of an offset."""
        line = bisect_right(self.line_starts, at)
        return line, at - self.line_starts[line - 1] + 1
