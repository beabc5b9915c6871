"""A seeded mutator: takes a valid event of a partner and makes something of it that is not.

What it changes it mostly signs again with the partner's own key: a stranger's bytes are stopped by
the signature, a partner's have to be stopped by the rules.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from events.commitments import commitment
from events.machine import EVENT_PREFIX
from events.signing import PrivateKey
from schemas.core_parts import Fixed, FreezeReason, ReleaseCause, Verdict, WireCode
from schemas.encoding import b32, b64, encode, unb64
from schemas.messages import Exchange, WireEvent
from schemas.openings import Opening
from tests.federation.line.conversation import Conversation, Said

SAFE: Final = 2**53 - 1
NUMBERS: Final = (
    -SAFE - 1,
    -SAFE,
    -1,
    0,
    1,
    2,
    255,
    360_000,
    SAFE - 1,
    SAFE,
    SAFE + 1,
    2**63,
    10**30,
)
WORDS: Final = tuple(
    word.value for kind in (Fixed, FreezeReason, ReleaseCause, Verdict, WireCode) for word in kind
)
OF_ANOTHER_TYPE: Final[tuple[Any, ...]] = (
    None,
    True,
    "",
    "x",
    0,
    -1,
    1.5,
    [],
    {},
    [1],
    {"v": 1},
    "\u0000",
    "é" * 50,
)
OPENING: Final = 6_000
SIGNED_ANEW: Final = 0.8


class Attempt(NamedTuple):
    """What is sent instead of a valid event."""

    what: str
    wire: tuple[WireEvent, ...]
    known: bool = True
    """The sender's group is still in the register, and its keys are known."""
    text: bytes = b""
    """The body of the question, when it is what was changed."""
    honest: bool = False
    """The same as before: it has to be taken in."""


class Mutator:
    """Makes attempts; the same seed makes the same."""

    def __init__(self, seed: int, conversation: Conversation, stranger: PrivateKey) -> None:
        self.chance = random.Random(seed)
        self.key = conversation.alfa.key
        self.stranger = stranger
        self.said = conversation.said
        self.texts = [unb64(said.wire.core) for said in conversation.said]
        self.values = _values_by_name([json.loads(text) for text in self.texts])
        self.kinds = (
            (self.field, 50),
            (self.two_fields, 10),
            (self.terms, 6),
            (self.shape, 6),
            (self.of_another_line, 3),
            (self.wrong_key, 3),
            (self.flipped, 8),
            (self.cut, 3),
            (self.opening, 4),
            (self.elsewhere, 4),
            (self.twice, 3),
            (self.in_a_batch, 4),
            (self.removed, 1),
            (self.deep, 1),
            (self.envelope, 5),
        )

    def attempt(self) -> tuple[Said, Attempt]:
        """Choose an event of the conversation and what becomes of it."""
        at = self.chance.randrange(len(self.said))
        (make,) = self.chance.choices(
            [kind for kind, _ in self.kinds], [weight for _, weight in self.kinds]
        )
        return self.said[at], make(at)

    def sign(self, said: Said, core: Any, key: PrivateKey | None = None) -> WireEvent:
        """Give changed fields as an event; signed anew by the partner, but for some."""
        data = core if isinstance(core, bytes) else _canonical(core)
        signature = said.wire.signature
        if key is not None or self.chance.random() < SIGNED_ANEW:
            signature = b64((key or self.key).sign(EVENT_PREFIX + data))
        return WireEvent(core=b64(data), signature=signature, opening=said.wire.opening)

    def core(self, at: int) -> dict[str, Any]:
        core: dict[str, Any] = json.loads(self.texts[at])
        return core

    # what is made of it

    def field(self, at: int) -> Attempt:
        """One field out of range, of the wrong type, or with another's value."""
        core = self.core(at)
        name = self._change(core)
        return Attempt(f"field {name}", (self.sign(self.said[at], core),))

    def two_fields(self, at: int) -> Attempt:
        core = self.core(at)
        self._change(core)
        self._change(core)
        return Attempt("two fields", (self.sign(self.said[at], core),))

    def _any(self, values: Sequence[Any]) -> Any:
        """Choose a value, as one of its own: the next change may change what is inside."""
        value = self.chance.choice(values)
        return copy.deepcopy(value) if isinstance(value, dict | list) else value

    def _change(self, core: dict[str, Any]) -> str:
        holder, name = self.chance.choice(_places(core))
        old = holder[name]
        dice = self.chance.random()
        if dice < 0.35:
            holder[name] = self._any(self.values[name])
        elif dice < 0.5:
            holder[name] = self._any(OF_ANOTHER_TYPE)
        elif isinstance(old, int):
            near = old + self.chance.choice((-1, 1, 30, -30))
            holder[name] = self.chance.choice((near, *NUMBERS))
        elif isinstance(old, str):
            holder[name] = self._another_text(old)
        else:
            holder[name] = self._any(OF_ANOTHER_TYPE)
        return str(name)

    def _another_text(self, old: str) -> str:
        size = {22: 16, 43: 32, 86: 64}.get(len(old))
        if size is not None:
            return b64(self.chance.randbytes(size))
        if len(old) == 52:
            return b32(self.chance.randbytes(32))
        words = (*WORDS, old.upper(), old + " ", old[:-1])
        return self.chance.choice(words)

    def terms(self, at: int) -> Attempt:
        """Absurd rates and limits, in terms that a partner proposes or accepts."""
        kinds = ("terms.propose", "terms.accept", "line.limit", "line.revalued")
        at = self.chance.choice([n for n, one in enumerate(self.said) if one.kind in kinds])
        core = self.core(at)
        terms = core.get("terms")
        holder = terms if isinstance(terms, dict) else core
        places = [place for place in _places(holder) if isinstance(place[0][place[1]], int)]
        for _ in range(self.chance.randint(1, 3)):
            where, name = self.chance.choice(places)
            where[name] = self.chance.choice((*NUMBERS, 360_001, 36_000_000_001, 10**12))
        return Attempt("absurd terms", (self.sign(self.said[at], core),))

    def shape(self, at: int) -> Attempt:
        """A field too many, one too few, another type of event, other spelling of the same."""
        core = self.core(at)
        holder, name = self.chance.choice(_places(core))
        dice = self.chance.randrange(5)
        if dice == 0:
            del holder[name]
        elif dice == 1:
            (holder if isinstance(holder, dict) else core)["extra"] = self._any(OF_ANOTHER_TYPE)
        elif dice == 2:
            core["type"] = self.chance.choice((*(one.kind for one in self.said), "pay.later"))
        elif dice == 3:
            data = json.dumps(core, indent=self.chance.choice((None, 1))).encode()
            return Attempt("spelling", (self.sign(self.said[at], data),))
        else:
            data = _canonical(core)
            twice = data[:-1] + b',"v":1}'
            return Attempt("a name twice", (self.sign(self.said[at], twice),))
        return Attempt("shape", (self.sign(self.said[at], core),))

    def of_another_line(self, at: int) -> Attempt:
        core = self.core(at)
        name = self.chance.choice(("line", "origin"))
        core[name] = b32(self.chance.randbytes(32))
        return Attempt("of another line", (self.sign(self.said[at], core),))

    def wrong_key(self, at: int) -> Attempt:
        core = self.core(at)
        if self.chance.random() < 0.5:
            core["key"] = b64(self.stranger.public.data)
        return Attempt("wrong key", (self.sign(self.said[at], core, self.stranger),))

    def flipped(self, at: int) -> Attempt:
        """One bit, anywhere in core or signature."""
        said = self.said[at]
        data, signature = bytearray(unb64(said.wire.core)), bytearray(unb64(said.wire.signature))
        if self.chance.random() < 0.2:
            signature[self.chance.randrange(64)] ^= 1 << self.chance.randrange(8)
            wire = WireEvent(core=said.wire.core, signature=b64(bytes(signature)))
            return Attempt("signature flipped", (wire,))
        data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
        return Attempt("bit flipped", (self.sign(said, bytes(data)),))

    def cut(self, at: int) -> Attempt:
        data = unb64(self.said[at].wire.core)
        end = self.chance.randrange(len(data))
        more = self.chance.choice((b"", b"", b"}", b"\x00" * 9, b" " * 9_000))
        return Attempt("cut", (self.sign(self.said[at], data[:end] + more),))

    def opening(self, at: int) -> Attempt:
        """A missing, changed or enormous opening; one of other people, with its commitment."""
        said = self.said[at]
        given = said.wire.opening
        if given is None:
            other = Opening(salt=b64(bytes(32)), bytes=b64(b"{}"))
            wire = WireEvent(core=said.wire.core, signature=said.wire.signature, opening=other)
            return Attempt("an opening too many", (wire,))
        text = self.chance.choice(
            (
                b"{}",
                b"[" * 2000,
                b"\xff\xfe",
                unb64(given.bytes) + b" ",
                b'{"payee":"%s","payer":"%s","v":1}' % ((b64(bytes(32)).encode(),) * 2),
                b"x" * OPENING,
            )
        )
        salt = self.chance.randbytes(32)
        core = self.core(at)
        if self.chance.random() < 0.7:
            core["commitments"]["peer"] = b64(commitment("peer", salt, text))
        signed = self.sign(said, core)
        wire = WireEvent(
            core=signed.core,
            signature=signed.signature,
            opening=self.chance.choice((None, Opening(salt=b64(salt), bytes=b64(text)))),
        )
        return Attempt("opening", (wire,))

    def elsewhere(self, at: int) -> Attempt:
        """A valid event of another moment: an old one again, or one that comes too early."""
        other = self.chance.randrange(len(self.said))
        return Attempt("elsewhere", (self.said[other].wire,), honest=other == at)

    def twice(self, at: int) -> Attempt:
        """The event before with other bytes: two for one place in the chain."""
        before = max(0, at - 1)
        core = self.core(before)
        self._change(core)
        return Attempt("twice", (self.sign(self.said[before], core),))

    def in_a_batch(self, at: int) -> Attempt:
        """A changed event with valid ones behind it, as far as they still follow."""
        core = self.core(at)
        self._change(core)
        behind = tuple(one.wire for one in self.said[at + 1 : at + self.chance.randint(2, 4)])
        return Attempt("in a batch", (self.sign(self.said[at], core), *behind))

    def removed(self, at: int) -> Attempt:
        return Attempt("from a removed group", (self.said[at].wire,), known=False)

    def deep(self, at: int) -> Attempt:
        """Brackets within brackets, as many as go into a core or an opening."""
        many = self.chance.randrange(2, 4_000)
        left, right = self.chance.choice(((b"[", b"]"), (b'{"a":', b"}")))
        many = min(many, 7_500 // (len(left) + 1))
        nested = left * many + (b"1" if right == b"}" else b"") + right * many
        data = self.texts[at][:-1] + b',"zz":' + nested + b"}"
        return Attempt("deep", (self.sign(self.said[at], data),))

    def envelope(self, at: int) -> Attempt:
        """The question around the event: fields, types, bits."""
        said = self.said[at]
        body = encode(Exchange(after=0, events=(said.wire,)))
        if self.chance.random() < 0.5:
            data = bytearray(body)
            data[self.chance.randrange(len(data))] ^= 1 << self.chance.randrange(8)
            return Attempt("envelope", (), text=bytes(data))
        question = json.loads(body)
        holder, name = self.chance.choice(_places(question))
        holder[name] = self._any((*OF_ANOTHER_TYPE, *NUMBERS, *WORDS))
        return Attempt("envelope", (), text=_canonical(question))


def _canonical(core: Any) -> bytes:
    """Write a core as a node would, but with whatever stands in it now."""
    text = json.dumps(core, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _places(holder: Any) -> list[tuple[Any, Any]]:
    """Give every value that can be changed, as the thing that holds it and its name there."""
    names = holder.keys() if isinstance(holder, dict) else range(len(holder))
    found = []
    for name in names:
        found.append((holder, name))
        if isinstance(holder[name], dict | list):
            found += _places(holder[name])
    return found


def _values_by_name(cores: list[dict[str, Any]]) -> dict[Any, list[Any]]:
    """Give what stands anywhere under each name: the likeliest wrong value is another's."""
    values: dict[Any, list[Any]] = {}
    for core in cores:
        for holder, name in _places(core):
            values.setdefault(name, []).append(holder[name])
    return values
