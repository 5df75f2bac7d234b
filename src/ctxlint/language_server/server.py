"""The server: what the editor says and asks, and what it is told."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, cast

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from ..lookup import Lookup
from ..reports.excerpts import one_line
from . import actions
from .desk import Judged, Outdated, Results
from .diagnostics import Diagnosing, page
from .documents import Document
from .state import State
from .stdin import SKIPPED, BoundedInput

_PAUSE: Final = 0.25  # seconds without a keystroke before the text is looked at
_WATCHED: Final = ("**/*.py", "**/pyproject.toml", "**/.gitignore")

_LOG: Final = logging.getLogger(__name__)


class Server(LanguageServer):
    """Tells an editor what is found in its open documents, and fixes it on demand."""

    def __init__(self, lookup: Lookup, version: str) -> None:
        # The whole text with each change: no position in it can be misunderstood.
        super().__init__(
            "ctxlint", version, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.state: Final = State(lookup)
        self._pending: asyncio.Task[None] | None = None
        self._shown: dict[str, tuple[int | None, list[types.Diagnostic]]] = {}
        self._told: set[str] = set()

    def changed(self, pause: float = 0.0) -> None:
        """Look at the documents after a pause in which nothing else changes."""
        if self._pending is not None:
            self._pending.cancel()
        self._pending = asyncio.get_running_loop().create_task(self._refresh(pause))

    async def _refresh(self, pause: float) -> None:
        await asyncio.sleep(pause)
        try:
            results = await self.results()
        except Outdated:
            return
        except Exception as error:
            _LOG.exception("the analysis has failed")
            self._tell_once(f"ctxlint: internal error: {type(error).__name__}: {error}")
            return
        if self.state.is_current(results):
            self._publish(results)

    async def results(self) -> Results:
        """What is found in the documents as they are now.  Raises Outdated."""
        return await self.state.results(self._folders())

    def _folders(self) -> Iterable[Path]:
        folders = [to_fs_path(uri) for uri in self.workspace.folders]
        return [Path(each).resolve() for each in folders if each]

    def _publish(self, results: Results) -> None:
        for problem in results.problems:
            self._tell_once(f"ctxlint: {problem}")
        self._told &= {f"ctxlint: {each}" for each in results.problems}
        for document in results.snapshot.documents:
            judged = results.judged.get(document.uri)
            found = [] if judged is None else self.diagnostics(judged)
            if self._shown.get(document.uri) != (document.version, found):
                self._shown[document.uri] = document.version, found
                self._tell(document.uri, found, document.version)

    def forget(self, uri: str) -> None:
        """Take away the diagnostics of a document that was closed."""
        if self._shown.pop(uri, None) is not None:
            self._tell(uri, [])

    def _tell(self, uri: str, found: list[types.Diagnostic], version: int | None = None) -> None:
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, version=version)
        )

    def diagnostics(self, judged: Judged) -> list[types.Diagnostic]:
        """The diagnostics of a document."""
        wanted = self.client_capabilities.text_document
        told = wanted.publish_diagnostics if wanted else None
        return Diagnosing(
            self.state.by_path,
            judged.project.session,
            self._units,
            related=bool(told and told.related_information),
        ).all_of(judged)

    def editing(self) -> actions.Editing:
        """How edits are written for this editor."""
        workspace = self.client_capabilities.workspace
        edits = workspace.workspace_edit if workspace else None
        versioned = bool(edits and edits.document_changes)
        return actions.Editing(self.state.by_path, self._units, versioned=versioned)

    @property
    def _units(self) -> str:
        encoding = self.workspace.position_encoding or types.PositionEncodingKind.Utf16
        return str(getattr(encoding, "value", encoding))

    def _tell_once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            shown = types.ShowMessageParams(types.MessageType.Error, one_line(message))
            self.window_show_message(shown)

    def watch_files(self) -> None:
        """Ask to be told what others write to the disk, where the editor can tell."""
        workspace = self.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching is None or not watching.dynamic_registration:
            return
        options = types.DidChangeWatchedFilesRegistrationOptions(
            [types.FileSystemWatcher(glob_pattern=each) for each in _WATCHED]
        )
        method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
        self.client_register_capability(
            types.RegistrationParams([types.Registration("ctxlint-files", method, options)])
        )


def serve(lookup: Lookup, version: str) -> None:
    """Serve an editor on standard input and output, until it leaves."""
    server = Server(lookup, version)
    _follow_documents(server)
    _answer(server)
    stdin = BoundedInput(sys.stdin.buffer)
    # Whatever else writes to standard output would break into a message.
    with open(os.dup(sys.stdout.fileno()), "wb") as stdout:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        server.start_io(cast(BinaryIO, stdin), stdout)


def _follow_documents(server: Server) -> None:
    state = server.state

    @server.feature(types.INITIALIZED)
    def initialized(_params: types.InitializedParams) -> None:
        server.watch_files()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        one = params.text_document
        path = _path_of(one.uri)
        if path is not None:
            state.put(Document(one.uri, path, one.version, one.text))
            server.changed()

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def edited(params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        path = _path_of(uri)
        if path is not None and params.content_changes:
            text = params.content_changes[-1].text
            state.put(Document(uri, path, params.text_document.version, text))
            server.changed(_PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(_params: types.DidSaveTextDocumentParams) -> None:
        state.doubt_the_disk()
        server.changed()

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        if state.drop(params.text_document.uri):
            server.forget(params.text_document.uri)
            server.changed()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def written(_params: types.DidChangeWatchedFilesParams) -> None:
        state.doubt_the_disk()
        server.changed(_PAUSE)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(_params: types.DidChangeConfigurationParams) -> None:
        state.doubt_the_disk()
        server.changed()

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def moved(_params: types.DidChangeWorkspaceFoldersParams) -> None:
        state.doubt_the_disk()
        server.changed()

    @server.feature(SKIPPED)
    def skipped(_server: Server, _params: object) -> None:
        message = "ctxlint: a message was too long, and was not read"
        server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))


def _answer(server: Server) -> None:
    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=actions.KINDS)
    )
    async def act(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        try:
            return await _actions(server, params)
        except (Outdated, actions.Stale) as reason:
            if isinstance(reason, actions.Stale):
                server.state.doubt_the_disk()
                server.changed()
            return None  # the editor asks again once it shows what is true now

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        try:
            judged = (await server.results()).judged.get(params.text_document.uri)
        except Outdated:
            return None
        if judged is None:
            return None
        place = types.Range(params.position, params.position)
        met = [each for each in server.diagnostics(judged) if actions.touches(each.range, place)]
        if not met:
            return None
        pages = dict.fromkeys(page(str(each.code)) for each in met)
        content = types.MarkupContent(types.MarkupKind.Markdown, "\n\n---\n\n".join(pages))
        return types.Hover(content, met[0].range)


async def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    judged = (await server.results()).judged.get(params.text_document.uri)
    if judged is None or not judged.findings:
        return []
    only = params.context.only
    editing = server.editing()
    reported = [
        (finding, diagnostic)
        for finding, diagnostic in zip(judged.findings, server.diagnostics(judged), strict=True)
        if actions.touches(diagnostic.range, params.range)
    ]
    found: list[types.CodeAction] = []
    if reported and actions.wanted(types.CodeActionKind.QuickFix, only):
        found += actions.quick_fixes(reported, await server.state.cures_of(judged), editing)
        found += actions.silencers(reported, judged, editing)
    if (reported or only) and actions.wanted(actions.FIX_ALL, only):
        found += actions.fix_all(await server.state.safe_fixes_of(judged), editing)
    return found


def _path_of(uri: str) -> Path | None:
    """The Python file that a document is; None for what is no file, or not Python."""
    try:
        path = to_fs_path(uri) if uri.startswith("file:") else None
        if path is None or not path.endswith(".py"):
            return None
        found = Path(path).resolve()
        with suppress(FileNotFoundError, NotADirectoryError):  # it may be new
            found.lstat()
    except (OSError, ValueError, RuntimeError):  # no file can have this path
        return None
    return found
