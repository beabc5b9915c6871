"""Made-up proofs of bookings, sound in every part: to be changed by tests."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final, NamedTuple

from events.checkpoint import Checkpoint
from events.commitments import commitment
from events.cosignature import CosignatureSigner
from events.merkle import inclusion_proof, leaf_hash, root_of
from events.note import NoteSigner, SignedNote, sign_note
from events.policy import KnownLog, KnownWitness, Policy, WitnessGroup
from events.signing import PrivateKey
from events.tlog_proof import TlogProof
from schemas import bodies, cores
from schemas.core_parts import Commitments, Fixed, Seen, Verdict
from schemas.encoding import b32, b64, encode
from schemas.openings import Opening, PeerText, TransferText
from schemas.receipt import BodyOpening, Receipt

NOW: Final = 1_800_000_000
LOG: Final = NoteSigner("gent.example/log", PrivateKey(b"l" * 32))
WITNESSES: Final = tuple(
    CosignatureSigner(f"{name}.example/witness", PrivateKey(name[:1].encode() * 32))
    for name in ("umbrella", "partner")
)
POLICY: Final = Policy(
    (KnownLog(LOG.public),),
    (KnownWitness("umbrella", WITNESSES[0].public), KnownWitness("partner", WITNESSES[1].public)),
    (WitnessGroup("both", 2, ("umbrella", "partner")),),
    "both",
)
PLACE: Final = 5
SIZE: Final = 11


def made(name: str, size: int = 32) -> bytes:
    return sha256(name.encode()).digest()[:size]


def text(name: str) -> str:
    return b64(made(name))


GENT, LEUVEN, LINE = (b32(made(name)) for name in ("gent", "leuven", "line"))
PATH: Final = b64(made("path", 16))
LEGS: Final = (bodies.Posting(12, -800), bodies.Posting(7, 800))
SALT: Final = made("salt")
SAID: Final = encode(
    PeerText(v=1, payer=text("An"), payee=text("Marc"), description="Fiets hersteld")
)


class Proven(NamedTuple):
    """A proof, and what it is made of."""

    proof: TlogProof
    receipt: Receipt

    def file(self) -> bytes:
        return self.proof.encode()


def place(node: str, seq: int) -> dict[str, Any]:
    return {
        "v": 1,
        "origin": node,
        "seq": seq,
        "root": text("root"),
        "key": text("key"),
        "ts": NOW - NOW % 3600,
    }


def prove(
    receipt: Receipt,
    *,
    core: bytes,
    index: int = PLACE,
    size: int = SIZE,
    log: NoteSigner = LOG,
    witnesses: tuple[CosignatureSigner, ...] = WITNESSES,
) -> Proven:
    """Put a core at its place between others, and sign the tree."""
    leaves = [leaf_hash(b"other %d" % number) for number in range(size)]
    leaves[index] = leaf_hash(core)
    note = sign_note(Checkpoint(log.public.name, size, root_of(leaves)).encode(), log)
    signatures = (*note.signatures, *(one.sign(note.text, now_s=NOW) for one in witnesses))
    path = inclusion_proof(
        index, size, lambda level, at: root_of(leaves[at << level : (at + 1) << level])
    )
    checkpoint = SignedNote(note.text, signatures).encode()
    return Proven(TlogProof(index, tuple(path), checkpoint, encode(receipt)), receipt)


def local(body: Any = None, *, seq: int = PLACE, **signed: Any) -> Proven:
    """Prove a booking inside the group, with what it was for."""
    said = encode(TransferText(description="Fiets hersteld"))
    reference = bodies.TextReference(
        b64(made("An", 16)), b64(commitment("personal", made("salt of text"), said))
    )
    if body is None:
        body = bodies.TransferBooked(v=1, at_s=NOW, key=PATH, postings=LEGS, texts=(reference,))
    data = encode(body)
    core = encode(
        cores.LocalCore(**place(GENT, seq), commitment=b64(commitment("body", SALT, data)))
    )
    receipt = Receipt(
        v=1,
        core=b64(core),
        body=BodyOpening(salt=b64(SALT), bytes=b64(data)),
        text=Opening(salt=b64(made("salt of text")), bytes=b64(said)),
    )
    return prove(receipt, core=core, **signed)


def between(*, arrives: bool = False, said: bytes = SAID) -> Proven:
    """Prove a payment to another group at the payer's node, or at the payee's where it arrives."""
    chain: dict[str, Any] = {"line": LINE, "n": 3, "prev": text("prev"), "path": PATH}
    seen = Seen(n=4, id=text("seen"))
    body_of = text("body of another")
    prepare = encode(
        cores.PayPrepare(
            **place(GENT, 3),
            **chain,
            line_units=144_000,
            payer_minor=800,
            payee_minor=600,
            terms_rev=1,
            fixed=Fixed.PAYEE,
            expires_at_s=NOW + 60,
            commitments=Commitments(
                body=body_of, peer=b64(commitment("peer", made("salt of peer"), said))
            ),
        )
    )
    accept = encode(
        cores.PayAccept(
            **place(LEUVEN, 4),
            **chain,
            seen=seen,
            prepare=b64(leaf_hash(prepare)),
            line_units=144_000,
            commitments=Commitments(body=body_of),
        )
    )
    data = encode((bodies.ReceiptBody if arrives else bodies.CommitBody)(v=1, postings=LEGS))
    own = Commitments(body=b64(commitment("body", SALT, data)))
    commit = encode(
        cores.PayCommit(
            **place(GENT, PLACE),
            **chain,
            seen=seen,
            decision=cores.SignedDecision(
                decision=cores.Decision(
                    v=1,
                    origin=GENT,
                    path=PATH,
                    verdict=Verdict.COMMIT,
                    key=text("key"),
                    accept=b64(leaf_hash(accept)),
                ),
                signature=b64(bytes(64)),
            ),
            line_units=144_000,
            total=144_000,
            balance=144_000,
            commitments=Commitments(body=body_of) if arrives else own,
        )
    )
    events = [commit, accept, prepare]
    if arrives:
        arrived = cores.PayReceipt(
            **place(LEUVEN, PLACE),
            **chain,
            seen=seen,
            commit=b64(leaf_hash(commit)),
            up_to=3,
            line_units=144_000,
            total=144_000,
            balance=-144_000,
            commitments=own,
        )
        events.insert(0, encode(arrived))
    receipt = Receipt(
        v=1,
        core=b64(events[0]),
        body=BodyOpening(salt=b64(SALT), bytes=b64(data)),
        earlier=tuple(map(b64, events[1:])),
        peer=Opening(salt=b64(made("salt of peer")), bytes=b64(said)),
    )
    return prove(receipt, core=events[0])
