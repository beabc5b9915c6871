"""Nothing inline in any template, vendored files are whole, and every template escapes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tests.tidy.rooms import ROOT

WEB = ROOT / "federation" / "web"
TEMPLATES = sorted((WEB / "templates").glob("*.html"))
VENDORED = WEB / "static" / "vendored"
LISTED = "SHA256SUMS"
SCRIPT_LINES_MAX = 30
UNLISTED = {LISTED, "README.md"}
INLINE = re.compile(
    r"<style\b|\sstyle\s*=|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=|javascript:|\shx-(on|vals)\b"
    r"|\|\s*safe\b|autoescape|(src|href)\s*=\s*[\"'](https?:)?//",
    re.IGNORECASE,
)


def inline(text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), 1):
        if INLINE.search(line):
            yield f"{number}: {line.strip()}"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_nothing_inline_and_escapes_everything(template: Path) -> None:
    assert list(inline(template.read_text("utf-8"))) == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_page_has_one_heading(template: Path) -> None:
    text = template.read_text("utf-8")

    if "{% block main %}" in text and template.name != "base.html":
        assert text.count("<h1") == 1


@pytest.mark.parametrize(
    "text",
    [
        "<style>p{}</style>",
        '<p style="color: red">',
        "<script>alert(1)</script>",
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        "{{ name|safe }}",
        '<img src="https://elsewhere.example/a.png">',
        '<link href="//elsewhere.example/a.css">',
        '<p hx-on:click="go()">',
    ],
)
def test_what_is_inline_is_found(text: str) -> None:
    assert list(inline(text))


@pytest.mark.parametrize("begins", ["<!doctype", 'rel="stylesheet"'])
def test_every_page_begins_in_one_template_that_links_one_stylesheet(begins: str) -> None:
    found = {path.name: path.read_text("utf-8").lower().count(begins) for path in TEMPLATES}

    assert {name: times for name, times in found.items() if times} == {"base.html": 1}


def test_the_one_script_of_our_own_says_only_that_the_server_is_not_reached() -> None:
    assert not list(inline('<script src="/static/a/htmx.min.js" defer></script>'))
    assert {path.name for path in WEB.rglob("*.js")} == {"htmx.min.js", "lost.js"}
    assert len((WEB / "static" / "lost.js").read_text("utf-8").splitlines()) <= SCRIPT_LINES_MAX


def test_vendored_files_are_those_that_were_taken_over() -> None:
    lines = (VENDORED / LISTED).read_text("ascii").splitlines()
    listed = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    found = {
        path.relative_to(VENDORED).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in VENDORED.rglob("*")
        if path.is_file() and path.name not in UNLISTED
    }

    assert found == listed


def test_every_vendored_family_has_its_licence() -> None:
    names = {path.name for path in VENDORED.glob("LICENSE-*.txt")}

    assert names == {
        "LICENSE-atkinson-hyperlegible-next.txt",
        "LICENSE-htmx.txt",
        "LICENSE-lucide.txt",
    }


def test_the_stylesheet_asks_nobody_else() -> None:
    text = (WEB / "static" / "style.css").read_text("utf-8")
    urls = re.findall(r"url\(([^)]*)\)", text)

    assert all((VENDORED / url).is_file() for url in urls)
    assert "@import" not in text


def test_icons_that_templates_name_are_there() -> None:
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"icon\([\"']([a-z-]+)[\"']\)", template.read_text("utf-8"))
    }

    assert named
    assert named <= {path.stem for path in (VENDORED / "icons").glob("*.svg")}
