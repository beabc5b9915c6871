"""What a node's operator should know: rules over facts that the shell has gathered. Pure.

Each finding names its check, how much it weighs, what is so, and what to do next. Nothing is asked
and nothing is changed here; what could not be looked at is said, and is not taken for fine.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Final

from federation.node import doctor_umbrella
from federation.node.doctor_facts import Facts, Partner
from federation.node.doctor_findings import DAY_S, Finding, ago, fine, note, person
from federation.peer.signatures import WINDOW_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOCK_OFF_S: Final = 30
"""Partners refuse what is signed `WINDOW_S` away from their time; until then nobody notices."""
FREE_MIN_BYTES: Final = 10**9
FREE_MIN_PERCENT: Final = 5
FREE_LOW_PERCENT: Final = 15
CERTIFICATE_SOON_S: Final = 14 * DAY_S
BACKUP_OLD_S: Final = 2 * DAY_S
VERIFY_OLD_S: Final = 35 * DAY_S
SILENT_S: Final = DAY_S
POSTGRES_MIN: Final = 15
OTHERS_MAY: Final = 0o077


def examine(facts: Facts) -> list[Finding]:
    """Say what every check finds, in the order of `CHECKS`."""
    return [finding for rule in CHECKS for finding in rule(facts)]


def node(facts: Facts) -> Iterator[Finding]:
    """Whether the node runs, and what it may do."""
    running = facts.running
    if running is None:
        yield person(
            "node",
            "The node does not run.",
            "Start it ('ruilbrug node run', or its systemd unit), and see why it ended in its log.",
        )
    elif running.mode == "read_only":
        yield person(
            "node",
            f"The node only reads: {running.reason}.",
            "See 'The three modes' in docs/operators.md: restore the newest backup when the "
            "database is old, then 'ruilbrug node recover'.",
        )
    elif running.mode == "releases_nothing":
        yield note(
            "node",
            f"The node releases nothing yet: {running.reason}.",
            "It asks again by itself. If this lasts for hours, call whoever has not answered.",
        )
    else:
        yield fine("node", f"The node runs, with {running.events} events in its log.")


def clock(facts: Facts) -> Iterator[Finding]:
    """Whether the clock of this machine is right, by partners and by the machine itself."""
    offsets = facts.running.offsets_s if facts.running is not None else {}
    wrong = sorted(name for name, ahead in offsets.items() if abs(ahead) > CLOCK_OFF_S)
    if offsets and len(wrong) * 2 > len(offsets):
        ahead = int(median(offsets.values()))
        which = "behind" if ahead > 0 else "ahead of"
        yield person(
            "clock",
            f"The clock of this machine is {abs(ahead)} seconds {which} that of the partners; "
            f"from {WINDOW_S} on they refuse every message.",
            "Switch on network time: 'timedatectl set-ntp true'. The node need not be stopped.",
        )
    elif facts.clock_synchronised is False:
        yield person(
            "clock",
            "No time service keeps the clock of this machine right.",
            "Switch on network time: 'timedatectl set-ntp true'.",
        )
    elif offsets:
        yield fine("clock", f"The clock agrees with {len(offsets) - len(wrong)} other nodes.")
    elif facts.clock_synchronised:
        yield fine("clock", "A time service keeps the clock right.")
    else:
        yield note(
            "clock", "Nobody is there to compare the clock with.", "Compare it with a watch."
        )
    if len(wrong) * 2 <= len(offsets):
        for name in wrong:
            what = f"The clock of {name} is {abs(offsets[name])} seconds off."
            yield note("clock", what, "Tell its operator.")


def disk(facts: Facts) -> Iterator[Finding]:
    """Whether there is room where the node writes."""
    for place in facts.disks:
        percent = place.free_bytes * 100 // max(place.total_bytes, 1)
        said = f"{place.path}: {percent}% free, {place.free_bytes / 10**9:.1f} GB."
        if percent < FREE_MIN_PERCENT or place.free_bytes < FREE_MIN_BYTES:
            yield person(
                "disk",
                said,
                "Make room: move older backups elsewhere, or enlarge the disk. On a full disk "
                "nothing is lost, and nothing can be booked.",
            )
        elif percent < FREE_LOW_PERCENT:
            yield note("disk", said, "Make room within some weeks.")
        else:
            yield fine("disk", said)


def database(facts: Facts) -> Iterator[Finding]:
    """Whether PostgreSQL answers, and is new enough."""
    found = facts.database
    if found.trouble:
        yield person(
            "database",
            f"The database does not answer ({found.trouble}).",
            "Start PostgreSQL, and compare 'database' in node.toml with 'psql -l'.",
        )
    elif found.version < POSTGRES_MIN:
        yield person(
            "database",
            f"PostgreSQL {found.version} is too old.",
            f"Upgrade it to {POSTGRES_MIN} or newer (pg_upgradecluster), after a backup.",
        )
    else:
        size = f"{found.bytes_count / 10**6:.0f} MB"
        yield fine("database", f"PostgreSQL {found.version} answers; the database has {size}.")


def keys(facts: Facts) -> Iterator[Finding]:
    """Whether the keys are there, for nobody else, and those for paper on paper."""
    well = True
    for name in facts.keys_missing:
        well = False
        yield person(
            "keys",
            f"keys/{name} is missing.",
            "Put it back from the keys file or from paper; see 'Keys' in docs/operators.md when "
            "it is lost.",
        )
    open_ = sorted(name for name, mode in facts.key_modes.items() if mode & OTHERS_MAY)
    if open_:
        well = False
        yield person(
            "keys",
            f"Others on this machine may read {', '.join(open_)}.",
            "chmod 700 keys; chmod 600 keys/*. Change the keys if others use this machine.",
        )
    if facts.keys_for_paper:
        well = False
        yield person(
            "keys",
            f"These belong on paper and still lie here: {', '.join(facts.keys_for_paper)}.",
            "Write them down, compare, and delete the files: whoever has them is the node.",
        )
    if well:
        yield fine("keys", "The keys are there, for this node alone.")


def mail(facts: Facts) -> Iterator[Finding]:
    """Whether mails can leave; none is sent."""
    found = facts.mail
    if found.mode == "off":
        yield note(
            "mail", "No mail server is set; nobody can sign in by mail.", "Set [mail] in node.toml."
        )
    elif found.mode == "mailbox":
        yield note("mail", "Mails are kept on /mailbox for everybody to read: a demo.")
    elif found.trouble:
        yield person(
            "mail",
            f"The mail server cannot be used ({found.trouble}). Mails wait for three days.",
            "Compare [mail] in node.toml with what your mail provider says.",
        )
    else:
        yield fine("mail", "The mail server takes connection and password; nothing was sent.")


def web(facts: Facts) -> Iterator[Finding]:
    """Whether the public address leads here, by DNS and with a certificate that lasts."""
    found = facts.web
    if found.dns_trouble:
        yield person(
            "web",
            f"The name of {found.url} is not found ({found.dns_trouble}).",
            "Set an A or AAAA record for it, or mend public_url in node.toml.",
        )
        return
    if found.trouble:
        yield person(
            "web",
            f"{found.url} cannot be reached ({found.trouble}).",
            "Look at the reverse proxy, its certificate and the firewall.",
        )
        return
    if not found.is_this_node:
        yield person(
            "web",
            f"Something else than this node answers at {found.url}.",
            "Let the reverse proxy hand requests to the node's port; see node.toml.",
        )
        return
    if found.certificate_ends_at_s is None:
        yield note("web", f"{found.url} leads here, without TLS: only for a demo.")
        return
    left_s = found.certificate_ends_at_s - facts.now_s
    said = f"{found.url} leads here; its certificate lasts {left_s // DAY_S} days."
    if left_s < CERTIFICATE_SOON_S:
        yield person("web", said, "Renew it (Caddy and certbot do by themselves: see their log).")
    else:
        yield fine("web", said)


def partners(facts: Facts) -> Iterator[Finding]:
    """When partners were heard last, and what is in doubt with them."""
    if facts.running is None:
        yield note("partners", "Partners were not looked at: the node does not run.")
        return
    silent = [p for p in facts.running.partners if p.failures and _silent_s(facts, p) > SILENT_S]
    for partner in silent:
        yield person(
            "partners",
            f"{partner.name} was heard last {ago(_silent_s(facts, partner))}.",
            "Call its operator. Payments to it wait, and go on by themselves.",
        )
    for doubt in facts.running.doubts:
        yield person("partners", doubt, "See 'ruilbrug line doctor'.")
    if not silent and not facts.running.doubts:
        count = len(facts.running.partners)
        yield fine("partners", f"Nothing is in doubt with {count} partners.")


def _silent_s(facts: Facts, partner: Partner) -> int:

    return facts.now_s - partner.heard_at_s


def backup(facts: Facts) -> Iterator[Finding]:
    """Whether there is a fresh backup."""
    last = facts.last_backup
    todo = "Run 'ruilbrug backup FOLDER --keep 14' every night, on another disk."
    if last is None:
        yield person("backup", "There is no backup yet.", todo)
        return
    age_s = facts.now_s - last.made_at_s
    said = f"The last backup was made {ago(age_s)}, with {last.size} events: {last.file}."
    if age_s > BACKUP_OLD_S:
        yield person("backup", said, todo)
    elif not facts.backup_there:
        yield person("backup", f"{said} It is not there any more.", todo)
    else:
        yield fine("backup", said)


def verify(facts: Facts) -> Iterator[Finding]:
    """Whether the log was verified lately, and agreed."""
    last = facts.last_verify
    if last is None:
        yield note("verify", "The log was never verified here.", "Run 'ruilbrug log verify'.")
        return
    age_s = facts.now_s - last.at_s
    if last.found:
        yield person(
            "verify",
            f"'ruilbrug log verify' found {last.found} things that do not agree, {ago(age_s)}.",
            "Run it again, keep what it says, and stop the node: restore a backup, then recover.",
        )
    elif age_s > VERIFY_OLD_S:
        what = f"The log was verified {ago(age_s)}."
        yield note("verify", what, "Run 'ruilbrug log verify', once a month.")
    else:
        yield fine("verify", f"The log was verified {ago(age_s)}: everything agreed.")


def witness(facts: Facts) -> Iterator[Finding]:
    """Whether checkpoints count, and nobody shows two histories."""
    if facts.running is None:
        yield note("witness", "Witnesses were not looked at: the node does not run.")
        return
    found = facts.running.witness
    if found.forks:
        yield person(
            "witness",
            f"{found.forks} logs show two histories.",
            "See 'ruilbrug witness status'; trade with that group no further.",
        )
    if found.met_size is None and found.newest_size:
        yield person("witness", "No checkpoint of this log counts yet.", found.advice)
    elif not found.forks:
        yield fine("witness", f"Checkpoints count up to {found.met_size or 0} entries.")


CHECKS: Final[tuple[Callable[[Facts], Iterator[Finding]], ...]] = (
    node,
    database,
    disk,
    backup,
    verify,
    keys,
    clock,
    web,
    mail,
    partners,
    doctor_umbrella.audit,
    witness,
    doctor_umbrella.flows,
)
