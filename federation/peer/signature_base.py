"""The signature base of HTTP message signatures, and the two fields that carry a signature.

RFC 9421 sections 2 (components), 2.5 (base) and 4 (fields), in the structured-field syntax of
RFC 9651. Invariant: a field is read only if writing it again gives the same text, so what is
signed as `@signature-params` is what was received. Pure; knows no keys and no clock.

Left out on purpose, and refused: the parameters `sf`, `key`, `bs` and `tr` of a component, and more
than one signature in a message.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BinasciiError
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import msgspec

from schemas.errors import Code, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

FIELD_SIZE_MAX: Final = 1024
"""Our own Signature-Input has about 400 characters; nobody needs more than this."""

_KEY: Final = r"[a-z*][a-z0-9_.*-]*"
_STRING: Final = r'"(?:[ !#-\[\]-~]|\\["\\])*"'
_PARAMETER: Final = re.compile(rf";({_KEY})(?:=({_STRING}|-?[0-9]{{1,15}}))?")
_LABEL: Final = re.compile(rf"({_KEY})=\(")
_QUOTED: Final = re.compile(_STRING)
_SIGNATURE: Final = re.compile(rf"({_KEY})=:([A-Za-z0-9+/]+={{0,2}}):")
_PLAIN: Final = re.compile(r"[\t -~]*")
_ESCAPED: Final = re.compile(r"\\(.)")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}

Params = tuple[tuple[str, int | str | bool], ...]
"""Parameters of a structured field in order; the only boolean is True (RFC 9651 section 3.1.2)."""


class Component(msgspec.Struct, frozen=True):
    """A covered component: its name, lower-case, and its parameters in order."""

    name: str
    params: Params = ()

    def __str__(self) -> str:
        """Write the component identifier (RFC 9421 section 2)."""
        return _quoted(self.name) + _written(self.params)


class SignatureInput(msgspec.Struct, frozen=True):
    """One member of Signature-Input: what is covered, and the parameters of the signature."""

    label: str
    components: tuple[Component, ...]
    params: Params

    def signature_params(self) -> str:
        """Write the value of `@signature-params` (RFC 9421 section 2.3)."""
        inside = " ".join(str(component) for component in self.components)
        return f"({inside}){_written(self.params)}"

    def __str__(self) -> str:
        """Write the field Signature-Input."""
        return f"{self.label}={self.signature_params()}"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP message as a signature sees it; `fields` as `fields_of` gives them.

    A response carries the `request` that it answers.
    """

    fields: Mapping[str, str]
    method: str | None = None
    target_uri: str | None = None
    status: int | None = None
    request: Message | None = None


def malformed(field: str, reason: str) -> VerificationError:
    """Make the error of a signature that is not written as it must be."""
    return VerificationError(Code.SIGNATURE_MALFORMED, field=field, reason=reason)


def fields_of(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Join the lines of each field by a comma, names in lower case (RFC 9421 section 2.1)."""
    fields: dict[str, str] = {}
    for name, value in headers:
        key, line = name.lower(), value.strip(" \t")
        fields[key] = f"{fields[key]}, {line}" if key in fields else line
    return fields


def signature_base(signed: SignatureInput, message: Message) -> bytes:
    """Build the bytes that are signed (RFC 9421 section 2.5).

    Raises:
        VerificationError: `signature_malformed` for a component that the message does not have,
            that occurs twice, or that holds control characters or anything beyond ASCII.

    """
    lines: dict[str, str] = {}
    for component in signed.components:
        identifier = str(component)
        if identifier in lines:
            raise malformed("signature-input", "a component is covered twice")
        value = _value(component, message)
        if not _PLAIN.fullmatch(value):
            raise malformed("signature-input", "a covered value is not printable ASCII")
        lines[identifier] = value
    lines['"@signature-params"'] = signed.signature_params()
    return "\n".join(f"{name}: {value}" for name, value in lines.items()).encode("ascii")


def read_input(text: str) -> SignatureInput:
    """Read Signature-Input with exactly one member.

    Raises:
        VerificationError: `signature_malformed` for every text that `str` would not write again.

    """
    start = _LABEL.match(text)
    if len(text) > FIELD_SIZE_MAX or start is None:
        raise malformed("signature-input", "it is not one list of components")
    components: list[Component] = []
    at = start.end()
    while name := _QUOTED.match(text, at):
        params, at = _read_params(text, name.end())
        components.append(Component(_unquoted(name[0]), params))
        at += text.startswith(" ", at)
    params, _ = _read_params(text, at + 1)
    signed = SignatureInput(start[1], tuple(components), params)
    if str(signed) != text:  # a rest, a space too many, a parameter that occurs twice
        raise malformed("signature-input", "it is not one list of components")
    return signed


def read_signature(text: str) -> tuple[str, bytes]:
    """Read the field Signature with exactly one member, as label and signature.

    Raises:
        VerificationError: `signature_malformed` for every text that `write_signature` would not
            write again.

    """
    found = _SIGNATURE.fullmatch(text) if len(text) <= FIELD_SIZE_MAX else None
    if found is None:
        raise malformed("signature", "it is not one byte sequence")
    try:
        signature = b64decode(found[2], validate=True)
    except BinasciiError as error:
        raise malformed("signature", "it is not base64") from error
    if write_signature(found[1], signature) != text:
        raise malformed("signature", "it is not base64")
    return found[1], signature


def write_signature(label: str, signature: bytes) -> str:
    """Write the field Signature (RFC 9421 section 4.2)."""
    return f"{label}=:{b64encode(signature).decode('ascii')}:"


def _read_params(text: str, at: int) -> tuple[Params, int]:
    params: dict[str, int | str | bool] = {}
    while found := _PARAMETER.match(text, at):
        name, written = found[1], found[2]
        if written is None:
            params[name] = True
        else:
            params[name] = _unquoted(written) if written[0] == '"' else int(written)
        at = found.end()
    return tuple(params.items()), at


def _written(params: Params) -> str:
    parts: list[str] = []
    for name, value in params:
        if value is True:
            parts.append(f";{name}")
        else:
            parts.append(f";{name}={_quoted(value) if isinstance(value, str) else value}")
    return "".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _unquoted(written: str) -> str:
    inside = written[1:-1]
    return _ESCAPED.sub(r"\1", inside) if "\\" in inside else inside


def _value(component: Component, message: Message) -> str:
    """Give the value of a component (RFC 9421 sections 2.1, 2.2 and 2.4)."""
    params = dict(component.params)
    if params.pop("req", None) is True:
        if message.request is None:
            raise malformed("signature-input", "there is no request to refer to")
        message = message.request
    if component.name == "@query-param":
        return _query_param(params.pop("name", None), params, message)
    if params:
        raise malformed("signature-input", "a component has a parameter that we do not use")
    derive = _DERIVED.get(component.name)
    value = derive(message) if derive else message.fields.get(component.name)
    if value is None:
        raise malformed("signature-input", f"it covers {component.name}, which is not there")
    return value


def _target(message: Message) -> str:
    if message.target_uri is None:
        raise malformed("signature-input", "it covers a part of the address, which is not there")
    return message.target_uri


def _authority(message: Message) -> str:
    parts = urlsplit(_target(message))
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ""))


def _query_param(name: object, others: Mapping[str, object], message: Message) -> str:
    """Give one query parameter, encoded anew (RFC 9421 section 2.2.8)."""
    if not isinstance(name, str) or others:
        raise malformed("signature-input", "a query parameter is named by its name alone")
    pairs = parse_qsl(urlsplit(_target(message)).query, keep_blank_values=True)
    values = [value for key, value in pairs if key == unquote(name)]
    if len(values) != 1:
        raise malformed("signature-input", "a covered query parameter is not there once")
    return quote(values[0], safe="*").replace("~", "%7E")


_DERIVED: Final[dict[str, Callable[[Message], str | None]]] = {
    "@method": lambda message: message.method,
    "@target-uri": lambda message: message.target_uri,
    "@authority": _authority,
    "@scheme": lambda message: urlsplit(_target(message)).scheme,
    "@path": lambda message: urlsplit(_target(message)).path or "/",
    "@query": lambda message: f"?{urlsplit(_target(message)).query}",
    "@status": lambda message: None if message.status is None else str(message.status),
}
