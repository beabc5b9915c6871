"""The readable page of the API: plain HTML made from the OpenAPI document, without a script."""

from __future__ import annotations

import re
from html import escape
from typing import Any, Final

PAGE_HEADERS: Final = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(document: dict[str, Any], stylesheet: str) -> str:
    """Give the page of a document, with the address of the stylesheet of all pages."""
    info = document["info"]
    operations = [
        (path, method, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    about = "".join(f"<p>{_code(text)}</p>" for text in info["description"].split("\n\n"))
    links = "".join(
        f'<li><a href="#{told["operationId"]}">{escape(told["operationId"])}</a></li>'
        for _, _, told in operations
    )
    told = "".join(_operation(*operation) for operation in operations)
    schemas = "".join(
        _schema(name, schema) for name, schema in document["components"]["schemas"].items()
    )
    title = escape(info["title"])
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{title}</title><link rel="stylesheet" href="{escape(stylesheet)}"></head>'
        f'<body class="api"><header class="wide"><h1>{title}</h1>{about}'
        '<p><a href="/api/v1/openapi.json">openapi.json</a></p></header>'
        f'<nav class="wide" aria-label="Operations"><ul class="names">{links}</ul></nav>'
        f'<main class="wide"><h2>Operations</h2>{told}<h2>What goes in and out</h2>{schemas}'
        "</main></body></html>\n"
    )


def _operation(path: str, method: str, told: dict[str, Any]) -> str:
    head = f"<h3><code>{method.upper()} {escape(path)}</code></h3>"
    text = f"<p>{escape(told['summary'])} {escape(told['description'])}</p>"
    given = "".join(
        _row(f"{parameter['name']} ({parameter['in']})", parameter["schema"], parameter["required"])
        for parameter in told["parameters"]
    )
    asked = ""
    if "requestBody" in told:
        asked = f"<p>Content: {_content(told['requestBody']['content'])}</p>"
    answers = told["responses"]
    (done,) = (status for status in answers if status.startswith("2"))
    answer = f"<p>Answer: <code>{done}</code> {_content(answers[done]['content'])}</p>"
    problems = "".join(
        f"<dt><code>{status}</code></dt><dd>{_codes(problem['description'])}</dd>"
        for status, problem in answers.items()
        if status != done
    )
    return (
        f'<section id="{told["operationId"]}">{head}{text}{_list(given)}{asked}{answer}'
        f"<details><summary>What it may be refused with</summary><dl>{problems}</dl></details>"
        "</section>"
    )


def _codes(text: str) -> str:
    """Give each code and its sentence a line of its own."""
    return "".join(f"<p>{_code(one)}</p>" for one in re.split(r" (?=`\w+`: )", text))


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = "".join(
        _row(field, part, field in required) for field, part in schema.get("properties", {}).items()
    )
    values = ", ".join(str(value) for value in schema.get("enum", ()))
    text = f"<p>{_code(schema.get('description', ''))} {escape(values)}</p>"
    return f'<section id="schema-{name}"><h3>{escape(name)}</h3>{text}{_list(rows)}</section>'


def _list(rows: str) -> str:
    return f"<dl>{rows}</dl>" if rows else ""


def _row(name: str, schema: dict[str, Any], required: bool) -> str:  # noqa: FBT001 - a cell
    needed = " <small>needed</small>" if required else ""
    return f"<dt><code>{escape(name)}</code>{needed}</dt><dd>{_kind(schema)}</dd>"


def _kind(schema: dict[str, Any]) -> str:
    """Say in words what a schema is."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#schema-{name}">{escape(name)}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    bounds = {"minimum": "from", "maximum": "to", "maxLength": "at most", "pattern": "as"}
    said = [
        f"{word} <code>{escape(str(schema[at]))}</code>"
        for at, word in bounds.items()
        if at in schema
    ]
    return " ".join([escape(str(schema.get("type", "anything"))), *said])


def _content(content: dict[str, Any]) -> str:
    told = []
    for media_type, media in content.items():
        schema = media["schema"]
        if schema.get("format") == "binary":
            told.append(f"<code>{media_type}</code>")
        else:
            told.append(_kind(schema["allOf"][0] if "allOf" in schema else schema))
    return " or ".join(told)


def _code(text: str) -> str:
    """Escape a text, with what stands between back-ticks as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
