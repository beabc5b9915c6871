"""The table of docs/errors.md, made from the codes.

    python3 dev.py run -- python tests/tidy/errors_page.py

writes it anew; what stands above and below the table stays.
"""

from __future__ import annotations

from itertools import dropwhile
from pathlib import Path

from schemas.errors import TEXTS, Code

PAGE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
HEAD = "| code | what happened | what to do | does trying again help? |\n|---|---|---|---|\n"


def row(code: Code) -> str:
    """Give the row of a code."""
    text = TEXTS[code]
    again = "yes" if text.again else "no"
    return f"| `{code}` | {text.what} | {text.next_step} | {again} |"


def written(page: str) -> str:
    """Give the page with the rows of today."""
    above, _, rest = page.partition(HEAD)
    below = dropwhile(lambda line: line.startswith("|"), rest.splitlines(keepends=True))
    rows = "\n".join(row(code) for code in Code)
    return f"{above}{HEAD}{rows}\n{''.join(below)}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
