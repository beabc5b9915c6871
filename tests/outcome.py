"""What came of reading untrusted bytes: a value, or the `VerificationError` that refused them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec, TypeVar

from schemas.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def outcome_of(
    read: Callable[P, T], *arguments: P.args, **options: P.kwargs
) -> T | VerificationError:
    """Call a reader; any other exception than a refusal is a bug and passes."""
    try:
        return read(*arguments, **options)
    except VerificationError as error:
        return error
