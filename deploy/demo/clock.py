"""`ruilbrug` under a clock that stands some days back: so that the demo's past has passed.

    python clock.py FILE ruilbrug's arguments

FILE says how many seconds it stands back, and may be written anew while the node runs. Only the
node's one clock (`federation.node.service.now_s`) is turned; nothing else is changed.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from federation.cli.main import main
from federation.node import service


class Clock:
    """Tells the time of some seconds ago."""

    def __init__(self, file: Path) -> None:
        """Take where it is written how far it stands back."""
        self.file: Final = file

    def time(self) -> float:
        """Give seconds since 1970."""
        return time.time() - int(self.file.read_text("ascii"))


if __name__ == "__main__":
    vars(service)["time"] = Clock(Path(sys.argv.pop(1)))
    main()
