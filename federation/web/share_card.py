"""The picture that goes along when somebody shares the public page: the name, and a bridge.

Drawn here, so nothing is asked of anybody else. Pure but for the font that comes with Pillow.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from textwrap import wrap
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WIDTH: Final = 1200
HEIGHT: Final = 630
PAPER: Final = "#fdf8f1"
INK: Final = "#2a211c"
WARM: Final = "#a63c11"
TEAL: Final = "#2c6e63"
_LINE_CHARACTERS: Final = 24
_LINES_MAX: Final = 3
_LETTERS_PX: Final = 84


@lru_cache(maxsize=64)
def share_card(name: str) -> bytes:
    """Draw the card of a group as a PNG; a long name is cut."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 520, WIDTH, HEIGHT), fill=TEAL)
    for left in (120, 600):
        draw.arc((left, 400, left + 480, 760), 180, 360, fill=WARM, width=28)
    draw.rectangle((0, 380, WIDTH, 408), fill=WARM)
    font = ImageFont.load_default(_LETTERS_PX)
    lines = wrap(name, _LINE_CHARACTERS, max_lines=_LINES_MAX, placeholder=" ...")
    draw.multiline_text((80, 60), "\n".join(lines), fill=INK, font=font, spacing=16)
    written = BytesIO()
    picture.quantize(16).save(written, "PNG", optimize=True)
    return written.getvalue()
