"""One sentence for each code: what happened, what to do next, and whether trying again helps."""

from __future__ import annotations

from typing import Final

import msgspec

from schemas.codes import Code


class Text(msgspec.Struct, frozen=True):
    """The sentence of a code: what happened, what to do next, and whether trying again helps.

    `what` and `next_step` may hold `{fact}` places, filled from the facts of the error.
    """

    what: str
    next_step: str
    again: bool = False
    kept: str = ""
    """What is kept, where "Nothing was changed." is not the whole truth."""


TEXTS: Final[dict[Code, Text]] = {
    Code.NOT_CANONICAL: Text(
        "{field}: these bytes are not in canonical form ({reason}).",
        "Send the bytes exactly as they were signed.",
    ),
    Code.BAD_ENCODING: Text(
        "{field}: this is not unpadded base64url or base32 of the right length.",
        "Send the value exactly as it was given.",
    ),
    Code.BAD_SIGNATURE: Text("{field}: the signature does not verify.", "Check key and bytes."),
    Code.BAD_KEY: Text("{field}: this key cannot be used ({reason}).", "Check the key."),
    Code.BAD_NOTE: Text("The signed note is malformed ({reason}).", "Fetch it again."),
    Code.BAD_PROOF: Text("The Merkle proof does not verify ({reason}).", "Fetch it again."),
    Code.BAD_TILE_PATH: Text("{field}: this is no tile path.", "See docs/protocol.md, tiles."),
    Code.BAD_COMMITMENT: Text("{field}: the opening does not fit.", "Ask for the opening again."),
    Code.BAD_KEY_STATEMENT: Text(
        "The key statement is refused ({reason}).", "Ask the group for its key statements."
    ),
    Code.FENCED: Text(
        "Another process writes to this log now; this one has stopped writing.",
        "Let one process run per node, then start it again.",
        again=True,
    ),
    Code.LOG_INCOMPLETE: Text(
        "The database no longer holds every event that this node has written.",
        "Restore the database from a backup; the umbrella and the partners hold what it lacks.",
    ),
    Code.READ_ONLY: Text(
        "The node only reads until its log is complete again ({reason}).",
        "See 'ruilbrug node status'.",
        again=True,
    ),
    Code.RELEASES_NOTHING: Text(
        "The node releases nothing yet: not everybody has confirmed how long its log is.",
        "It asks again by itself; see 'ruilbrug node status'.",
        again=True,
    ),
    Code.DATABASE_UNAVAILABLE: Text(
        "The database does not answer.",
        "Try again in a moment with the same id: nothing is booked twice.",
        again=True,
        kept="What is booked is not lost; whether this was booked is not known yet.",
    ),
    Code.POSTGRES_MISSING: Text(
        "No PostgreSQL of version 15 or newer was found ({reason}).",
        "Install Debian's package postgresql, or set RUILBRUG_POSTGRES_BIN to its bin folder.",
    ),
    Code.POSTGRES_FAILED: Text(
        "PostgreSQL did not start: {reason}", "Mend what it says and start again.", again=True
    ),
    Code.MIGRATION_CHANGED: Text(
        "The database does not fit this program: migration {field}.",
        "Use the release that last ran on this database, or a newer one.",
    ),
    Code.MIGRATION_DUE: Text(
        "The tables of this node are older than its program.",
        "Run 'ruilbrug node migrate' with the node stopped, then start it.",
    ),
    Code.MARK_UNWRITABLE: Text(
        "The node's mark cannot be written ({reason}), so nothing may be released.",
        "Make room on the disk or mend its permissions.",
        again=True,
    ),
    Code.NODE_MISSING: Text(
        "{field}: there is no node here.", "Make one with 'ruilbrug node init', or name another."
    ),
    Code.NODE_RUNS: Text(
        "Another process works on this node's database.", "Stop it, or use its address."
    ),
    Code.PORT_UNUSABLE: Text(
        "{field}: nothing can listen on port {port} here.",
        "Choose another port in node.toml, or stop what listens there.",
    ),
    Code.RATE_LIMITED: Text(
        "A group's server was asked too much at once.",
        "Wait {wait_s} seconds and try again; what goes between the servers does so by itself.",
        again=True,
    ),
    Code.BUSY: Text("Too much is waiting at once.", "Try again in a moment.", again=True),
    Code.INTERNAL: Text(
        "Something is wrong inside the node; it was set aside and logged.",
        "Tell whoever runs the node; the log tells them what.",
    ),
    Code.MALFORMED: Text("{field}: {reason}.", "Correct the field and send it again."),
    Code.TOO_LARGE: Text("{field}: larger than the limit of {limit}.", "Send less at once."),
    Code.NOT_FOUND: Text("{field}: there is nothing under this name.", "Check the name."),
    Code.PLACE_UNKNOWN: Text(
        "{field}: this postcode or place is not known here.",
        "Give a Belgian postcode of four digits, or the name of a town or village.",
    ),
    Code.CONFLICT: Text(
        "{field}: the same id was used before with other content.", "Use a new id."
    ),
}

TEXTS.update(
    {
        Code.FORBIDDEN: Text("{field}: this is not for you.", "Ask the group."),
        Code.TOKEN_INVALID: Text(
            "{field}: there is no token, or one that is unknown, expired or revoked.",
            "Send a token of the group as 'Authorization: Bearer TOKEN'.",
        ),
        Code.IDEMPOTENCY_KEY_MISSING: Text(
            "{field}: what changes something needs a key, so that sending it twice does it once.",
            "Send a new random key for each thing to be done, and the same one when trying again.",
        ),
        Code.METHOD_NOT_ALLOWED: Text(
            "{field}: this address is not asked in this way.", "See the page of the API."
        ),
        Code.MEDIA_TYPE: Text(
            "{field}: the content is not marked as JSON.",
            "Send 'Content-Type: application/json'.",
        ),
        Code.AMOUNT_NOT_POSITIVE: Text("{field}: must be more than zero.", "Give another amount."),
        Code.AMOUNT_NOT_INTEGER: Text(
            "{field}: must be a whole number of the smallest unit.", "Give another amount."
        ),
        Code.AMOUNT_TOO_LARGE: Text("{field}: too large to be booked.", "Give a smaller amount."),
        Code.ACCOUNT_UNKNOWN: Text("{field}: there is no such account here.", "Check the code."),
        Code.ACCOUNT_INACTIVE: Text(
            "{field}: this account is not active.", "Ask the group to activate it."
        ),
        Code.ACCOUNT_HELD: Text(
            "{field}: a trade with another group still holds units of this account.",
            "Wait until it has an end, or cancel it.",
        ),
        Code.UNIT_DECIMALS_FIXED: Text(
            "{field}: the decimals of a unit cannot change once it is used.",
            "Keep them; only the units per hour can change.",
        ),
        Code.ACCOUNT_SAME: Text("payee: payer and payee are the same.", "Choose somebody else."),
        Code.CODE_TAKEN: Text("{field}: this code is in use.", "Choose another code."),
        Code.PARTNER_PAUSED: Text(
            "{field}: no new trades with this group for the moment.",
            "What is open goes on; the group's coordinators can say why.",
        ),
        Code.PAYER_LIMIT: Text(
            "{field}: this passes the payer's lower limit; at most {possible_minor} is possible.",
            "Give at most that, or ask the group for another limit.",
        ),
        Code.PAYEE_LIMIT: Text(
            "{field}: this passes the payee's upper limit; at most {possible_minor} is possible.",
            "Give at most that, or ask the group for another limit.",
        ),
        Code.NOT_CONFIGURED: Text(
            "The group has no unit yet.", "Set it with 'ruilbrug node init'."
        ),
        Code.PEER_UNKNOWN: Text(
            "{field}: this group is neither registered nor invited.", "Exchange invitations first."
        ),
        Code.PEER_UNREACHABLE: Text(
            "The other group's server does not answer ({reason}); nothing is lost.",
            "It is tried again by itself.",
            again=True,
        ),
        Code.PEER_WRONG: Text(
            "The other group's server gave an answer that cannot be ({reason}).",
            "Tell its coordinators.",
        ),
        Code.ADDRESS_REFUSED: Text(
            "The other group's address is not one of the public internet.",
            "Check its address; RUILBRUG_ALLOW_PRIVATE_ADDRESSES is for trials only.",
            again=True,
        ),
        Code.SIGNATURE_MISSING: Text(
            "{field}: the message between the servers is not signed.",
            "Check that no proxy removes Signature and Signature-Input.",
        ),
        Code.SIGNATURE_MALFORMED: Text(
            "{field}: this is no signature of our kind ({reason}).",
            "See docs/protocol.md, signatures.",
        ),
        Code.SIGNATURE_WRONG: Text(
            "{field}: the signature of the message between the servers does not verify.",
            "Check that no proxy changes what passes through it.",
        ),
        Code.SIGNATURE_EXPIRED: Text(
            "{field}: signed too long ago.", "Check the clocks of both servers.", again=True
        ),
        Code.SIGNATURE_NOT_YET_VALID: Text(
            "{field}: signed in the future.", "Check the clocks of both servers.", again=True
        ),
        Code.SIGNATURE_REPLAYED: Text(
            "{field}: this very message was received before.", "Sign it anew.", again=True
        ),
        Code.SIGNATURE_OTHER_ADDRESS: Text(
            "{field}: signed for {address}, but this server is {expected}.",
            "Let both groups use the same address for this server.",
        ),
        Code.SIGNATURE_KEY_UNKNOWN: Text(
            "{field}: this key is not known to speak for the group.",
            "Check that its key statements can be fetched.",
            again=True,
        ),
        Code.DIGEST_MISMATCH: Text(
            "{field}: the content is not the one that was signed.",
            "Check that no proxy changes what passes through it.",
        ),
        Code.PAYEE_UNKNOWN: Text(
            "{field}: the other group knows nobody under this code.", "Check the code."
        ),
        Code.LINE_NOT_OPEN: Text(
            "{field}: there are no terms in force with this group.", "Agree terms first."
        ),
        Code.LINE_FROZEN: Text(
            "{field}: no new trades with this group for the moment ({reason}).",
            "What is under way goes on; try again when it is lifted.",
        ),
        Code.LINE_BUSY: Text(
            "{field}: too much between the two groups is still on its way.",
            "Try again in a moment.",
            again=True,
        ),
        Code.LINE_NOT_CLEAR: Text(
            "{field}: {balance_units} is owed; trades that have no end yet: {pending}.",
            "Settle the line to zero first, and wait until nothing is on its way.",
        ),
        Code.NOT_COORDINATOR: Text(
            "{field}: whoever is named is no coordinator of this group.",
            "Name the coordinator who has decided, or give the member that role first.",
        ),
        Code.LIMIT_NOT_LOWER: Text(
            "{field}: one side alone can only lower it; it is {possible_units} now.",
            "Propose new terms to raise it.",
        ),
        Code.REQUEST_STALE: Text(
            "{field}: the groups have agreed on other terms since it was asked.",
            "Ask the other side to request it again.",
        ),
        Code.REVERSAL_UNKNOWN: Text(
            "{field}: there is no booked payment of yours under this name to reverse.",
            "Choose the payment from your statement.",
        ),
        Code.ALREADY_REVERSED: Text(
            "{field}: this payment is being reversed or was reversed already.",
            "Look at your statement.",
        ),
        Code.LINE_OTHER: Text("{field}: this line is between other groups.", "Check the line."),
        Code.LINE_LIMIT: Text(
            "{field}: this passes what the groups let each other owe; at most {possible_units} "
            "is possible.",
            "Give less, or wait until the other group has given something back.",
        ),
        Code.LINE_GAP: Text(
            "{field}: the line goes on with number {expected}.", "Send from there.", again=True
        ),
        Code.SESSION_UNKNOWN: Text(
            "{field}: this node has started anew, or was asked anew what it has seen.",
            "Ask '/federation/v1/seen' and send it again with the session of that answer.",
            again=True,
        ),
        Code.LINE_FORK: Text(
            "{field}: another event with this number was received before.",
            "Both are kept; the coordinators of the two groups have to talk.",
        ),
        Code.LINE_PREV: Text(
            "{field}: the event does not continue the chain that was received before.",
            "Send the events of the chain that was acknowledged.",
        ),
        Code.PROPOSAL_OPEN: Text(
            "{field}: a proposal is open already.", "Answer it, or wait for the answer."
        ),
        Code.TERMS_INVALID: Text("{field}: these terms cannot be.", "Propose others."),
        Code.EXPIRED: Text("{field}: the time for this is over.", "Start again."),
        Code.TOO_SMALL: Text("{field}: too small to cross to the other unit.", "Give more."),
        Code.TOO_LARGE_FOR_LINE: Text(
            "{field}: larger than the groups allow at once; at most {possible_units}.",
            "Split it, or give less.",
        ),
        Code.QUOTE_CHANGED: Text(
            "{field}: it is now {possible_minor}.", "Confirm the new amount, or leave it."
        ),
        Code.ALREADY_DECIDED: Text(
            "{field}: this payment has been decided already.", "Reverse it instead."
        ),
    }
)

TEXTS.update(
    {
        Code.NOT_YOURS: Text(
            "{field}: this belongs to somebody else.", "Ask its member, or a coordinator."
        ),
        Code.NAMES_NOT_SHARED: Text(
            "{field}: this group tells other groups no names.", "Ask a coordinator about it."
        ),
        Code.PERSON_UNKNOWN: Text(
            "{field}: nobody signs in here under this number.", "Choose a person from the list."
        ),
        Code.HELPER_SAME: Text("{field}: nobody can be their own helper.", "Choose somebody else."),
        Code.ALREADY_SO: Text("{field}: it is like this already.", "Nothing is left to do."),
        Code.MEMBERS_CHANGED: Text(
            "Somebody changed something about these members meanwhile.",
            "Look again at what stands now, and do it again if you still want to.",
        ),
        Code.LAST_COORDINATOR: Text(
            "{field}: this is the only coordinator of the group.",
            "Make somebody else a coordinator first.",
        ),
        Code.TOO_MANY: Text(
            "{field}: more than {limit} is not possible.", "Take something away first."
        ),
        Code.TEXT_MISSING: Text("{field}: nothing is filled in.", "Write a few words."),
        Code.MAIL_ADDRESS_INVALID: Text(
            "{field}: this is no mail address.",
            "Look for a missing @ or a space, and write it again.",
        ),
        Code.POST_UNKNOWN: Text(
            "{field}: this offer or want is not here.", "Look for another one."
        ),
        Code.POST_ENDED: Text(
            "{field}: this offer or want has ended.",
            "Look for another one; if it is yours, you can renew it.",
        ),
        Code.POST_PAUSED: Text(
            "{field}: the member of this offer or want is away for a while.",
            "Come back later, or look for another one.",
        ),
        Code.EXPIRY_PAST: Text("{field}: this moment has passed.", "Choose a later day."),
        Code.EXPIRY_TOO_FAR: Text(
            "{field}: this is more than two years away.",
            "Choose an earlier day; you can renew it later.",
        ),
        Code.PRICE_INVALID: Text(
            "{field}: a price per hour or piece needs an amount, one to be talked about has none.",
            "Give an amount, or choose to talk about it.",
        ),
        Code.CATEGORY_UNKNOWN: Text(
            "{field}: there is no such category here.", "Choose one from the list."
        ),
        Code.CATEGORY_TOO_DEEP: Text(
            "{field}: a category below another has none below itself.",
            "Choose one of the upper level.",
        ),
        Code.PICTURE_UNREADABLE: Text(
            "{field}: this is no picture that can be read.", "Choose a JPEG, PNG, WebP or GIF."
        ),
        Code.PICTURE_TOO_MANY_PIXELS: Text(
            "{field}: this picture has more than {limit} million pixels.",
            "Make it smaller and choose it again.",
        ),
        Code.PICTURE_UNKNOWN: Text(
            "{field}: this picture is not here, or is not yours.", "Choose the picture again."
        ),
        Code.MEMBER_BLOCKED: Text(
            "{field}: you cannot send each other messages now.", "Ask the group's coordinators."
        ),
        Code.PROPOSAL_CHANGED: Text(
            "{field}: there is a newer proposal in this conversation.",
            "Read it, and answer that one.",
        ),
        Code.ALREADY_ANSWERED: Text(
            "{field}: you have answered this before.", "Write a message, or make another proposal."
        ),
        Code.NOT_AGREED: Text(
            "{field}: the two of you have not agreed on an amount yet.",
            "Make a proposal, or answer the one that is there.",
        ),
        Code.BOOKED_ALREADY: Text("{field}: this was booked already.", "Decline this request."),
        Code.ALREADY_THANKED: Text(
            "{field}: you have thanked for this before.", "Write a message if you want to say more."
        ),
        Code.NOT_JOINED: Text(
            "{field}: somebody among these does not take part in the activity.",
            "Let them join first, or leave them out.",
        ),
    }
)
