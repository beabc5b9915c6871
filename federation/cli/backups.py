"""`ruilbrug backup` and `ruilbrug restore`: a group's node into one sealed file, and back."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from federation.cli.node_commands import JSON, RECOVERY
from federation.cli.reach import folder, show

MEGABYTE = 1_000_000
APART = (
    "The node's keys are not in it: keep keys/ elsewhere (ruilbrug backup --keys FILE), and the "
    "recovery key, which opens it, on paper."
)
KEPT_APART = (
    "Keep it apart from the backups. It opens with the recovery key alone; that and the root keys "
    "are not in it: they lie on paper. Make it anew after each change of keys or settings."
)
AFTERWARDS = (
    "Start it with 'ruilbrug node run'. It asks umbrella and partners what they have seen, and "
    "releases nothing before; 'ruilbrug node status' tells. If they have seen more than this "
    "backup holds, 'ruilbrug node recover --key FILE' gets it back."
)


class Bar:
    """A progress bar on standard error for bytes that are known about; none where nobody looks."""

    def __init__(self, label: str, *, hidden: bool, then: str = "") -> None:
        """Show nothing yet; `then` is said once the bar is full and work goes on."""
        self._label = label
        self._hidden = hidden
        self._then = then
        self._bar: Any = None

    def __call__(self, done: int, about: int) -> None:
        """Move to `done` of `about` bytes."""
        if self._hidden:
            return
        if self._bar is None:
            self._bar = click.progressbar(length=about, label=self._label, file=sys.stderr)
            self._bar.render_progress()
        self._bar.update(min(done, about) - self._bar.pos)
        if done >= about and self._then:
            self.end()
            click.echo(self._then, err=True)
            self._hidden = True

    def end(self) -> None:
        """Fill the bar and leave its line; once."""
        if self._bar is not None:
            self._bar.update(self._bar.length - self._bar.pos)
            self._bar.render_finish()
            self._bar = None


@click.command()
@click.argument(
    "target", required=False, type=click.Path(file_okay=False, path_type=Path), metavar="[FOLDER]"
)
@click.option("--keep", type=click.IntRange(min=1), help="Let go all but the newest so many.")
@click.option(
    "--keys",
    "keys_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the node's keys and settings, sealed, into this new file, and no backup.",
)
@JSON
def backup(target: Path | None, keep: int | None, keys_file: Path | None, *, as_json: bool) -> None:
    """Write a sealed backup into FOLDER, else into backups/ of the node; it may run meanwhile."""
    from federation.node.backup import back_up
    from federation.node.identity import system_random
    from federation.node.kept_files import keep_keys
    from federation.node.service import now_s

    if keys_file is not None:
        if target is not None or keep is not None:
            raise click.UsageError("--keys stands alone: it writes the keys and no backup")
        kept = keep_keys(folder(), keys_file, clock=now_s, random=system_random)
        said = f"{keys_file}: {', '.join(kept)}\n{KEPT_APART}"
        show({"file": str(keys_file), "kept": kept}, said, as_json=as_json)
        return
    bar = Bar("Backing up", hidden=as_json)
    made = asyncio.run(
        back_up(
            folder(),
            (target or folder().path / "backups").resolve(),
            clock=now_s,
            random=system_random,
            keep=keep,
            told=bar,
        )
    )
    bar.end()
    manifest = made.manifest
    answer = {
        "file": str(made.path),
        "node": manifest.node,
        "events": manifest.size,
        "made_at_s": manifest.made_at_s,
        "bytes": made.bytes_count,
        "dropped": made.dropped,
    }
    size = f"{made.bytes_count / MEGABYTE:.1f} MB"
    text = [f"{made.path}: {manifest.size} events of {manifest.name}, {size}"]
    text += [f"let go: {name}" for name in made.dropped]
    text.append(APART)
    show(answer, "\n".join(text), as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@RECOVERY
@click.option(
    "--keys",
    "kept_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What 'backup --keys' has made, when the node's folder is lost too.",
)
@click.option("--database", default="", help="With --keys: another address, runtime role.")
@click.option("--database-owner", default="", help="With --keys: another address, owner.")
@JSON
def restore(
    file: Path,
    key_file: Path | None,
    kept_file: Path | None,
    database: str,
    database_owner: str,
    *,
    as_json: bool,
) -> None:
    """Put the backup FILE back into the empty database of this node, and verify all of it."""
    from federation.node.identity import RECOVERY_KEY, read_key_file
    from federation.node.kept_files import folder_of, read_kept
    from federation.node.restore import restore as put_back
    from schemas.errors import Code, InputError

    if (database or database_owner) and kept_file is None:
        raise click.UsageError("without --keys the addresses stand in node.toml")
    beside = folder().keys / f"{RECOVERY_KEY}.key"
    if key_file is None and not beside.exists():
        raise InputError(Code.BACKUP_KEYS_MISSING, field=f"keys/{RECOVERY_KEY}.key")
    private = read_key_file(key_file or beside)
    kept = None if kept_file is None else read_kept(kept_file, private)
    named = {"database": database, "database_owner": database_owner}
    bar = Bar("Putting back", hidden=as_json, then="Verifying all of it ...")
    with folder_of(folder(), kept, {name: said for name, said in named.items() if said}) as place:
        back = asyncio.run(put_back(place, file, private, told=bar))
    bar.end()
    manifest = back.manifest
    at = datetime.fromtimestamp(manifest.made_at_s, UTC).strftime("%Y-%m-%d %H:%M UTC")
    answer = {
        "node": manifest.node,
        "name": manifest.name,
        "events": manifest.size,
        "rows": back.rows_count,
        "made_at_s": manifest.made_at_s,
    }
    text = (
        f"{manifest.name} is back as of {at}: {manifest.size} events, {back.rows_count} rows; "
        f"everything agrees.\n{AFTERWARDS}"
    )
    show(answer, text, as_json=as_json)
