"""Telling a workbook of a spreadsheet from tables: volunteers bring one where CSV is meant. Pure.

By its name or its first bytes, so that one that was only given another name is known as well.
Nothing of it is read: how to save it as CSV is said instead.
"""

from __future__ import annotations

from typing import Final

ENDINGS: Final = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
HEAD_BYTES: Final = 512
"""So much of a file is looked at."""
_WORKBOOKS: Final = (b"[Content_Types].xml", b"xl/", b"mimetypeapplication/vnd.oasis.opendocument")
"""The first part of a workbook in a ZIP, where its name begins: behind 30 bytes."""
_ZIP: Final = b"PK\x03\x04"
_NAME_AT: Final = 30
_OLE: Final = b"\xd0\xcf\x11\xe0"
"""A workbook as it was before 2007."""


def is_spreadsheet(name: str, head: bytes) -> bool:
    """Tell whether a file is a workbook, by what it is called and how it begins."""
    if name.lower().endswith(ENDINGS) or head.startswith(_OLE):
        return True
    return head.startswith(_ZIP) and head[_NAME_AT:].startswith(_WORKBOOKS)
