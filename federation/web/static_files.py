"""The files beside the pages: stylesheet, fonts, icons, htmx; all our own or vendored whole.

One digest stands for all of them and is part of their address, so they are cached for ever and the
stylesheet names its fonts relatively. Everything is read, put together and compressed at start.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from federation.node.packed import Packed, pack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

FOLDER: Final = files("federation.web").joinpath("static")
VENDORED: Final = FOLDER.joinpath("vendored")
TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "woff2": "font/woff2",
    "webmanifest": "application/manifest+json",
}
SPRITE: Final = "icons.svg"
STYLE: Final = "style.css"
_PACKED: Final = frozenset({"css", "js", "svg"})
DIGEST_LENGTH: Final = 16
_ICON: Final = re.compile(r"<svg(?P<said>[^>]*)>(?P<drawing>.*)</svg>", re.DOTALL)


class StaticFile(NamedTuple):
    """A file as it is sent."""

    name: str
    content: Packed


class StaticFiles(NamedTuple):
    """All of them, and the digest that stands for all."""

    digest: str
    by_name: dict[str, StaticFile]

    def path(self, name: str) -> str:
        """Give the address of a file; one that is not there is a bug in a template."""
        assert name in self.by_name, name
        return self.beside(name)

    def beside(self, name: str) -> str:
        """Give the address of a file that is kept elsewhere, and names these ones relatively."""
        return f"/static/{self.digest}/{name}"


@cache
def read_static_files() -> StaticFiles:
    """Read and compress all files."""
    found = {name: static_file(name, plain) for name, plain in sorted(_contents())}
    whole = sha256()
    for name, file in found.items():
        whole.update(name.encode() + b"\0" + sha256(file.content.plain).digest())
    return StaticFiles(whole.hexdigest()[:DIGEST_LENGTH], found)


def static_file(name: str, plain: bytes) -> StaticFile:
    """Make a file as it is sent; what it is follows from its name."""
    kind = name.rpartition(".")[2]
    if kind in _PACKED:
        return StaticFile(name, pack(TYPES[kind], plain))
    return StaticFile(name, Packed(TYPES[kind], plain, b""))


def _contents() -> Iterator[tuple[str, bytes]]:
    for folder in (FOLDER, VENDORED):
        for file in folder.iterdir():
            if file.is_file() and file.name.rpartition(".")[2] in TYPES:
                yield file.name, file.read_bytes()
    yield SPRITE, sprite(VENDORED.joinpath("icons")).encode()


def sprite(folder: Traversable) -> str:
    """Put the icons of a folder into one file, a `symbol` for each, named as its file is."""
    symbols = [
        _symbol(file.name.removesuffix(".svg"), file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
    ]
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'


def _symbol(name: str, text: str) -> str:
    found = _ICON.search(text)
    assert found is not None, name
    drawing = " ".join(found["drawing"].split())
    look = 'viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" {look} {ends}>{drawing}</symbol>'
