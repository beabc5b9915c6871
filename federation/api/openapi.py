"""The OpenAPI 3.1 document, made from the table of operations and the structs that it names."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from federation.api.keys import HEADER, PATTERN
from federation.api.operation import PREFIX, KeyUse, Operation
from federation.api.table import OPERATIONS, PLACES
from federation.peer.problems import PROBLEM_TYPE, ToldProblem, status_of
from schemas.errors import TEXTS, Code, Language, RuilbrugError, StorageError

OPENAPI: Final = "3.1.0"
VERSION: Final = "1"
"""That of the path: what is added changes nothing for whoever reads it already."""
REF: Final = "#/components/schemas/{name}"
DESCRIPTION: Final = """\
What members, and those who run the group, do on this group's node, for programs.

Amounts are integers: `..._minor` of the smallest part of the group's unit, `..._units` of 1/100 of
a second of time. Times (`..._s`) are seconds since 1970, UTC. Ids are text. A request with a field
that is not described here is refused.

Who asks is said by a bearer token (`ruilbrug token new`), and by nothing else. What is somebody
else's is answered as if it were not there.

Every POST that does something needs an `Idempotency-Key`: a new random text for each thing to be
done, and the same one when it is sent again. The same key with the same content is done once and
answered the same for seven days; with other content it is a `conflict`. A key counts for one token
and one operation. What was refused may be tried again with its key.

A problem (RFC 9457) has a stable `code`, a sentence in the language of `Accept-Language` (nl, fr,
en), and the facts that fill it. A list that goes on has `next`, which is `after` for the next page.
"""


def document(name: str) -> dict[str, Any]:
    """Give the document of a node with a name."""
    structs = _structs()
    schemas, components = msgspec.json.schema_components(structs, ref_template=REF)
    of_struct = dict(zip(structs, schemas, strict=True))
    asked = (one.asked for one in OPERATIONS if one.asked is not None and not one.has_content())
    queries = {kind: components.pop(kind.__name__) for kind in dict.fromkeys(asked)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        query = queries.get(operation.asked) if operation.asked else None
        told = _operation(operation, of_struct, query)
        paths.setdefault(PREFIX + operation.path, {})[operation.method.lower()] = told
    made = {
        "openapi": OPENAPI,
        "info": {
            "title": f"{name}: Ruilbrug API",
            "version": VERSION,
            "description": DESCRIPTION,
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    found: dict[str, Any] = _portable(made)
    return found


def _structs() -> list[type[Any]]:
    """Give every struct that the table names, each once, in a fixed order."""
    found: dict[type[Any], None] = {ToldProblem: None}
    for operation in OPERATIONS:
        found[operation.answer] = None
        if operation.asked is not None:
            found[operation.asked] = None
    found.pop(bytes, None)
    return list(found)


def _operation(
    operation: Operation, of_struct: dict[Any, Any], query: dict[str, Any] | None
) -> dict[str, Any]:
    roles = ", ".join(sorted(role.value for role in operation.roles))
    told: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.says(),
        "description": f"For: {roles}.",
        "parameters": _parameters(operation, query),
        "responses": {
            str(operation.status): {
                "description": "Done.",
                "content": _content(operation.answer, (operation.gives,), of_struct),
            },
            **_problems(operation),
        },
    }
    if operation.has_content():
        content = _content(operation.asked, operation.takes, of_struct)
        told["requestBody"] = {"required": True, "content": content}
    return told


def _content(
    kind: Any, media_types: tuple[str, ...], of_struct: dict[Any, Any]
) -> dict[str, dict[str, Any]]:
    """Give content by media type; bytes are whatever the type says."""
    if kind is bytes:
        return {media_type: {"schema": {"format": "binary"}} for media_type in media_types}
    return {media_type: {"schema": of_struct[kind]} for media_type in media_types}


def _parameters(operation: Operation, query: dict[str, Any] | None) -> list[dict[str, Any]]:
    found = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": msgspec.json.schema(PLACES[name]),
        }
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    if query is not None:
        required = query.get("required", ())
        for name, schema in query["properties"].items():
            found.append(
                {"name": name, "in": "query", "required": name in required, "schema": schema}
            )
    if operation.key is not KeyUse.NONE:
        found.append(
            {
                "name": HEADER,
                "in": "header",
                "required": True,
                "description": "A new random text for each thing to be done.",
                "schema": {"type": "string", "pattern": PATTERN},
            }
        )
    return found


def _problems(operation: Operation) -> dict[str, Any]:
    """Give the problems of an operation by status, each with the codes that it may carry."""
    by_status: dict[int, list[Code]] = {}
    for code in operation.all_codes():
        for status in statuses(code):
            by_status.setdefault(status, []).append(code)
    return {
        str(status): {
            "description": " ".join(f"`{code}`: {TEXTS[code].what}" for code in codes),
            **_headers(status),
            "content": {
                PROBLEM_TYPE: {
                    "schema": {
                        "allOf": [
                            {"$ref": REF.format(name=ToldProblem.__name__)},
                            {"properties": {"code": {"enum": [code.value for code in codes]}}},
                        ]
                    }
                }
            },
        }
        for status, codes in sorted(by_status.items())
    }


_AWAY: Final = frozenset(
    {Code.PEER_UNREACHABLE, Code.PEER_WRONG, Code.ADDRESS_REFUSED, Code.INTERNAL}
)
"""Codes that come with two statuses: 503 when a part that is needed does not do its part."""


def statuses(code: Code) -> set[int]:
    """Give the statuses with which a code is told."""
    usual = {status_of(RuilbrugError(code))}
    return usual | {status_of(StorageError(code))} if code in _AWAY else usual


def _headers(status: int) -> dict[str, Any]:
    """Name the headers that a problem of this status carries."""
    named = {401: "WWW-Authenticate", 429: "Retry-After"}.get(status)
    text = {"schema": {"type": "string"}}
    found = {"Content-Language": {"schema": {"enum": [language.value for language in Language]}}}
    return {"headers": {**found, **({named: text} if named else {})}}


def _portable(value: Any) -> Any:
    r"""Write patterns as JSON Schema has them: `\A` and `\Z` are Python's names of the ends."""
    if isinstance(value, dict):
        return {
            name: _pattern(part) if name == "pattern" and isinstance(part, str) else _portable(part)
            for name, part in value.items()
        }
    return [_portable(part) for part in value] if isinstance(value, list) else value


def _pattern(pattern: str) -> str:
    return pattern.replace(r"\A", "^").replace(r"\Z", "$")
