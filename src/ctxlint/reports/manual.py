"""A rule's documentation, drawn on a terminal."""

from __future__ import annotations

from typing import ClassVar, Final, TextIO

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.syntax import Syntax
from rich.theme import Theme

_WIDEST: Final = 100  # cells; longer lines of prose are hard to read
# Rich's own styles put black behind code, which is a hole in a light terminal.
_THEME: Final = Theme(
    {
        "markdown.h1": "bold",
        "markdown.h2": "bold cyan",
        "markdown.code": "bold",
        "markdown.code_block": "none",
    }
)


class _Heading(Heading):
    """A heading that starts where the text does, without box or underline."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _Code(CodeBlock):
    """A block of code, indented, with no more room around it than a paragraph has."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        yield Syntax(code, self.lexer_name, theme=self.theme, word_wrap=True, padding=(0, 2))


class _Manual(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }


def render(documentation: str, stream: TextIO, *, colors: bool) -> None:
    """Write Markdown to a terminal, in colours that go with any background, or in none."""
    console = Console(
        file=stream,
        theme=_THEME,
        force_terminal=True,
        color_system="standard" if colors else None,
        no_color=not colors,
    )
    console.width = min(console.width, _WIDEST)
    console.print(_Manual(documentation, code_theme="ansi_dark", hyperlinks=False))
