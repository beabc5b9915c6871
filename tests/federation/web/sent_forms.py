"""The forms of a page as a browser would send them, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

WRITTEN = frozenset({"text", "search", "email", "tel", "password", "url", "date", "time", "number"})
"""Kinds of fields into which people type."""


class SentForm:
    """One form: where it is sent to, and what it holds as it stands there."""

    def __init__(self, action: str) -> None:
        """Begin an empty form."""
        self.action = action
        self.held: dict[str, str] = {}
        self.written: list[str] = []
        """Names of the fields into which people type."""
        self.buttons: list[tuple[str, str]] = []
        self.has_files = False

    def ways(self) -> list[dict[str, str]]:
        """Give what is sent by each of its buttons."""
        return [self.held | dict([button]) for button in self.buttons] or [self.held]


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[SentForm] = []
        self._form: SentForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said: dict[str, Any] = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = SentForm(said.get("action") or self.path)
            if said.get("method", "get").lower() == "post":
                self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, said, self._form)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _field(self, tag: str, said: dict[str, str], form: SentForm) -> None:
        name, value, kind = said.get("name", ""), said.get("value", ""), said.get("type", "text")
        if tag == "select":
            self._select = name
            form.held.setdefault(name, "")
        elif tag == "option" and self._select:
            if not form.held[self._select] or "selected" in said:
                form.held[self._select] = value
        elif tag == "textarea" and name:
            form.written.append(name)
            form.held[name] = "Tekst"
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "input" and name:
            self._input(name, value, kind, said, form)

    @staticmethod
    def _input(name: str, value: str, kind: str, said: dict[str, str], form: SentForm) -> None:
        if kind == "file":
            form.has_files = True
        elif kind in ("checkbox", "radio"):
            if "checked" in said:
                form.held[name] = value or "on"
            form.held.setdefault(name, "") if kind == "radio" else None
        else:
            form.held[name] = value
            if kind in WRITTEN:
                form.written.append(name)


def forms_of(text: str, path: str) -> list[SentForm]:
    """Give the forms of a page that are posted."""
    reader = _Reader(path)
    reader.feed(text)
    return reader.forms
