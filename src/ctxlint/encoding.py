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
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            raise Undecodable(str(error)) from None
        encoding = "utf-8"  # it is not: the same bytes fail below, where the place is known
    try:
        return source.decode(encoding)
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        byte = source[error.start]
        raise Undecodable(f"not {encoding}: byte 0x{byte:02x} in line {line}") from None
    except (LookupError, ValueError):  # a codec that is not for text, or fails in its own way
        raise Undecodable(f"not readable as {encoding}") from None
