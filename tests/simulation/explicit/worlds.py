"""Every world that is explored, by name: the small ones at every change, the large by command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.simulation.explicit import bounds
from tests.simulation.explicit.honest import Honest
from tests.simulation.explicit.hostile import Hostile
from tests.simulation.explicit.restored import Restored

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.explicit.search import Model

STATES_MAX: Final = 2_000_000
"""About 1 GB; no world of these has as many."""

SMALL: Final[dict[str, Callable[[], Model]]] = {
    "payments": lambda: Honest(bounds.payments(1, 2)),
    "payments, two by one": lambda: Honest(bounds.payments(1, 3)),
    "requests": lambda: Honest(bounds.requests()),
    "reversals": lambda: Honest(bounds.reversals()),
    "new rate": lambda: Honest(bounds.new_rate()),
    "life": lambda: Honest(bounds.life()),
    "restored payer": lambda: Restored(bounds.payments(1)),
    "restored payee": lambda: Restored(bounds.payments(2)),
    "restored, both pay, an accept is lost": lambda: Restored(
        bounds.payments(1, 2, cancel=False), backups_until=2, restores_until=3
    ),
    "restored, both pay, a commit is lost": lambda: Restored(
        bounds.payments(1, 2, cancel=False), backups_until=1, restores_until=4
    ),
    "hostile payer": lambda: Hostile(events_max=5, numbers=(1, 3), beta_pays=False),
    "hostile payee": lambda: Hostile(events_max=4, numbers=(1,), beta_pays=True),
}

LARGE: Final[dict[str, Callable[[], Model]]] = {
    "payments, three": lambda: Honest(bounds.payments(1, 2, 3, cancel=False)),
    "payments, three, cancelled": lambda: Honest(bounds.payments(1, 2, 3)),
    "room": lambda: Honest(bounds.room()),
    "new rate, refused at times": lambda: Honest(bounds.new_rate(refuse=True, more=6)),
    "restored, both pay, early backup": lambda: Restored(
        bounds.payments(1, 2, cancel=False), backups_until=2
    ),
    "restored, both pay": lambda: Restored(bounds.payments(1, 2, cancel=False)),
    "hostile payee, longer": lambda: Hostile(events_max=5, numbers=(1,), beta_pays=True),
}
