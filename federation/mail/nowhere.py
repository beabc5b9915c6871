"""Where mails go on a node that has no mail server: nowhere, and that is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.mail.sending import ServerAway

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from federation.mail.sending import Session


class Nowhere:
    """A carrier that is never there; mails wait until `[mail]` is filled in, or their time ends."""

    def session(self) -> AbstractAsyncContextManager[Session]:
        """Refuse.

        Raises:
            ServerAway: always.

        """
        raise ServerAway("there is no [mail] in node.toml")
