"""An editor, as far as a language server can tell: it opens and changes documents, is told
diagnostics, and applies edits to documents and files, counting columns as was agreed.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

import ctxlint

_PATIENCE = 60  # seconds


class Editor:
    """One session with a server over its standard input and output."""

    def __init__(self, encoding: str) -> None:
        self.client = LanguageClient("editor", "1")
        self.texts: dict[Path, str] = {}
        self.versions: dict[Path, int] = {}
        self.messages: list[str] = []
        self.watched: list[str] = []
        self.encoding = encoding
        self._told: dict[str, types.PublishDiagnosticsParams] = {}
        self._news = asyncio.Condition()
        self._listen()

    def _listen(self) -> None:
        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def told(params: types.PublishDiagnosticsParams) -> None:
            async with self._news:
                self._told[params.uri] = params
                self._news.notify_all()

        @self.client.feature(types.WINDOW_SHOW_MESSAGE)
        async def shown(params: types.ShowMessageParams) -> None:
            async with self._news:
                self.messages.append(params.message)
                self._news.notify_all()

        @self.client.feature(types.CLIENT_REGISTER_CAPABILITY)
        async def registered(params: types.RegistrationParams) -> None:
            async with self._news:
                self.watched += [each.method for each in params.registrations]
                self._news.notify_all()

        @self.client.feature(types.WINDOW_LOG_MESSAGE)
        def logged(_params: types.LogMessageParams) -> None: ...

        @self.client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def created(_params: types.WorkDoneProgressCreateParams) -> None: ...

        @self.client.feature(types.PROGRESS)
        def progressed(_params: types.ProgressParams) -> None: ...

    async def start(self, command: Sequence[str], folder: Path, versioned: bool) -> None:
        path = [str(Path(ctxlint.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path))}
        await self.client.start_io(*command, cwd=folder, env=environment)
        answer = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    general=types.GeneralClientCapabilities(
                        position_encodings=[types.PositionEncodingKind(self.encoding)]
                    ),
                    workspace=types.WorkspaceClientCapabilities(
                        workspace_edit=types.WorkspaceEditClientCapabilities(
                            document_changes=versioned
                        ),
                        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(
                            dynamic_registration=True
                        ),
                    ),
                    text_document=types.TextDocumentClientCapabilities(
                        publish_diagnostics=types.PublishDiagnosticsClientCapabilities(
                            related_information=True
                        )
                    ),
                ),
                root_uri=folder.as_uri(),
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
            )
        )
        self.capabilities = answer.capabilities
        self.client.initialized(types.InitializedParams())

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for news that make something true."""
        async with asyncio.timeout(_PATIENCE), self._news:
            await self._news.wait_for(holds)

    def open(self, path: Path, text: str | None = None) -> None:
        if text is None:
            text = path.read_bytes().decode()
        self.texts[path], self.versions[path] = text, 1
        item = types.TextDocumentItem(path.as_uri(), "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, path: Path, text: str) -> None:
        self.texts[path] = text
        self.versions[path] += 1
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[path], path.as_uri()),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    def save(self, path: Path) -> None:
        path.write_bytes(self.texts[path].encode())
        one = types.TextDocumentIdentifier(path.as_uri())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(one))

    def close(self, path: Path) -> None:
        del self.texts[path]
        one = types.TextDocumentIdentifier(path.as_uri())
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(one))

    def written(self, path: Path) -> None:
        """Say that somebody has written a file."""
        event = types.FileEvent(path.as_uri(), types.FileChangeType.Changed)
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    def told(self, path: Path) -> list[types.Diagnostic]:
        """The diagnostics that a document has now."""
        found = self._told.get(path.as_uri())
        return [] if found is None else list(found.diagnostics)

    async def diagnostics(self, path: Path) -> list[types.Diagnostic]:
        """Those that are told of the text as it is now."""
        uri, version = path.as_uri(), self.versions[path]
        await self.until(lambda: uri in self._told and self._told[uri].version == version)
        return self.told(path)

    async def codes(self, path: Path) -> list[str]:
        return [str(each.code) for each in await self.diagnostics(path)]

    async def actions(
        self, path: Path, area: types.Range, only: Sequence[str] | None = None
    ) -> list[types.CodeAction]:
        context = types.CodeActionContext([], only=only)
        one = types.TextDocumentIdentifier(path.as_uri())
        answer = await self.client.text_document_code_action_async(
            types.CodeActionParams(one, area, context)
        )
        return [each for each in answer or [] if isinstance(each, types.CodeAction)]

    async def hover(self, path: Path, place: types.Position) -> str:
        one = types.TextDocumentIdentifier(path.as_uri())
        answer = await self.client.text_document_hover_async(types.HoverParams(one, place))
        return answer.contents.value if answer else ""

    def apply(self, action: types.CodeAction) -> None:
        """Do what an action says: to the documents that are open, and to the files that are not."""
        assert action.edit
        changes = dict(action.edit.changes or {})
        for each in action.edit.document_changes or []:
            assert each.text_document.version == self.versions.get(_path(each.text_document.uri))
            changes[each.text_document.uri] = each.edits
        for uri, edits in changes.items():
            path = _path(uri)
            if path in self.texts:
                self.change(path, self._edited(self.texts[path], edits))
            else:
                path.write_bytes(self._edited(path.read_bytes().decode(), edits).encode())

    def _edited(self, text: str, edits: Sequence[types.TextEdit]) -> str:
        for edit in sorted(edits, key=lambda each: each.range.start, reverse=True):
            start, end = self._offset(text, edit.range.start), self._offset(text, edit.range.end)
            text = text[:start] + edit.new_text + text[end:]
        return text

    def under(self, path: Path, area: types.Range) -> str:
        """What stands in a range of an open document."""
        text = self.texts[path]
        return text[self._offset(text, area.start) : self._offset(text, area.end)]

    def _offset(self, text: str, place: types.Position) -> int:
        lines = text.replace("\r\n", "\n\0").replace("\r", "\n").split("\n")
        at = sum(len(line) + 1 for line in lines[: place.line])
        lead = 1 if lines[place.line].startswith("\0") else 0
        code = "utf-16-le" if self.encoding == "utf-16" else "utf-8"
        width = 2 if self.encoding == "utf-16" else 1
        line = lines[place.line][lead:]
        if self.encoding == "utf-32":
            return at + lead + place.character
        return at + lead + len(line.encode(code)[: place.character * width].decode(code))


def _path(uri: str) -> Path:
    from pygls.uris import to_fs_path

    return Path(to_fs_path(uri) or "")


SERVER = (sys.executable, "-m", "ctxlint", "--lsp")


@asynccontextmanager
async def editing(
    folder: Path,
    command: Sequence[str] = SERVER,
    *,
    encoding: str = "utf-16",
    versioned: bool = True,
) -> AsyncIterator[Editor]:
    """A session with a server in a folder, which ends as the protocol wants it."""
    editor = Editor(encoding)
    await editor.start(command, folder, versioned)
    process = editor.client._server
    assert process is not None
    try:
        yield editor
        await asyncio.wait_for(editor.client.shutdown_async(None), _PATIENCE)
        editor.client.exit(None)
        assert await asyncio.wait_for(process.wait(), _PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await editor.client.stop()
