"""Forms: what was typed comes back, errors stand beside their fields, and a form does a thing once.

A form is `filled` with what is known, or `posted`. Reading a value notes what is wrong with it; a
handler reads all values, then asks `fine`. Every form carries a random key. A command to the log
takes `command_key` as its own, so a double click, the back button or a second tab gets the first
answer again. The same key with other content is refused by the log as `conflict`: the page comes
back with what was typed and a fresh key (`again`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from aiohttp.web import FileField

from federation.node.identity import system_random
from federation.web.amounts import read_amount
from federation.words.texts import later
from schemas.encoding import b64
from schemas.errors import Code, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from federation.web.sessions import Person

KEY_FIELD: Final = "form"
NUL: Final = "\x00"
"""No text of the database holds it."""
FIELDS_MAX: Final = 320
"""More than a form of ours has: units for all helpers of an activity take most."""
_TICKET: Final = re.compile(r"(?P<key>[A-Za-z0-9_-]{22})(?:\.(?P<made_for>[0-9]{1,15}))?")
_KEY_BYTES: Final = 16
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")
_ADDRESS: Final = re.compile(
    r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,180}\.[^\s@.]{2,63}"
)

_MISSING: Final = later("Vul dit in.")
_TOO_LONG: Final = later("Dit is te lang: hoogstens %(most)s tekens.")
_NO_ADDRESS: Final = later(
    "Dit lijkt geen mailadres. Een mailadres ziet eruit als an@voorbeeld.be."
)
_NO_CHOICE: Final = later("Kies een van de mogelijkheden.")
_AMOUNTS: Final = {
    Code.MALFORMED: later("Schrijf een getal, zoals 8 of 1,5."),
    Code.AMOUNT_NOT_INTEGER: later("Zo fijn rekent jullie munteenheid niet. Rond af."),
    Code.AMOUNT_NOT_POSITIVE: later("Dit moet meer dan nul zijn."),
    Code.AMOUNT_TOO_LARGE: later("Dit is te groot om te boeken."),
}


NO_FACTS: Final[Mapping[str, object]] = MappingProxyType({})


class Said(NamedTuple):
    """A sentence (marked by `later`) and what fills its places, translated when it is shown."""

    sentence: str
    facts: Mapping[str, object] = NO_FACTS


class Form:
    """The fields of one form, as text, and what is wrong with them."""

    def __init__(self, values: Mapping[str, str], key: str) -> None:
        """Take what the fields hold, and the form's key."""
        self.values = dict(values)
        self.files: dict[str, list[bytes]] = {}
        self.file_names: dict[str, list[str]] = {}
        """What the browser calls each file, as it said it."""
        self.errors: dict[str, Said] = {}
        self.key = key
        self.made_for: int | None = None
        """The account in whose name it was filled in, when its page said one."""
        self.gone = False
        """Whether whom or what it is about is not there any more."""

    @classmethod
    def filled(cls, **values: str) -> Form:
        """Give a form with what is known already."""
        return cls(values, new_form_key())

    @classmethod
    def posted(cls, fields: Iterable[tuple[str, Any]]) -> Form:
        """Read a form that somebody sent, with its files; an empty field for a file is none.

        A key that is none is replaced: then nothing was sent before.
        """
        said = list(fields)
        values = {name: keepable(text) for name, text in said if isinstance(text, str)}
        ticket = _TICKET.fullmatch(values.pop(KEY_FIELD, ""))
        form = cls(values, new_form_key() if ticket is None else ticket["key"])
        if ticket is not None and ticket["made_for"]:
            form.made_for = int(ticket["made_for"])
        for name, sent in said:
            if isinstance(sent, FileField):
                with sent.file:
                    content = sent.file.read()
                if content:
                    form.files.setdefault(name, []).append(content)
                    form.file_names.setdefault(name, []).append(keepable(sent.filename))
        return form

    @property
    def ticket(self) -> str:
        """Its key, and whom it is made for, as its page sends them along."""
        return self.key if self.made_for is None else f"{self.key}.{self.made_for}"

    @property
    def fine(self) -> bool:
        """Whether nothing was found wrong so far."""
        return not self.errors

    def fail(self, name: str, sentence: str, /, **facts: object) -> None:
        """Note what is wrong with a field; the first thing counts. `sentence` is a `later`."""
        self.errors.setdefault(name, Said(sentence, facts))

    def again(self) -> None:
        """Take a fresh key: what stands here now is to be sent as something new."""
        self.key = new_form_key()

    def value(self, name: str) -> str:
        """Give what a field holds, as it was typed."""
        return self.values.get(name, "")

    def text(self, name: str, *, most: int, required: bool = False, lines: bool = False) -> str:
        """Read a text: outer blanks and control characters go, line ends become line feeds."""
        typed = self.value(name).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        read = _CONTROLS.sub("", typed).strip()
        read = read if lines else " ".join(read.split())
        if required and not read:
            self.fail(name, _MISSING)
        if len(read) > most:
            self.fail(name, _TOO_LONG, most=most)
        return read

    def address(self, name: str, *, required: bool = True) -> str:
        """Read a mail address; whether it exists only a mail can tell."""
        read = self.text(name, most=254, required=required)
        if read and not _ADDRESS.fullmatch(read):
            self.fail(name, _NO_ADDRESS)
        return read

    def choice(self, name: str, choices: Iterable[str]) -> str:
        """Read one of some fixed words."""
        read = self.value(name)
        if read not in set(choices):
            self.fail(name, _NO_CHOICE)
        return read

    def number(self, name: str) -> int | None:
        """Read the number of something, as the page wrote it; none for anything else."""
        read = self.value(name)
        return int(read) if re.fullmatch(r"[0-9]{1,15}", read) else None

    def flag(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return bool(self.value(name))

    def amount(self, name: str, decimals: int) -> int:
        """Read an amount in minor units; zero where it cannot be read."""
        if not self.value(name).strip():
            self.fail(name, _MISSING)
            return 0
        try:
            return read_amount(self.value(name), decimals, field=name)
        except InputError as error:
            self.fail(name, _AMOUNTS[error.code])
            return 0

    def command_key(self, person: Person) -> str:
        """Give the key for the one command that this form makes, of this person's own."""
        who = f"{person.account} {person.person} {person.acting_for}"
        text = f"ruilbrug/form/v1\n{who}\n{self.key}"
        return b64(sha256(text.encode()).digest()[:_KEY_BYTES])


def keepable(text: str) -> str:
    """Drop what nobody types and nothing here can keep: NUL, and halves of characters."""
    return text.encode(errors="ignore").decode().replace(NUL, "")


def new_form_key() -> str:
    """Give a random key for a form."""
    return b64(system_random(_KEY_BYTES))
