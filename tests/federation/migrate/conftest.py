"""Small exports for tests: written as text, packed into a ZIP."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from federation.migrate.archive import Archive

Tables = Mapping[str, str | bytes]
OpenTables = Callable[[Tables], Archive]

USERS = """\
id,code,name,full_name,role,status
1,000,Secretariaat,Secretariaat,user,1
2,001,Els,Els Maes,user,1
3,002,Bart,Bart Claes,user,1
4,P-X,LETS X,LETS Ixelles,guest,7
"""
TRANSACTIONS = """\
id,transid,amount,description,id_from,id_to,real_from,real_to,created_at
1,aa,10,Soep,2,3,,,2024-01-02 03:04:05.678901
2,,5,"Taart, groot",3,4,,012 Jan,2024-01-03 00:00:00
3,cc,7,,4,1,Piet,,2024-01-01 00:00:00
"""
BALANCE = """\
id,account_id,amount,balance,created_at
1,2,-10,-10,2024-01-02 03:04:05
2,3,10,10,2024-01-02 03:04:05
4,3,-5,5,2024-01-03 00:00:00
3,4,5,5,2024-01-03 00:00:00
5,4,-7,-2,2024-01-04 00:00:00
6,1,7,7,2024-01-04 00:00:00
"""


@pytest.fixture
def tables() -> dict[str, str | bytes]:
    """Give a small export whose books are right."""
    return {"users": USERS, "transactions": TRANSACTIONS, "balance": BALANCE}


@pytest.fixture
def write_zip(tmp_path: Path) -> Callable[[Tables], Path]:
    """Give a function that packs tables into a ZIP."""

    def write(tables: Tables) -> Path:
        path = tmp_path / "voorbeeld-db-csv.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in tables.items():
                archive.writestr(f"{name}.csv", text)
        return path

    return write


@pytest.fixture
def open_tables(write_zip: Callable[[Tables], Path]) -> Iterator[OpenTables]:
    """Give a function that packs tables and opens the archive; closed after the test."""
    with ExitStack() as stack:
        yield lambda tables: stack.enter_context(Archive(write_zip(tables)))
