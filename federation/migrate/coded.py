"""Tables whose rows name accounts by their code: eLAS, former eLAND, screens, our own template.

One set of columns for all, each with the names that it has there and in three languages; what a
table is, its header tells (`sources`). Rows come out as those of `g3`, under numbers made from
codes, so that all that follows is the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from federation.migrate.cells import (
    DESCRIPTION_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    amount,
    free_text,
    line_text,
    lower_limit,
    malformed,
    optional_whole,
    upper_limit,
    whole,
)
from federation.migrate.codes import number_of
from federation.migrate.g3 import Table, access_of, columns
from federation.migrate.html_text import plain_text
from federation.migrate.moments import optional_shown, shown_moment
from federation.migrate.rows import (
    BalanceRow,
    CategoryRow,
    ContactRow,
    MessageRow,
    OfferWant,
    TransactionRow,
    UserRow,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from federation.migrate.cells import Note
    from federation.migrate.codes import Codes
    from federation.migrate.csv_rows import Cell, Column

_CODE: Final = "!letscode lidnummer rekening compte numéro"
_STATUS_WORDS: Final = {
    word: number
    for number, words in {
        0: "0 inactive inactief inactif gone weg parti gedeactiveerd",
        1: "1 active actief actif newcomer instapper nouveau lid member membre",
        2: "2 leaving leaver uitstapper sortant",
        5: "5 6 information info info-pakket info-moment informatie",
        7: "7 external extern externe interlets",
    }.items()
    for word in words.split()
}
_KIND_WORDS: Final[dict[str, OfferWant]] = {
    **dict.fromkeys(("1", "offer", "aanbod", "offre", "o", "a"), "offer"),
    **dict.fromkeys(("0", "want", "vraag", "demande", "w", "v", "d"), "want"),
}
_PARTNER_WORDS: Final = frozenset({"guest", "interlets", "group", "groep", "groupe", "partner"})
MEMBER_COLUMNS: Final = columns(
    code=_CODE,
    name="!naam nom username",
    full_name="fullname full.name volledige.naam nom.complet",
    postcode="code.postal",
    birthdate="birthday geboortedatum date.de.naissance",
    hobbies="hobby's",
    comments="commentaar over over.mij présentation",
    admin_comments="admincomment commentaar.van.de.admin nota notes",
    role="accountrole rol rôle soort",
    status="statut",
    activated_at="adate activeringsdatum lid.sinds member.since since sinds membre.depuis depuis",
    created_at="cdate",
    saldo="balance solde",
    lower="minlimit min_limit min.limiet ondergrens limite.inférieure min",
    upper="maxlimit max_limit max.limiet bovengrens limite.supérieure max",
    picture="foto photo image_file",
)
CONTACT_COLUMNS: Final = columns(
    code=_CODE,
    value="!waarde valeur",
    kind="abbrev soort type id_type_contact",
    comments="commentaar commentaire",
    access="flag_public zichtbaarheid zichtbaar zichtbaar.voor visibilité visible.pour",
)
POST_COLUMNS: Final = columns(
    code=_CODE,
    kind="!msg_type offer_want soort vraag/aanbod aanbod/vraag type offre/demande",
    title="!titel titre subject onderwerp content wat",
    text="tekst texte description omschrijving",
    category="categorie catégorie",
    price="richtprijs prix amount",
    price_unit="per par units",
    created_at="cdate geplaatst created publié",
    expires_at="validity geldig.tot vervalt tot valable.jusque jusque",
    access="zichtbaarheid zichtbaar zichtbaar.voor visibilité visible.pour",
    pictures="foto foto's photo photos picture image_files",
)
TRANSFER_COLUMNS: Final = columns(
    number="transid transactie.id id nummer numéro",
    amount="!bedrag montant",
    payer="!van from van.code de",
    payee="!aan to aan.code à a",
    at="!datum date transactiedatum tijdstip tijd created_at",
    description="dienst omschrijving waarvoor description",
    payer_real="interlets",
    payee_real="interlets.2",
)
CONTACT_KINDS: Final = {
    "mail": "mail e-mail email mailadres courriel",
    "tel": "tel telefoon phone téléphone",
    "gsm": "gsm mobiel mobile",
    "adr": "adr adres address adresse",
    "web": "web website site",
}
_ADDRESS: Final = re.compile(r"\S+@\S+\.\S+")
_PHONE: Final = re.compile(r"[+0-9 ./()-]{8,}")
_BETWEEN: Final = re.compile(r"\s*[,;|]\s*")
"""Between the names of two pictures."""
_KEY_MAX: Final = 90


def members(codes: Codes, zone: tzinfo) -> Table[UserRow]:
    """Read members and partner groups' accounts."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> UserRow:
        code, name, full_name, postcode, birthdate, hobbies, comments, admin = cells[:8]
        role, status, since, created, saldo, lower, upper, picture = cells[8:]
        kept, number = codes.learn(line_text(code))
        said = line_text(role).casefold()
        return UserRow(
            line,
            number,
            kept,
            line_text(name),
            line_text(full_name),
            "admin",
            line_text(postcode, 20),
            line_text(birthdate, 20),
            free_text(hobbies),
            free_text(comments),
            free_text(admin),
            "guest" if said in _PARTNER_WORDS else said,
            intersystem=False,
            status=_status(status, note),
            activated_at_s=optional_shown(since, "activated_at", zone, note),
            created_at_s=optional_shown(created, "created_at", zone, note),
            saldo=optional_whole(saldo, "saldo", note),
            lower=lower_limit(optional_whole(lower, "lower", note)),
            upper=upper_limit(optional_whole(upper, "upper", note)),
            image_file=line_text(picture),
        )

    return Table("users", MEMBER_COLUMNS, make)


def _status(cell: Cell, note: Note) -> int:
    said = line_text(cell).casefold()
    if said and said not in _STATUS_WORDS:
        note("status", "none of active, leaving, gone, information; taken as active")
    return _STATUS_WORDS.get(said, 1)


def contacts(codes: Codes) -> Table[ContactRow]:
    """Read contacts, one a row."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> ContactRow:
        code, value, kind, comments, access = cells
        found = line_text(value)
        if not found:
            raise malformed("value", "empty")
        said = line_text(kind, 40).casefold()
        return ContactRow(
            line,
            codes.find(code, "code", note),
            None,
            found,
            line_text(comments),
            access_of(access, "admin"),
            kind=_guessed(found) if not said or said.isdecimal() else said,
        )

    return Table("contact", CONTACT_COLUMNS, make)


def _guessed(value: str) -> str:
    """Tell what a contact is from itself: eLAS gives the number of a kind that stands nowhere."""
    if _ADDRESS.fullmatch(value):
        return "mail"
    if _PHONE.fullmatch(value):
        return "tel"
    return "web" if value.startswith(("http://", "https://", "www.")) else "adr"


def contact_columns(kind: str) -> tuple[Column, ...]:
    """Give the columns of a contact that stands in the row of its member."""
    return columns(
        code=_CODE,
        value=f"!{CONTACT_KINDS[kind]}",
        access="contacts zichtbaar.voor visible.to visible.pour",
    )


def contacts_of_members(codes: Codes, kind: str) -> Table[ContactRow | None]:
    """Read one kind of contact from the rows of members; an empty cell is none."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> ContactRow | None:
        code, value, access = cells
        found = line_text(value)
        if not found:
            return None
        account = codes.find(code, "code", note)
        return ContactRow(line, account, None, found, "", access_of(access, "user"), kind=kind)

    return Table("contact", contact_columns(kind), make)


def balances(codes: Codes) -> Table[BalanceRow | None]:
    """Read balances from a list of members that stands beside another one."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> BalanceRow | None:
        code, balance = cells
        if not line_text(balance):
            return None
        account = codes.find(code, "code", note)
        return BalanceRow(line, line, account, whole(balance, "saldo"), 0)

    return Table("balance", columns(code=_CODE, saldo="!balance solde"), make)


def posts(codes: Codes, zone: tzinfo) -> Table[MessageRow]:
    """Read offers and wants."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> MessageRow:
        code, kind, title, text, category, price, unit, created, expires, access, shown = cells
        account = codes.find(code, "code", note)
        side = _KIND_WORDS.get(line_text(kind).casefold())
        if side is None:
            raise malformed("kind", "neither offer nor want")
        subject = line_text(plain_text(title, TEXT_LENGTH_MAX))
        if not subject:
            raise malformed("title", "empty")
        at_s = optional_shown(created, "created_at", zone, note)
        name = line_text(category)
        return MessageRow(
            line,
            number_of("post", str(account), side, subject, str(at_s)),
            account,
            number_of("category", name.casefold()) if name else None,
            subject,
            plain_text(text, TEXT_LENGTH_MAX),
            side,
            "",
            optional_whole(price, "price", note),
            line_text(unit, 40),
            optional_shown(expires, "expires_at", zone, note),
            access_of(access, "user"),
            at_s,
            pictures=tuple(each for each in _BETWEEN.split(line_text(shown)) if each),
        )

    return Table("messages", POST_COLUMNS, make)


def categories_of_posts() -> Table[CategoryRow | None]:
    """Read the categories that posts name."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> CategoryRow | None:
        del note
        name = line_text(cells[1])
        number = number_of("category", name.casefold())
        return CategoryRow(line, number, name, None) if name else None

    return Table("categories", columns(code=_CODE, category="!categorie catégorie"), make)


def transfers(codes: Codes, zone: tzinfo) -> Table[TransactionRow]:
    """Read bookings; one without a number is known by all that it says."""

    def make(cells: tuple[Cell, ...], line: int, note: Note) -> TransactionRow:
        number, units, payer, payee, at, description, payer_real, payee_real = cells
        said = line_text(plain_text(description, TEXT_LENGTH_MAX), DESCRIPTION_LENGTH_MAX)
        moved = amount(units, "amount")
        giver, taker = codes.find(payer, "from", note), codes.find(payee, "to", note)
        at_s = shown_moment(at, "date", zone)
        key = line_text(number, _KEY_MAX)
        same = number_of("transfer", str(at_s), str(giver), str(taker), str(moved), said)
        return TransactionRow(
            line,
            None,
            key or f"row:{same}",
            moved,
            giver,
            taker,
            at_s,
            said,
            line_text(payer_real),
            line_text(payee_real),
            "",
            numbered=bool(key),
        )

    return Table("transactions", TRANSFER_COLUMNS, make)


CODED: Final[tuple[tuple[str, tuple[Any, ...]], ...]] = (
    ("transactions", TRANSFER_COLUMNS),
    ("messages", POST_COLUMNS),
    ("contact", CONTACT_COLUMNS),
    ("users", MEMBER_COLUMNS),
)
"""What a header is looked at for, in this order: the first whose necessary columns are there."""
