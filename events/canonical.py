"""Canonical bytes: RFC 8785 restricted to what a core may hold (design section 2).

Invariant: whatever is read here is written in the one way in which `encode` would write it. Bytes
are stored, hashed and passed on as received; that the value encodes to the same bytes refuses
duplicate keys, white space, loose escapes and unsorted keys, all of which msgspec alone accepts.

What counts as NFC depends, for characters that are not assigned yet, on the Unicode version of the
Python that runs. Cores hold no free text, so no verdict on a core depends on it.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar
from unicodedata import is_normalized

import msgspec

from schemas.encoding import encode
from schemas.errors import Code, VerificationError
from schemas.ids import SAFE_INTEGER

__all__ = ["CORE_SIZE_MAX", "DEPTH_MAX", "check_profile", "decode", "encode"]

T = TypeVar("T")

CORE_SIZE_MAX: Final = 8 * 1024
DEPTH_MAX: Final = 16

_KEY: Final = re.compile(r"[a-z0-9_]+")
# Unicode category Cc: C0, DELETE and C1 (a mailbox or terminal may obey any of them).
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINE_FEED: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
_ANY: Final = msgspec.json.Decoder(object)


def decode(
    data: bytes, decoder: msgspec.json.Decoder[T], *, free_text: bool = False, field: str = "core"
) -> T:
    """Decode canonical bytes into the decoder's type; `free_text` as in `check_profile`.

    The type decides which keys and integers may occur, this function how they and the texts are
    written. The caller limits the size of `data`.

    Raises:
        VerificationError: `malformed` when a field is wrong (it is named), `not_canonical` when
            the bytes are not the one encoding of what they say.

    """
    try:
        value = decoder.decode(data)
    except msgspec.ValidationError as error:
        raise VerificationError(Code.MALFORMED, field=field, reason=str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(field, "this is not JSON in UTF-8") from error
    if encode(value) != data:
        raise _refused(field, "it is not written in the one canonical way")
    # Bytes that pass here hold plain printable ASCII: nothing is left to be checked in texts.
    if not data.isascii() or b"\\" in data or b"\x7f" in data:
        reason = _outside_texts(_ANY.decode(data), _control(free_text=free_text))
        if reason:
            raise _refused(field, reason)
    return value


def check_profile(
    data: bytes, *, size_max: int = CORE_SIZE_MAX, free_text: bool = False, field: str = "core"
) -> object:
    """Check any JSON value against the whole profile and give it as builtins.

    Strings are NFC and hold no control characters; `free_text` allows line feeds (personal texts,
    which are no cores). At most `size_max` bytes and `DEPTH_MAX` levels.

    Raises:
        VerificationError: `too_large`, or `not_canonical` with the reason.

    """
    if len(data) > size_max:
        raise VerificationError(Code.TOO_LARGE, field=field, limit=f"{size_max} bytes")
    try:
        value = _ANY.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(field, "this is not JSON in UTF-8") from error
    reason = _outside(value, _control(free_text=free_text), DEPTH_MAX)
    if reason:
        raise _refused(field, reason)
    if encode(value) != data:
        raise _refused(field, "it is not written in the one canonical way")
    return value


def _refused(field: str, reason: str) -> VerificationError:
    return VerificationError(Code.NOT_CANONICAL, field=field, reason=reason)


def _control(*, free_text: bool) -> re.Pattern[str]:
    return _CONTROL_BUT_LINE_FEED if free_text else _CONTROL


def _outside(value: object, control: re.Pattern[str], levels: int) -> str:
    """Name what lies outside the profile, or give the empty string."""
    match value:
        case bool():
            return ""
        case int():
            return "" if -SAFE_INTEGER <= value <= SAFE_INTEGER else "an integer beyond 2^53-1"
        case str():
            return _outside_text(value, control)
        case None:
            return "null (leave the key out)"
        case float():
            return "a number with a fraction or an exponent"
    assert isinstance(value, (dict, list))
    if levels == 0:
        return f"more than {DEPTH_MAX} levels"
    if isinstance(value, dict) and not all(map(_KEY.fullmatch, value)):
        return "a key other than [a-z0-9_]+"
    inner = value.values() if isinstance(value, dict) else value
    return next(filter(None, (_outside(one, control, levels - 1) for one in inner)), "")


def _outside_texts(value: object, control: re.Pattern[str]) -> str:
    """Name what is wrong with a text anywhere in `value`, or give the empty string."""
    waiting: list[object] = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                reason = _outside_text(text, control)
                if reason:
                    return reason
            case list() as members:
                waiting.extend(members)
            case dict() as members:
                waiting.extend((*members, *members.values()))
    return ""


def _outside_text(text: str, control: re.Pattern[str]) -> str:
    if control.search(text):
        return "a control character"
    return "" if is_normalized("NFC", text) else "text that is not NFC"
