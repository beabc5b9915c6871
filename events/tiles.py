"""Tiles, C2SP tlog-tiles: a log as files of 256 hashes or entries that never change.

Hash tile `n` at level `l` holds 256 consecutive roots of perfect subtrees of 256**l leaves; a
partial tile holds fewer. Beside the entry bundles of the specification stands a resource of our
own, `tile/signatures/N[.p/W]`: the 64-byte signatures of the same entries, concatenated, because
signatures are no part of the leaves.
Pure: where tiles lie, and how they are fetched, is not known here. `subroot` means the root of one
full tile of level 0 (256 leaves), the only inner hashes that a log stores.
"""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import batched
from typing import TYPE_CHECKING, Final, NamedTuple
