"""The OpenAPI document is valid, says all that the table says, and the page shows all of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from federation.api.openapi import document
from federation.api.operation import PREFIX, KeyUse, Operation
from federation.api.page import page
from federation.api.table import OPERATIONS, PLACES
from federation.members.reader import OPERATOR
from federation.web import look
from federation.web.look import look_of
from schemas.encoding import encode
from schemas.errors import Code
from tests.federation.api.conftest import Group

DOCUMENT = document("LETS <b>Voorbeeld</b>")


def test_the_document_is_valid_by_the_meta_schema_of_openapi() -> None:
    jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(DOCUMENT)


def test_the_meta_schema_finds_what_is_wrong() -> None:
    broken = {**DOCUMENT, "paths": {"/x": {"get": {"responses": {"bad": {}}}}}}

    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(broken)


def schemas(value: Any) -> Iterator[Any]:
    """Every schema of the document: of components, parameters and contents."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "schema":
                yield part
            else:
                yield from schemas(part)
    elif isinstance(value, list):
        for part in value:
            yield from schemas(part)


def test_every_schema_is_one_of_json_schema_2020_12() -> None:
    found = [*schemas(DOCUMENT), *DOCUMENT["components"]["schemas"].values()]

    assert len(found) > 100
    for schema in found:
        jsonschema_rs.meta.validate(
            {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}
        )


def test_every_reference_leads_somewhere() -> None:
    names = re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT))

    assert names
    assert set(names) <= set(DOCUMENT["components"]["schemas"])


def test_patterns_are_those_of_json_schema_and_not_of_python() -> None:
    assert r"\A" not in str(DOCUMENT)
    assert r"\Z" not in str(DOCUMENT)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_stands_in_the_document_as_the_table_has_it(operation: Operation) -> None:
    told = DOCUMENT["paths"][PREFIX + operation.path][operation.method.lower()]

    assert told["operationId"] == operation.name
    assert told["summary"].endswith(".")
    for role in operation.roles:
        assert role.value in told["description"]
    assert set(re.findall(r"\{(\w+)\}", operation.path)) <= set(PLACES)
    keyed = [p["name"] for p in told["parameters"] if p["in"] == "header"]
    assert keyed == (["Idempotency-Key"] if operation.key is not KeyUse.NONE else [])
    assert str(operation.status) in told["responses"]
    assert "401" in told["responses"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_only_a_post_needs_a_key_and_every_one_that_does_something(operation: Operation) -> None:
    does = operation.method == "POST" and operation.name != "activity_quote"
    assert (operation.key is not KeyUse.NONE) == does


def test_no_two_operations_have_one_name_or_one_address() -> None:
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    addresses = {(operation.method, operation.path) for operation in OPERATIONS}
    assert len(addresses) == len(OPERATIONS)


def test_the_page_shows_every_operation_every_schema_and_no_script() -> None:
    text = page(DOCUMENT, "/static/0/style.css")

    for operation in OPERATIONS:
        assert f'<section id="{operation.name}">' in text
        assert f"{operation.method} {PREFIX}{operation.path}" in text
    for name in DOCUMENT["components"]["schemas"]:
        assert f'id="schema-{name}"' in text
    assert "<script" not in text
    assert "style=" not in text
    assert "LETS &lt;b&gt;Voorbeeld&lt;/b&gt;" in text
    assert "<b>Voorbeeld" not in text
    anchors = set(re.findall(r'href="#([^"]+)"', text))
    assert anchors <= set(re.findall(r'id="([^"]+)"', text))


async def test_the_documents_are_there_for_everybody(group: Group) -> None:
    anybody = group.asker()

    told, shown = [await anybody.get(path) for path in ("/openapi.json", "/")]

    assert told.text == encode(document("alfa")).decode()
    assert shown.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "unsafe" not in shown.headers["Content-Security-Policy"]
    assert f'href="{look_of(group.node).stylesheet}"' in shown.text
    await look.choose(group.node, OPERATOR, "#1d5a4d", logo=None)
    again = await anybody.get("/")
    assert f'href="{look_of(group.node).stylesheet}"' in again.text
    assert again.text != shown.text
    for path, packed in (("/openapi.json", told), ("/", again)):
        plain = await anybody.get(path, headers={"Accept-Encoding": "identity"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert plain.text == packed.text
    assert (await anybody.get("")).headers["Location"] == "/api/v1/"


async def test_what_is_not_there_is_a_problem_and_another_method_names_those_allowed(
    group: Group,
) -> None:
    anybody = group.asker()

    missing = await anybody.get("/nothing/here")
    wrong = await anybody.ask("DELETE", "/accounts/001/limits")
    options = await anybody.ask("OPTIONS", "/transfers", headers={"Origin": "https://x.example"})

    assert (missing.status, missing.json["code"]) == (404, Code.NOT_FOUND)
    assert (wrong.status, wrong.json["code"]) == (405, Code.METHOD_NOT_ALLOWED)
    assert wrong.headers["Allow"] == "GET, PUT"
    assert options.status == 405
    assert not [name for name in options.headers if name.lower().startswith("access-control")]
