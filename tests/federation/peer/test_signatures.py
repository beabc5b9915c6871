"""The profile: what is signed verifies, and nothing else does, each with its own code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.peer.signatures import (
    JSON,
    WINDOW_S,
    Asked,
    Caller,
    Request,
    Response,
    content_digest,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from schemas.encoding import b64
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.peer.signatures import Signer

BASE_URL: Final = "https://bridge.example/lets"
PATH: Final = "/federation/v1/lines/abc/events?after=3"
NOW_S: Final = 1_800_000_000
NONCE: Final = bytes(range(16))
FIELDS: Final = {"content-type": JSON, "host": "bridge.example"}


@pytest.fixture(scope="session")
def signed(there: Signer) -> Callable[..., Request]:
    """Sign a POST by `there`; arguments change how."""

    def sign(
        method: str = "POST", path: str = PATH, base_url: str = BASE_URL, now_s: int = NOW_S
    ) -> Request:
        body = b"" if method == "GET" else b'{"events":[]}'
        request = Request(method=method, path=path, fields=FIELDS, body=body)
        added = sign_request(request, there, base_url=base_url, now_s=now_s, nonce=NONCE)
        return with_fields(request, **added)

    return sign


@pytest.fixture(scope="session")
def verify(there: Signer, directory_of: Any) -> Callable[..., Caller]:
    """Verify a request at `BASE_URL`, knowing the key of `there`."""
    keys = directory_of(there).http_keys

    def check(request: Request, now_s: int = NOW_S) -> Caller:
        return verify_request(request, base_url=BASE_URL, keys=keys, now_s=now_s)

    return check


def with_fields(message: Request, **changed: str | None) -> Request:
    fields = dict(message.fields)
    for name, value in changed.items():
        key = name.replace("_", "-")
        fields.pop(key, None)
        if value is not None:
            fields[key] = value
    return msgspec.structs.replace(message, fields=fields)


def code_of(check: Callable[..., object], *arguments: object, **named: object) -> Code:
    with pytest.raises(VerificationError) as refused:
        check(*arguments, **named)
    assert str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signed_request_verifies(signed: Any, verify: Any, there: Signer, method: str) -> None:
    caller = verify(signed(method))

    assert caller == Caller(node=there.node, nonce=b64(NONCE), expires_s=NOW_S + WINDOW_S)


def test_signed_request_is_written_like_this(signed: Any, there: Signer) -> None:
    key = b64(there.key.public.data)

    assert signed("GET").fields["signature-input"] == (
        f'sig=("@method" "@target-uri");created={NOW_S};expires={NOW_S + 300};'
        f'keyid="{there.node}/{key}";alg="ed25519";nonce="AAECAwQFBgcICQoLDA0ODw";tag="ruilbrug"'
    )
    assert (
        signed()
        .fields["signature-input"]
        .startswith('sig=("@method" "@target-uri" "content-type" "content-digest");created=')
    )


@pytest.mark.parametrize("clock_s", [-300, 0, 299, 300])
def test_clocks_may_differ_by_the_window(signed: Any, verify: Any, clock_s: int) -> None:
    assert verify(signed(), NOW_S + clock_s)


def test_request_is_refused_outside_its_time(signed: Any, verify: Any) -> None:
    assert code_of(verify, signed(), NOW_S + 301) == Code.SIGNATURE_EXPIRED
    assert code_of(verify, signed(), NOW_S - 301) == Code.SIGNATURE_NOT_YET_VALID


@pytest.mark.parametrize("missing", ["signature", "signature-input"])
def test_request_without_a_signature_is_refused(signed: Any, verify: Any, missing: str) -> None:
    assert code_of(verify, with_fields(signed(), **{missing: None})) == Code.SIGNATURE_MISSING


@pytest.mark.parametrize("change", ["body", "digest", "type", "path", "query", "method"])
def test_changed_request_is_refused(signed: Any, verify: Any, change: str) -> None:
    request = signed()
    replace = msgspec.structs.replace
    changed, code = {
        "body": (replace(request, body=b"{}"), Code.DIGEST_MISMATCH),
        "digest": (
            with_fields(request, content_digest=content_digest(b"{}")),
            Code.SIGNATURE_WRONG,
        ),
        "type": (with_fields(request, content_type="text/plain"), Code.SIGNATURE_WRONG),
        "path": (replace(request, path=PATH.replace("abc", "abd")), Code.SIGNATURE_WRONG),
        "query": (replace(request, path=PATH.replace("3", "4")), Code.SIGNATURE_WRONG),
        "method": (replace(request, method="GET"), Code.SIGNATURE_MALFORMED),
    }[change]

    assert code_of(verify, changed) == code


@pytest.mark.parametrize("field", ["content-type", "content-digest"])
def test_request_without_a_covered_field_is_refused(signed: Any, verify: Any, field: str) -> None:
    assert code_of(verify, with_fields(signed(), **{field: None})) == Code.SIGNATURE_MALFORMED


def test_get_with_content_is_refused(signed: Any, verify: Any) -> None:
    request = msgspec.structs.replace(signed("GET"), body=b"{}")

    assert code_of(verify, request) == Code.SIGNATURE_MALFORMED


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "get", ""])
def test_other_methods_are_refused(signed: Any, verify: Any, method: str) -> None:
    request = msgspec.structs.replace(signed(), method=method)

    assert code_of(verify, request) == Code.SIGNATURE_MALFORMED


@pytest.mark.parametrize(
    "path", ["", "events", "http://bridge.example/a", "/a b", "/é", "/a\n", "*"]
)
def test_path_in_another_form_is_neither_signed_nor_verified(
    signed: Any, verify: Any, path: str
) -> None:
    request = msgspec.structs.replace(signed(), path=path)

    assert code_of(verify, request) == Code.SIGNATURE_MALFORMED
    assert code_of(signed, "GET", path) == Code.SIGNATURE_MALFORMED


def test_request_for_another_address_is_told_apart(signed: Any, verify: Any) -> None:
    for address in ("https://bridge.example", "http://bridge.example"):
        with pytest.raises(VerificationError) as refused:
            verify(signed(base_url=address))
        assert refused.value.code == Code.SIGNATURE_OTHER_ADDRESS
        assert refused.value.facts["address"] == address
        assert refused.value.facts["expected"] == BASE_URL


def test_request_for_an_address_that_nobody_named_is_wrong(signed: Any, verify: Any) -> None:
    request = signed(base_url="https://elsewhere.example")

    assert code_of(verify, request) == Code.SIGNATURE_WRONG
    assert code_of(verify, with_fields(request, host="é")) == Code.SIGNATURE_WRONG
    assert code_of(verify, with_fields(request, host=None)) == Code.SIGNATURE_WRONG


def test_key_that_is_not_known_is_told_with_its_node(
    signed: Any, there: Signer, stranger: Signer, directory_of: Any
) -> None:
    keys = directory_of(stranger).http_keys

    with pytest.raises(VerificationError) as refused:
        verify_request(signed(), base_url=BASE_URL, keys=keys, now_s=NOW_S)

    assert refused.value.code == Code.SIGNATURE_KEY_UNKNOWN
    assert refused.value.facts["node"] == there.node


def test_key_of_one_node_does_not_speak_for_another(
    signed: Any, verify: Any, there: Signer, stranger: Signer
) -> None:
    fields = signed().fields
    forged = fields["signature-input"].replace(there.node, stranger.node)

    assert code_of(verify, with_fields(signed(), signature_input=forged)) == (
        Code.SIGNATURE_KEY_UNKNOWN
    )


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ('"content-type" ', ""),
        ('"@method" "@target-uri"', '"@target-uri" "@method"'),
        ('"content-digest")', '"content-digest" "host")'),
        ('alg="ed25519"', 'alg="hmac-sha256"'),
        (';alg="ed25519"', ""),
        ('tag="ruilbrug"', 'tag="other"'),
        (';tag="ruilbrug"', ""),
        (';tag="ruilbrug"', ';tag="ruilbrug";extra=1'),
        (f"created={NOW_S}", f'created="{NOW_S}"'),
        (f"created={NOW_S}", f"created={NOW_S + 300}"),
        (f"created={NOW_S}", f"created={NOW_S - 1}"),
        (f"expires={NOW_S + 300}", "expires"),
        ('nonce="', 'nonce="A'),
        ('nonce="AAECAwQFBgcICQoLDA0ODw"', "nonce=1"),
        ('keyid="', 'keyid="A'),
        ("sig=", "other="),
    ],
)
def test_other_profiles_are_refused(signed: Any, verify: Any, found: str, put: str) -> None:
    request = signed()
    assert found in request.fields["signature-input"]
    changed = request.fields["signature-input"].replace(found, put)

    assert code_of(verify, with_fields(request, signature_input=changed)) == (
        Code.SIGNATURE_MALFORMED
    )


@pytest.mark.parametrize("digest", ["", "sha-512=:AA==:", "sha-256=:AA==:", "a=:AA==:, b=:AA==:"])
def test_other_digests_are_refused_though_signed(
    there: Signer, verify: Any, digest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.peer.signatures.content_digest", lambda _: digest)
    request = Request(method="POST", path=PATH, fields=FIELDS, body=b"{}")
    added = sign_request(request, there, base_url=BASE_URL, now_s=NOW_S, nonce=NONCE)

    assert code_of(verify, with_fields(request, **added)) == Code.SIGNATURE_MALFORMED


SIGNED_FIELDS: Final = ["signature-input", "signature", "content-type", "content-digest"]


@given(
    at=st.integers(0),
    put=st.characters(max_codepoint=0x17F),
    name=st.sampled_from(SIGNED_FIELDS),
)
def test_any_changed_character_of_a_signed_field_is_refused(
    signed: Any, verify: Any, at: int, put: str, name: str
) -> None:
    request = signed()
    text = request.fields[name]
    place = at % len(text)
    changed = text[:place] + put + text[place + 1 :]

    if changed != text:
        assert code_of(verify, with_fields(request, **{name: changed})) in {
            Code.SIGNATURE_MALFORMED,
            Code.SIGNATURE_WRONG,
            Code.SIGNATURE_EXPIRED,
            Code.SIGNATURE_NOT_YET_VALID,
            Code.SIGNATURE_KEY_UNKNOWN,
        }


@given(at=st.integers(0), put=st.integers(0, 255))
def test_any_changed_byte_of_the_content_is_refused(
    signed: Any, verify: Any, at: int, put: int
) -> None:
    request = signed()
    place = at % len(request.body)
    changed = request.body[:place] + bytes([put]) + request.body[place + 1 :]

    if changed != request.body:
        assert code_of(verify, msgspec.structs.replace(request, body=changed)) == (
            Code.DIGEST_MISMATCH
        )


@given(at=st.integers(1), put=st.sampled_from("abcXYZ019-_.~%?=&/"))
def test_any_changed_character_of_the_path_is_refused(
    signed: Any, verify: Any, at: int, put: str
) -> None:
    place = 1 + at % (len(PATH) - 1)
    changed = PATH[:place] + put + PATH[place + 1 :]

    if changed != PATH:
        assert code_of(verify, msgspec.structs.replace(signed(), path=changed)) == (
            Code.SIGNATURE_WRONG
        )


@given(st.dictionaries(st.sampled_from(["signature", "signature-input", "host"]), st.text()))
def test_random_fields_are_refused(signed: Any, verify: Any, fields: dict[str, str]) -> None:
    request = with_fields(signed(), **({"signature": None} | fields))

    assert code_of(verify, request) in {Code.SIGNATURE_MISSING, Code.SIGNATURE_MALFORMED}


ASKED: Final = Asked(method="POST", target_uri=BASE_URL + PATH, signature="sig=:AA==:")


def answered(signer: Signer) -> Response:
    response = Response(status=200, fields={"content-type": JSON}, body=b'{"ok":1}')
    added = sign_response(response, ASKED, signer, now_s=NOW_S)
    return msgspec.structs.replace(response, fields={**response.fields, **added})


def test_signed_response_verifies(here: Signer, directory_of: Any) -> None:
    verify_response(
        answered(here), ASKED, node=here.node, keys=directory_of(here).http_keys(here.node)
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Asked(method="GET", target_uri=BASE_URL + PATH, signature="sig=:AA==:"), "wrong"),
        (Asked(method="POST", target_uri=BASE_URL, signature="sig=:AA==:"), "wrong"),
        (Asked(method="POST", target_uri=BASE_URL + PATH, signature="sig=:AQ==:"), "wrong"),
    ],
)
def test_response_to_another_request_is_refused(
    here: Signer, directory_of: Any, asked: Asked, code: str
) -> None:
    keys = directory_of(here).http_keys(here.node)

    assert code_of(verify_response, answered(here), asked, node=here.node, keys=keys) == (
        f"signature_{code}"
    )


@pytest.mark.parametrize("change", ["status", "body", "type", "unsigned", "node", "profile"])
def test_changed_response_is_refused(
    here: Signer, there: Signer, directory_of: Any, change: str
) -> None:
    response, node = answered(here), here.node
    fields = dict(response.fields)
    replace = msgspec.structs.replace
    changed, code = {
        "status": (replace(response, status=201), Code.SIGNATURE_WRONG),
        "body": (replace(response, body=b"{}"), Code.DIGEST_MISMATCH),
        "type": (
            replace(response, fields=fields | {"content-type": "a/b"}),
            Code.SIGNATURE_WRONG,
        ),
        "unsigned": (replace(response, fields={"content-type": JSON}), Code.SIGNATURE_MISSING),
        "node": (answered(there), Code.SIGNATURE_KEY_UNKNOWN),
        "profile": (
            replace(
                response,
                fields=fields
                | {"signature-input": fields["signature-input"].replace('"@status" ', "")},
            ),
            Code.SIGNATURE_MALFORMED,
        ),
    }[change]
    keys = directory_of(here).http_keys(node)

    assert code_of(verify_response, changed, ASKED, node=node, keys=keys) == code


def test_response_under_another_name_is_refused(
    here: Signer, there: Signer, directory_of: Any
) -> None:
    response = answered(msgspec.structs.replace(here, node=there.node))
    keys = directory_of(here).http_keys(here.node)

    assert code_of(verify_response, response, ASKED, node=here.node, keys=keys) == (
        Code.SIGNATURE_KEY_UNKNOWN
    )


@given(st.binary(), st.integers(200, 599))
def test_request_signature_is_no_response_signature(
    here: Signer, there: Signer, directory_of: Any, body: bytes, status: int
) -> None:
    request = Request(method="POST", path=PATH, fields=FIELDS, body=body)
    added = sign_request(request, here, base_url=BASE_URL, now_s=NOW_S, nonce=NONCE)
    response = Response(status=status, fields={**FIELDS, **added}, body=body)
    keys = directory_of(here, there).http_keys(here.node)

    assert code_of(verify_response, response, ASKED, node=here.node, keys=keys) == (
        Code.SIGNATURE_MALFORMED
    )


def test_sentences_name_no_content(signed: Any, verify: Any) -> None:
    with pytest.raises(VerificationError) as refused:
        verify(msgspec.structs.replace(signed(), body=b"a secret"))

    assert "secret" not in json.dumps([str(refused.value), refused.value.facts])
