"""What a node writes about itself never stops it."""

from __future__ import annotations

import errno
import io
import os

import pytest
import structlog

from federation.cli.main import configure_logging


class FullDisk(io.StringIO):
    """Standard error on a disk that is full."""

    def write(self, text: str) -> int:
        del text
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_log_on_a_full_disk_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", FullDisk())
    try:
        configure_logging()
        log = structlog.get_logger()

        log.info("a_fact", value=1)
        log.warning("another_fact")
    finally:
        structlog.reset_defaults()
