"""An independent implementation of RFC 9421 verifies what we sign, and we verify what it signs."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    algorithms,
)

from federation.peer.signature_base import fields_of
from federation.peer.signatures import (
    JSON,
    WINDOW_S,
    Asked,
    Request,
    Response,
    content_digest,
    sign_request,
    sign_response,
    verify_request,
    verify_response,
)
from schemas.encoding import b64

if TYPE_CHECKING:
    from collections.abc import Callable

    from federation.peer.signatures import Signer

BASE_URL: Final = "https://bridge.example"
PATH: Final = "/federation/v1/offers?after=%C3%A9&limit=5"
BODY: Final = b'{"events":[]}'
COVERED: Final = ("@method", "@target-uri", "content-type", "content-digest")
ANSWER_COVERED: Final = (
    '"@status"',
    '"content-type"',
    '"content-digest"',
    '"@method";req',
    '"@target-uri";req',
    '"signature";req',
)


class Message:
    """A request as the library wants it."""

    def __init__(self, method: str, path: str, headers: dict[str, str]) -> None:
        self.method, self.url, self.headers = method, BASE_URL + path, headers


class Answer:
    """A response as the library wants it."""

    def __init__(self, request: Message, headers: dict[str, str]) -> None:
        self.request, self.status_code, self.headers = request, 200, headers


@pytest.fixture(scope="session")
def resolver(there: Signer, seed_of: Callable[[str], bytes]) -> Any:
    private = Ed25519PrivateKey.from_private_bytes(seed_of("there"))
    return MappingKeyResolver(
        public_keys={there.key_id(): private.public_key()},
        private_keys={there.key_id(): private},
    )


@pytest.fixture(scope="session")
def verifier(resolver: Any) -> Any:
    return HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=resolver)


@pytest.fixture(scope="session")
def signer(resolver: Any) -> Any:
    return HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver)


def sign(there: Signer, method: str) -> dict[str, str]:
    fields = {"content-type": JSON} if method == "POST" else {}
    body = BODY if method == "POST" else b""
    request = Request(method=method, path=PATH, fields=fields, body=body)
    now_s = int(time.time())  # the library knows no other clock
    return fields | sign_request(request, there, base_url=BASE_URL, now_s=now_s, nonce=bytes(16))


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_library_verifies_our_request(there: Signer, verifier: Any, method: str) -> None:
    message = Message(method, PATH, sign(there, method))
    covered = COVERED if method == "POST" else COVERED[:2]

    (result,) = verifier.verify(
        message,
        expect_tag="ruilbrug",
        require_components=covered,
        body=BODY if method == "POST" else b"",
    )

    assert result.parameters["keyid"] == there.key_id()


def test_library_refuses_our_request_when_changed(there: Signer, verifier: Any) -> None:
    message = Message("POST", PATH + "0", sign(there, "POST"))

    with pytest.raises(InvalidSignature):
        verifier.verify(message, expect_tag="ruilbrug")


def test_library_verifies_our_response(there: Signer, verifier: Any) -> None:
    request = Message("POST", PATH, sign(there, "POST"))
    asked = Asked(method="POST", target_uri=request.url, signature=request.headers["signature"])
    response = Response(status=200, fields={"content-type": JSON}, body=BODY)
    added = sign_response(response, asked, there, now_s=int(time.time()))

    (result,) = verifier.verify(
        Answer(request, {"content-type": JSON, **added}),
        expect_tag="ruilbrug",
        require_components=ANSWER_COVERED,
        body=BODY,
    )

    assert result.body == BODY


def test_we_verify_the_request_of_the_library(
    there: Signer, signer: Any, directory_of: Any
) -> None:
    now = dt.datetime.now(dt.UTC)
    message = Message("POST", PATH, {"content-type": JSON, "content-digest": content_digest(BODY)})
    signer.sign(
        message,
        key_id=there.key_id(),
        created=now,
        expires=now + dt.timedelta(seconds=WINDOW_S),
        nonce=b64(bytes(16)),
        tag="ruilbrug",
        covered_component_ids=COVERED,
        use_existing_digest=True,
    )

    request = Request(
        method="POST", path=PATH, fields=fields_of(message.headers.items()), body=BODY
    )
    caller = verify_request(
        request,
        base_url=BASE_URL,
        keys=directory_of(there).http_keys,
        now_s=int(now.timestamp()),
    )

    assert caller.node == there.node


def test_we_verify_the_response_of_the_library(
    there: Signer, signer: Any, directory_of: Any
) -> None:
    request = Message("POST", PATH, sign(there, "POST"))
    answer = Answer(request, {"content-type": JSON, "content-digest": content_digest(BODY)})
    signer.sign(
        answer,
        key_id=there.key_id(),
        tag="ruilbrug",
        covered_component_ids=ANSWER_COVERED,
        use_existing_digest=True,
    )

    asked = Asked(method="POST", target_uri=request.url, signature=request.headers["signature"])
    response = Response(status=200, fields=fields_of(answer.headers.items()), body=BODY)
    verify_response(
        response, asked, node=there.node, keys=directory_of(there).http_keys(there.node)
    )
