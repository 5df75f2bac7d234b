"""From a Python file's bytes to its text."""

from __future__ import annotations

import io
import tokenize


class Undecodable(ValueError):
    """Bytes that are no text in the encoding they declare; the message says where and why."""


def decode(source: bytes) -> str:
    """The text of a Python file, by its byte order mark or PEP 263 declaration, else UTF-8.

    Line ends stay as they are. Raises Undecodable.
    """
    contradiction = ""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:  # often only because the first lines are no UTF-8
        contradiction, encoding = str(error), "utf-8"
    try:
        text = source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        byte = source[error.start]
        raise Undecodable(f"not {encoding}: byte 0x{byte:02x} in line {line}") from None
    except (LookupError, ValueError):  # a codec that is not for text, or fails in its own way
        raise Undecodable(f"not readable as {encoding}") from None
    if contradiction:
        raise Undecodable(contradiction)
    return text
