"""Makes the package that `install.sh` installs: the wheel, hashed requirements, files of `deploy/`.

    python3 dev.py package [FOLDER]

writes `ruilbrug-VERSION.tar.gz` into FOLDER (`.cache/package`). The same checkout gives the same
bytes, so whoever has the sources can see that nothing was put in.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

CHECKOUT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = CHECKOUT / ".cache" / "package"
SUMS: Final = "SHA256SUMS"
DEPLOY: Final = ("systemd", "caddy", "nginx", "postgresql", "prometheus", "compose")
PAPERS: Final = ("LICENSE", "CHANGELOG.md", "docs/operators.md", "docs/run-a-group.md")
PROGRAM: Final = 0o755
FILE: Final = 0o644


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder."""
    hatchling = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(hatchling, cwd=CHECKOUT, check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("ruilbrug-*.whl")
    return wheel


def lay_out(folder: Path) -> Path:
    """Put everything into `folder/ruilbrug-VERSION`, with the digest of each file."""
    folder.mkdir(parents=True, exist_ok=True)
    wheel = build_wheel(folder)
    version = wheel.name.split("-")[1]
    inside = folder / f"ruilbrug-{version}"
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir()
    wheel.rename(inside / wheel.name)
    shutil.copyfile(CHECKOUT / "requirements" / "runtime.txt", inside / "requirements.txt")
    shutil.copy(CHECKOUT / "deploy" / "install.sh", inside)
    for paper in PAPERS:
        if (CHECKOUT / paper).exists():
            shutil.copyfile(CHECKOUT / paper, inside / Path(paper).name)
    for name in DEPLOY:
        if (CHECKOUT / "deploy" / name).exists():
            shutil.copytree(CHECKOUT / "deploy" / name, inside / name)
    write_sums(inside)
    return inside


def write_sums(inside: Path) -> None:
    """Write the digest of every file, as `sha256sum --check` reads them."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(inside)}\n"
        for path in sorted(inside.rglob("*"))
        if path.is_file() and path.name != SUMS
    ]
    (inside / SUMS).write_text("".join(lines))


def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out of a file's entry what differs from machine to machine."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    runs = member.isdir() or member.name.endswith(".sh")
    member.mode = PROGRAM if runs else FILE
    return member


def pack(inside: Path) -> Path:
    """Write the folder as one archive beside it."""
    archive = inside.with_name(f"{inside.name}.tar.gz")
    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in [inside, *sorted(inside.rglob("*"))]:
            tar.add(path, path.relative_to(inside.parent), recursive=False, filter=plain)
    return archive


def main(arguments: list[str]) -> None:
    """Make the package and say where it is."""
    archive = pack(lay_out(Path(arguments[0]) if arguments else FOLDER))
    print(f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive}")


if __name__ == "__main__":
    main(sys.argv[1:])
