"""Our one profile of HTTP message signatures: Ed25519 between two nodes (design section 7).

A request covers method, address and, unless it is a GET, type and digest of its content; a response
covers status, type and digest and, by `;req`, method, address and signature of its request, so it
answers exactly one request. Everything else is refused. A signature says who sent a message, no
more: evidence is in the events. Pure: time and nonces are arguments, keys are looked up by the
caller.

RFC 9421 (signatures), RFC 9530 (Content-Digest, sha-256 alone), RFC 8032 (Ed25519).
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from federation.peer.signature_base import (
    Component,
    Message,
    SignatureInput,
    malformed,
    read_input,
    read_signature,
    signature_base,
    write_signature,
)
from federation.peer.urls import check_path
from schemas.encoding import b64
from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from events.signing import PrivateKey, PublicKey

WINDOW_S: Final = 300
"""How long a signature is valid, and how far two clocks may differ."""
NONCE_SIZE: Final = 16
JSON: Final = "application/json"

_LABEL: Final = "sig"
_ALG: Final = "ed25519"
_TAG: Final = "ruilbrug"
_GET: Final = (Component("@method"), Component("@target-uri"))
_CONTENT: Final = (Component("content-type"), Component("content-digest"))
_REQUEST: Final = {"GET": _GET, "POST": _GET + _CONTENT}
_REQ: Final = (("req", True),)
_RESPONSE: Final = (
    Component("@status"),
    *_CONTENT,
    Component("@method", _REQ),
    Component("@target-uri", _REQ),
    Component("signature", _REQ),
)
_REQUEST_PARAMS: Final = frozenset({"created", "expires", "keyid", "alg", "nonce", "tag"})
_RESPONSE_PARAMS: Final = frozenset({"created", "keyid", "alg", "tag"})
_KEY_ID: Final = re.compile(r"([a-z2-7]{51}[aq])/([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])")
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
_DIGEST: Final = re.compile(r"sha-256=:[A-Za-z0-9+/]{43}=:")


class Signer(msgspec.Struct, frozen=True):
    """Who signs: a node and its HTTP key."""

    node: str
    key: PrivateKey

    def key_id(self) -> str:
        """Name node and key, as the parameter `keyid` does."""
        return f"{self.node}/{b64(self.key.public.data)}"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is sent or was received; `fields` as `fields_of` gives them.

    `path` is path and query exactly as they stand in the request line.
    """

    method: str
    path: str
    fields: Mapping[str, str] = {}
    body: bytes = b""


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it is sent or was received; `fields` as `fields_of` gives them."""

    status: int
    fields: Mapping[str, str]
    body: bytes


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a response is bound to; `signature` is the request's field as it was sent."""

    method: str
    target_uri: str
    signature: str


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed a request, and what has to be remembered of it."""

    node: str
    nonce: str
    expires_s: int


def content_digest(body: bytes) -> str:
    """Write Content-Digest (RFC 9530 section 2)."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode('ascii')}:"


def sign_request(
    request: Request, signer: Signer, *, base_url: str, now_s: int, nonce: bytes
) -> dict[str, str]:
    """Give the fields to add to a request to `base_url`; a POST has its content-type already.

    Raises:
        VerificationError: `signature_malformed` for a path that cannot be sent as it is.

    """
    assert len(nonce) == NONCE_SIZE
    check_path(request.path)
    added = {} if request.method == "GET" else {"content-digest": content_digest(request.body)}
    params = (
        ("created", now_s),
        ("expires", now_s + WINDOW_S),
        ("keyid", signer.key_id()),
        ("alg", _ALG),
        ("nonce", b64(nonce)),
        ("tag", _TAG),
    )
    message = Message(
        method=request.method,
        target_uri=base_url + request.path,
        fields={**request.fields, **added},
    )
    signed = SignatureInput(_LABEL, _REQUEST[request.method], params)
    return added | _signature_fields(signed, message, signer)


def verify_head(
    request: Request,
    *,
    base_url: str,
    keys: Callable[[str], Mapping[str, PublicKey]],
    now_s: int,
) -> Caller:
    """Check all of a request but its content, which need not have been read yet.

    `base_url` is the verifier's own public address, as configured. In this order; the first rule
    that is broken gives the code:

    1. Signature-Input and Signature are there: `signature_missing`.
    2. They are written as our profile says: `signature_malformed`.
    3. The time has come and is not over: `signature_not_yet_valid`, `signature_expired`.
    4. `keyid` names a key of the node: `signature_key_unknown`.
    5. The signature verifies over the address that we know to be ours:
       `signature_other_address` if it does over another one, else `signature_wrong`.

    `verify_content` goes on with 6, and a `NonceMemory` with 7.

    Raises:
        VerificationError: with one of these codes.

    """
    signed, signature = _read(request.fields, "request")  # 1, 2
    params = _request_params(signed, request)  # 2
    created_s, expires_s = _int(params["created"]), _int(params["expires"])
    if not 0 < expires_s - created_s <= WINDOW_S:  # 2
        raise malformed("signature-input", "it must expire within the window")
    if created_s > now_s + WINDOW_S:  # 3
        raise VerificationError(Code.SIGNATURE_NOT_YET_VALID, field="request")
    if expires_s < now_s:  # 3
        raise VerificationError(Code.SIGNATURE_EXPIRED, field="request")
    node, key = _known_key(params, keys)  # 4
    message = Message(
        method=request.method, target_uri=base_url + request.path, fields=request.fields
    )
    if not key.verify(signature, signature_base(signed, message)):  # 5
        raise _wrong_address_or_signature(signed, signature, message, key, base_url)
    return Caller(node=node, nonce=str(params["nonce"]), expires_s=expires_s)


def verify_content(message: Request | Response) -> None:
    """Check the content of a message whose signature verifies (6 of `verify_head`).

    Raises:
        VerificationError: `digest_mismatch`; `signature_malformed` for another digest than ours,
            and for content in a GET, which nothing covers.

    """
    digest = message.fields.get("content-digest")
    if digest is None:
        if message.body:
            raise malformed("content-digest", "there is content and no digest")
        return
    if not _DIGEST.fullmatch(digest):
        raise malformed("content-digest", "it is not one sha-256")
    if digest != content_digest(message.body):
        raise VerificationError(Code.DIGEST_MISMATCH, field="content")


def verify_request(
    request: Request,
    *,
    base_url: str,
    keys: Callable[[str], Mapping[str, PublicKey]],
    now_s: int,
) -> Caller:
    """Check a request that is here as a whole: `verify_head`, then `verify_content`.

    Raises:
        VerificationError: as they do.

    """
    caller = verify_head(request, base_url=base_url, keys=keys, now_s=now_s)
    verify_content(request)
    return caller


def sign_response(
    response: Response, asked: Asked, signer: Signer, *, now_s: int
) -> dict[str, str]:
    """Give the fields to add to a response, which has its content-type already.

    Raises:
        VerificationError: `signature_malformed` if what was asked cannot be covered.

    """
    added = {"content-digest": content_digest(response.body)}
    params = (("created", now_s), ("keyid", signer.key_id()), ("alg", _ALG), ("tag", _TAG))
    message = _response_message(response.status, {**response.fields, **added}, asked)
    signed = SignatureInput(_LABEL, _RESPONSE, params)
    return added | _signature_fields(signed, message, signer)


def verify_response(
    response: Response, asked: Asked, *, node: str, keys: Mapping[str, PublicKey]
) -> int:
    """Check that `node` gave this response to that request; gives when, by that node's clock.

    It has no time of its own to check: it covers the signature of a request that is fresh by its
    nonce, and a clock that is wrong must not hide the problem that names it. In this order:

    1. Signature-Input and Signature are there: `signature_missing`.
    2. They are written as our profile says: `signature_malformed`.
    3. `keyid` names a key of `node`: `signature_key_unknown`.
    4. The signature verifies: `signature_wrong`.
    5. The content is the one whose digest is signed: `digest_mismatch`.

    Raises:
        VerificationError: with one of these codes.

    """
    signed, signature = _read(response.fields, "response")  # 1, 2
    params = _profile_params(signed, _RESPONSE, _RESPONSE_PARAMS)  # 2
    key = _known_key(params, lambda named: keys if named == node else {})[1]  # 3
    message = _response_message(response.status, response.fields, asked)
    if not key.verify(signature, signature_base(signed, message)):  # 4
        raise VerificationError(Code.SIGNATURE_WRONG, field="response")
    verify_content(response)  # 5
    return _int(params["created"])


def _response_message(status: int, fields: Mapping[str, str], asked: Asked) -> Message:
    request = Message(
        method=asked.method, target_uri=asked.target_uri, fields={"signature": asked.signature}
    )
    return Message(status=status, fields=fields, request=request)


def _signature_fields(signed: SignatureInput, message: Message, signer: Signer) -> dict[str, str]:
    signature = signer.key.sign(signature_base(signed, message))
    return {"signature-input": str(signed), "signature": write_signature(_LABEL, signature)}


def _read(fields: Mapping[str, str], what: str) -> tuple[SignatureInput, bytes]:
    if "signature-input" not in fields or "signature" not in fields:
        raise VerificationError(Code.SIGNATURE_MISSING, field=what)
    signed = read_input(fields["signature-input"])
    label, signature = read_signature(fields["signature"])
    if label != signed.label:
        raise malformed("signature", "its label is not the one of signature-input")
    return signed, signature


def _request_params(signed: SignatureInput, request: Request) -> dict[str, int | str]:
    components = _REQUEST.get(request.method)
    if components is None:
        raise malformed("request", "only GET and POST are signed")
    check_path(request.path)
    params = _profile_params(signed, components, _REQUEST_PARAMS)
    if not _NONCE.fullmatch(str(params["nonce"])):
        raise malformed("signature-input", "the nonce is not of our form")
    return params


def _profile_params(
    signed: SignatureInput, components: tuple[Component, ...], names: frozenset[str]
) -> dict[str, int | str]:
    """Return the parameters if components and parameters are exactly those of the profile."""
    if signed.components != components:
        raise malformed("signature-input", "it does not cover what it must")
    params = dict(signed.params)
    if params.keys() != names:
        raise malformed("signature-input", "its parameters are not ours")
    for name, value in params.items():
        if type(value) is not (int if name in {"created", "expires"} else str):
            raise malformed("signature-input", f"{name} is not of its type")
    if params["alg"] != _ALG or params["tag"] != _TAG:
        raise malformed("signature-input", "alg or tag is not ours")
    return params


def _int(value: int | str) -> int:
    assert isinstance(value, int)
    return value


def _known_key(
    params: Mapping[str, int | str], keys: Callable[[str], Mapping[str, PublicKey]]
) -> tuple[str, PublicKey]:
    named = _KEY_ID.fullmatch(str(params["keyid"]))
    if named is None:
        raise malformed("signature-input", "keyid is not node id and key")
    node, key_text = named.groups()
    key = keys(node).get(key_text)
    if key is None:
        raise VerificationError(Code.SIGNATURE_KEY_UNKNOWN, field="keyid", node=node)
    return node, key


def _wrong_address_or_signature(
    signed: SignatureInput, signature: bytes, message: Message, key: PublicKey, base_url: str
) -> VerificationError:
    """Find out whether the request was signed for the address in its Host field instead of ours.

    Only a hint for the operator, whose configured address is the usual mistake: either way it is
    refused.
    """
    path = (message.target_uri or "")[len(base_url) :]
    host = message.fields.get("host", "")
    for address in (f"https://{host}", f"http://{host}"):
        elsewhere = msgspec.structs.replace(message, target_uri=address + path)
        if _verifies(key, signature, signed, elsewhere):
            return VerificationError(
                Code.SIGNATURE_OTHER_ADDRESS, field="request", address=address, expected=base_url
            )
    return VerificationError(Code.SIGNATURE_WRONG, field="request")


def _verifies(key: PublicKey, signature: bytes, signed: SignatureInput, message: Message) -> bool:
    try:
        return key.verify(signature, signature_base(signed, message))
    except VerificationError:
        return False
