"""The pictures of the demo's posts: flat drawings, drawn here by ourselves from plain shapes.

The same name gives the same picture. They are drawn twice as large and made smaller, for smooth
edges. A drawing works on a sheet of 100 by 75.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WIDTH: Final = 800
HEIGHT: Final = 600
_FINE: Final = 2
_SCALE: Final = WIDTH * _FINE / 100

INK = "#2b3a42"
WHITE = "#fdfaf3"
RED = "#c8553d"
ORANGE = "#e9a23b"
YELLOW = "#f4d35e"
GREEN = "#5b8e55"
LEAF = "#86b36b"
BLUE = "#3f7cac"
SKY = "#cfe5ee"
SAND = "#f0e2c4"
BROWN = "#8a5a3c"
CRUST = "#c98d4b"
PINK = "#efb7b2"
GREY = "#9aa5a9"

Point = tuple[float, float]


class Sheet:
    """Paper of 100 by 75 with a floor, and shapes to put on it."""

    def __init__(self, back: str, floor: str) -> None:
        """Take clean paper."""
        self.image = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), back)
        self._draw = ImageDraw.Draw(self.image)
        self.box(0, 60, 100, 75, floor)

    def box(
        self, left: float, top: float, right: float, low: float, fill: str, corner: float = 0
    ) -> None:
        """Draw a rectangle."""
        self._draw.rounded_rectangle(_places([(left, top), (right, low)]), corner * _SCALE, fill)

    def disc(self, x: float, y: float, radius: float, fill: str, high: float = 1) -> None:
        """Draw a disc, or an oval so many times as high as it is wide."""
        tall = radius * high
        self._draw.ellipse(_places([(x - radius, y - tall), (x + radius, y + tall)]), fill)

    def ring(self, x: float, y: float, radius: float, ink: str, thick: float) -> None:
        """Draw a ring."""
        corners = _places([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.ellipse(corners, outline=ink, width=round(thick * _SCALE))

    def arc(self, x: float, y: float, radius: float, turn: Point, ink: str, thick: float) -> None:
        """Draw a part of a ring, between two angles."""
        corners = _places([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.arc(corners, *turn, fill=ink, width=round(thick * _SCALE))

    def line(self, points: list[Point], ink: str, thick: float) -> None:
        """Draw a line with round ends."""
        width = round(thick * _SCALE)
        self._draw.line(_places(points), ink, width, joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, thick / 2, ink)

    def shape(self, points: list[Point], fill: str) -> None:
        """Draw a shape with corners."""
        self._draw.polygon(_places(points), fill)


def _places(points: list[Point]) -> list[tuple[float, float]]:
    return [(x * _SCALE, y * _SCALE) for x, y in points]


def bicycle() -> Sheet:
    """Draw a bicycle."""
    sheet = Sheet(SKY, LEAF)
    for x in (28, 72):
        sheet.ring(x, 48, 15, INK, 1.8)
        for spoke in range(6):
            turn = spoke * math.pi / 6
            dx, dy = 14 * math.cos(turn), 14 * math.sin(turn)
            sheet.line([(x - dx, 48 - dy), (x + dx, 48 + dy)], GREY, 0.3)
        sheet.disc(x, 48, 1.6, INK)
    sheet.line([(28, 48), (48, 48), (66, 27), (42, 27), (48, 48)], RED, 2)
    sheet.line([(28, 48), (42, 27)], RED, 2)
    sheet.line([(72, 48), (64, 20)], RED, 2)
    sheet.line([(42, 27), (40, 20)], INK, 1.6)
    sheet.line([(35, 19.5), (45, 19.5)], INK, 3)
    sheet.line([(64, 20), (69, 18), (71, 21)], INK, 1.6)
    sheet.disc(48, 48, 3, ORANGE)
    sheet.line([(48, 48), (52, 54)], INK, 1.2)
    return sheet


def cake() -> Sheet:
    """Draw a cake with candles."""
    sheet = Sheet("#f8dcd3", SAND)
    sheet.disc(50, 61, 34, WHITE, 0.14)
    sheet.box(24, 40, 76, 60, CRUST, 2)
    sheet.box(24, 48, 76, 51, WHITE)
    sheet.box(24, 36, 76, 43, PINK, 3)
    for x in range(28, 76, 8):
        sheet.disc(x, 43, 3, PINK)
    for x, colour in ((36, BLUE), (50, GREEN), (64, BLUE)):
        sheet.box(x - 1, 24, x + 1, 37, colour)
        sheet.disc(x, 21, 1.6, ORANGE, 1.6)
    for x in (30, 43, 57, 70):
        sheet.disc(x, 36, 2.2, RED)
    return sheet


def telephone() -> Sheet:
    """Draw a telephone with a picture on it."""
    sheet = Sheet("#e4e0f0", SAND)
    sheet.box(35, 10, 65, 66, INK, 4)
    sheet.box(37.5, 15, 62.5, 60, SKY)
    sheet.disc(56, 23, 4, YELLOW)
    sheet.shape([(37.5, 60), (37.5, 46), (46, 34), (55, 46), (62.5, 40), (62.5, 60)], GREEN)
    sheet.disc(50, 63, 1.4, WHITE)
    return sheet


def tools() -> Sheet:
    """Draw a hammer, a screwdriver and a spanner on a board."""
    sheet = Sheet(SAND, BROWN)
    sheet.box(12, 10, 88, 58, "#e2c99a", 2)
    sheet.box(28, 22, 31, 52, BROWN, 1)
    sheet.box(21, 16, 38, 24, INK, 1)
    sheet.box(48.5, 30, 51.5, 52, RED, 1.4)
    sheet.box(49.4, 16, 50.6, 31, GREY)
    sheet.line([(72, 26), (72, 50)], BLUE, 3.6)
    sheet.ring(72, 20, 5, BLUE, 2.8)
    sheet.box(70.4, 12, 73.6, 19, "#e2c99a")
    return sheet


def ladder() -> Sheet:
    """Draw a ladder against a wall with a window."""
    sheet = Sheet("#e3b79b", LEAF)
    sheet.box(58, 12, 82, 36, WHITE, 1)
    sheet.box(60, 14, 69, 34, SKY)
    sheet.box(71, 14, 80, 34, SKY)
    sheet.line([(26, 66), (40, 8)], BROWN, 2.4)
    sheet.line([(42, 66), (52, 8)], BROWN, 2.4)
    for step in range(1, 9):
        part = step / 9
        sheet.line(
            [(26 + 14 * part, 66 - 58 * part), (42 + 10 * part, 66 - 58 * part)], ORANGE, 1.8
        )
    return sheet


def sewing() -> Sheet:
    """Draw a sewing machine."""
    sheet = Sheet("#dbe8df", CRUST)
    sheet.box(20, 52, 82, 60, INK, 2)
    sheet.box(64, 24, 76, 54, BLUE, 3)
    sheet.box(24, 24, 76, 35, BLUE, 4)
    sheet.box(26, 34, 36, 44, BLUE, 2)
    sheet.line([(31, 44), (31, 51)], GREY, 1)
    sheet.disc(79, 30, 5, INK)
    sheet.box(44, 16, 50, 24, RED, 1)
    sheet.box(43, 15, 51, 17, BROWN)
    sheet.shape([(8, 51), (44, 51), (38, 56), (4, 66), (2, 58)], ORANGE)
    return sheet


def garden() -> Sheet:
    """Draw a garden with a tree and a hedge."""
    sheet = Sheet(SKY, LEAF)
    sheet.disc(84, 13, 7, YELLOW)
    sheet.box(29, 36, 34, 64, BROWN)
    for x, y in ((22, 30), (40, 30), (31, 20)):
        sheet.disc(x, y, 12, GREEN)
    for x, y in ((24, 26), (36, 33), (33, 18), (42, 24)):
        sheet.disc(x, y, 1.8, RED)
    sheet.box(54, 42, 96, 63, GREEN, 4)
    for x in range(58, 96, 7):
        sheet.disc(x, 42, 4, GREEN)
    for x, colour in ((60, PINK), (71, YELLOW), (83, PINK), (90, WHITE)):
        sheet.disc(x, 52, 1.8, colour)
    return sheet


def car() -> Sheet:
    """Draw a small car on a road."""
    sheet = Sheet(SKY, GREY)
    sheet.box(0, 54, 100, 61, LEAF)
    sheet.shape([(28, 42), (36, 27), (62, 27), (73, 42)], RED)
    sheet.shape([(33, 41), (38, 30), (48, 30), (48, 41)], WHITE)
    sheet.shape([(51, 41), (51, 30), (60, 30), (67, 41)], WHITE)
    sheet.box(16, 40, 86, 58, RED, 5)
    sheet.box(80, 45, 86, 49, YELLOW, 1)
    for x in (31, 70):
        sheet.disc(x, 58, 7.5, INK)
        sheet.disc(x, 58, 3.2, GREY)
    return sheet


def cup() -> Sheet:
    """Draw a cup of coffee."""
    sheet = Sheet("#efe3d6", BROWN)
    sheet.disc(48, 60, 30, WHITE, 0.16)
    sheet.ring(68, 42, 9, BLUE, 3)
    sheet.box(28, 28, 66, 58, BLUE, 8)
    sheet.disc(47, 29, 19, "#2f6690", 0.22)
    sheet.disc(47, 29.5, 16.5, BROWN, 0.18)
    for x in (40, 47, 54):
        sheet.line([(x, 22), (x + 2, 18), (x - 1, 13), (x + 1, 9)], WHITE, 1.4)
    return sheet


def soup() -> Sheet:
    """Draw a pot on the fire."""
    sheet = Sheet("#f6e5b8", GREY)
    sheet.box(24, 32, 76, 62, RED, 6)
    sheet.box(20, 29, 80, 35, "#9f3f2c", 3)
    sheet.box(14, 38, 25, 43, INK, 2)
    sheet.box(75, 38, 86, 43, INK, 2)
    sheet.disc(50, 26, 3, INK)
    for x in (38, 50, 62):
        sheet.line([(x, 22), (x + 2, 17), (x - 1, 12), (x + 1, 7)], WHITE, 1.6)
    for x in (34, 46, 58, 68):
        sheet.disc(x, 64, 3, ORANGE, 1.4)
    return sheet


def wool() -> Sheet:
    """Draw balls of wool and needles."""
    sheet = Sheet("#f1dde3", SAND)
    sheet.line([(18, 14), (56, 56)], BROWN, 1.6)
    sheet.line([(66, 10), (36, 56)], BROWN, 1.6)
    for x, y, radius, colour in ((32, 48, 15, BLUE), (62, 50, 13, RED), (47, 32, 11, YELLOW)):
        sheet.disc(x, y, radius, colour)
        for part in (0.35, 0.6, 0.85):
            sheet.arc(x - radius * 0.2, y, radius * part, (250, 80), WHITE, 0.6)
    sheet.line([(74, 56), (84, 62), (92, 58), (97, 64)], RED, 1)
    return sheet


def chair() -> Sheet:
    """Draw two chairs."""
    sheet = Sheet("#dde6ea", CRUST)
    for x, colour in ((22, ORANGE), (56, GREEN)):
        for leg in (x + 1, x + 20):
            sheet.box(leg, 18, leg + 2.4, 66, BROWN)
        for y in (20, 28):
            sheet.box(x + 1, y, x + 22, y + 5, colour, 1)
        sheet.box(x - 1, 44, x + 25, 49, colour, 2)
    return sheet


def tomato() -> Sheet:
    """Draw plants in pots."""
    sheet = Sheet(SKY, BROWN)
    for x in (24, 50, 76):
        sheet.line([(x, 52), (x, 20)], GREEN, 1.6)
        for y, side in ((24, -1), (30, 1), (37, -1), (43, 1)):
            sheet.disc(x + 6 * side, y, 5, LEAF, 0.5)
        sheet.disc(x - 5, 33, 3.4, RED)
        sheet.disc(x + 5, 38, 3.4, RED)
        sheet.shape([(x - 9, 50), (x + 9, 50), (x + 6, 66), (x - 6, 66)], CRUST)
        sheet.box(x - 10, 48, x + 10, 53, RED, 1)
    return sheet


def hen() -> Sheet:
    """Draw a hen in the grass."""
    sheet = Sheet("#dbeccd", LEAF)
    sheet.shape([(18, 22), (36, 34), (28, 46)], WHITE)
    sheet.disc(46, 42, 20, WHITE, 0.8)
    sheet.disc(66, 26, 9, WHITE)
    sheet.shape([(58, 30), (74, 30), (62, 50), (50, 46)], WHITE)
    for x, y in ((62, 17), (66, 15), (70, 17)):
        sheet.disc(x, y, 2.8, RED)
    sheet.shape([(74, 25), (82, 28), (74, 30)], ORANGE)
    sheet.disc(68, 24, 1.2, INK)
    sheet.disc(42, 42, 10, SAND, 0.6)
    for x in (42, 50):
        sheet.line([(x, 56), (x, 65), (x + 4, 66)], ORANGE, 1.4)
    return sheet


def guitar() -> Sheet:
    """Draw a guitar."""
    sheet = Sheet("#e9dfc9", BROWN)
    sheet.line([(50, 40), (78, 12)], INK, 4)
    sheet.line([(76, 14), (84, 6)], BROWN, 6)
    sheet.disc(34, 52, 16, CRUST)
    sheet.disc(46, 40, 12, CRUST)
    sheet.disc(42, 44, 5, INK)
    sheet.line([(29, 57), (78, 8)], WHITE, 0.4)
    sheet.line([(31, 59), (80, 10)], WHITE, 0.4)
    sheet.line([(26, 54), (33, 61)], INK, 2)
    return sheet


def bread() -> Sheet:
    """Draw a loaf on a board."""
    sheet = Sheet("#f3e7cf", CRUST)
    sheet.box(12, 54, 88, 62, BROWN, 3)
    sheet.disc(50, 42, 32, "#b8763a", 0.5)
    sheet.disc(50, 40, 31, CRUST, 0.46)
    for x in (34, 46, 58):
        sheet.line([(x - 3, 46), (x + 5, 31)], SAND, 2)
    sheet.line([(80, 16), (88, 52)], GREEN, 1)
    for step in range(5):
        sheet.disc(80 + step * 1.2, 18 + step * 4, 2.2, ORANGE, 1.4)
    return sheet


DRAWINGS: Final[dict[str, Callable[[], Sheet]]] = {
    draw.__name__: draw
    for draw in (
        *(bicycle, cake, telephone, tools, ladder, sewing, garden, car),
        *(cup, soup, wool, chair, tomato, hen, guitar, bread),
    )
}


def draw_all(folder: Path) -> dict[str, Path]:
    """Draw every picture into a folder, and say where each lies."""
    folder.mkdir(parents=True, exist_ok=True)
    places = {}
    for name, draw in DRAWINGS.items():
        places[name] = folder / f"{name}.png"
        draw().image.resize((WIDTH, HEIGHT), Image.Resampling.BOX).save(places[name])
    return places
