"""What mkdocs calls while it builds the documentation (`hooks` in mkdocs.yml).

Pages are written by hand in `docs/`. Where a page wants what the program itself knows, it says so
in a comment, and that is put there:

    <!-- insert: rules CTX1 -->          a table of the rules of a family
    <!-- insert: settings select -->     what these keys of the settings take
    <!-- insert: options --fix --diff -->  what these flags do, as `--help` has it
    <!-- insert: usage -->               what `--help` says before and after the flags
    <!-- insert: semantics 1 -->         what Python copies and when: a part of the table
    <!-- insert: readme Fixing -->       a section of README.md, without its heading
    <!-- insert: about Use -->           ... and without the sections in it
    <!-- insert: changelog -->           CHANGELOG.md

The page of each rule is its documentation, and is made altogether.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent
sys.path[:0] = [str(HERE), str(ROOT / "src")]  # the documentation of this checkout, not of another

import copying_page  # noqa: E402
import documents  # noqa: E402
import options_reference  # noqa: E402
import rule_pages  # noqa: E402
import settings_reference  # noqa: E402

from ctxlint.rules.codes import SITE  # noqa: E402

INSERT: Final = re.compile(r"^<!-- insert: (\w+) *(.*?) *-->$", re.MULTILINE)
INSERTS: Final[Mapping[str, Callable[[str], str]]] = {
    "rules": rule_pages.table,
    "settings": settings_reference.entries,
    "options": options_reference.entries,
    "usage": options_reference.usage,
    "semantics": copying_page.part,
    "readme": documents.readme_section,
    "about": documents.about,
    "changelog": documents.changelog,
}
RULES_HERE: Final = "rules/index.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the page of each rule into the navigation, below the index of the rules."""
    config.site_url = SITE
    for part in config.nav or []:
        for title, pages in part.items():
            if isinstance(pages, list) and RULES_HERE in pages:
                part[title] = [*pages, *rule_pages.navigation()]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page of each rule."""
    for path, text in rule_pages.pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Put in what a page asks for."""

    def inserted(match: re.Match[str]) -> str:
        kind, words = match.groups()
        if kind not in INSERTS:
            raise PluginError(f"{page.file.src_uri}: nothing is called {kind!r}")
        try:
            return INSERTS[kind](words)
        except KeyError as error:
            raise PluginError(f"{page.file.src_uri}: {match[0]}: there is no {error}") from error

    return INSERT.sub(inserted, markdown)
