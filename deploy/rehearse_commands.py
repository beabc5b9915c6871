"""Takes the commands out of docs/run-a-group.md, in their order, for `rehearse-group.sh`.

    python3 deploy/rehearse_commands.py DOCUMENT FOLDER

writes FOLDER/install.sh (what stands under "Install") and FOLDER/others.sh. Commands stand as in
the document; before and behind some of them stands what a person does meanwhile: answering the five
questions, reading the paper.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

BLOCK: Final = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
HEADING: Final = re.compile(r"^## ", re.MULTILINE)
INSTALL: Final = "Install"
ANSWERS: Final = (
    "LETS Voorbeeld",
    "polleke",
    "pollekes",
    "360001",  # asked again
    "20",
    "http://lets.example.org",  # asked again
    "https://lets.example.org",
    "info@lets.example.org",
    "no",
)
BOOT: Final = r"""
service postgresql start
mkdir -p /run/systemd/system
printf '{\nlocal_certs\n}\nlets.example.org\n' >/run/Caddyfile
caddy start --config /run/Caddyfile 2>/run/caddy.log
caddy trust 2>>/run/caddy.log
"""
SETTLED: Final = """
ruilbrug --node /srv/ruilbrug/lets_voorbeeld account list | tail -1 | grep -x 'sum of balances: 0'
ruilbrug --node /srv/ruilbrug/lets_buren account statement 012 | grep '10 (4 there)'
[ "$(ruilbrug --node /srv/ruilbrug/lets_voorbeeld member list | wc -l)" -gt 50 ]
[ ! -e /srv/ruilbrug/lets_voorbeeld/keys/root.key ]
"""
READ: Final = r"""sed -n 's/^ *[ABC][1-4]  .* \([0-9A-Z]\{4\}\)$/\1/p' paper"""


def sections(document: str) -> dict[str, list[str]]:
    """Give the commands below each heading, block by block."""
    found = {}
    for part in HEADING.split(document)[1:]:
        title, _, text = part.partition("\n")
        found[title.partition(". ")[2] or title] = BLOCK.findall(text)
    return found


def with_a_person(line: str) -> str:
    """Give a command with what its reader types."""
    if line.startswith("ruilbrug setup") and "--yes" not in line:
        typed = "".join(f"{answer}\\n" for answer in ANSWERS)
        return f"printf '{typed}' | {line}"
    if " line accept " in line:
        return f"printf 'y\\n' | {line}"
    if " paper show " in line:
        return f"{line} | tee paper"
    if " paper keep " in line:
        return f"{READ} | {line}"
    return line


def script(blocks: list[str], before: str = "", after: str = "") -> str:
    """Give a script that shows each command before it runs, and ends with the first that fails."""
    commands = "\n".join(with_a_person(line) for block in blocks for line in block.splitlines())
    return f"set -euo pipefail\ncd\n{before}set -x\n{commands}\n{after}"


def main(document: Path, folder: Path) -> None:
    """Write both scripts."""
    found = sections(document.read_text("utf-8"))
    others = [block for title, blocks in found.items() if title != INSTALL for block in blocks]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "install.sh").write_text(script(found[INSTALL]))
    (folder / "others.sh").write_text(script(others, BOOT, SETTLED))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
