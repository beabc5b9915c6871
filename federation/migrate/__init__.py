"""Reading what a group brings along from its former system.

`Archive` opens an export, `build_plan` reads it, `transfers` and `posts` stream what is large.
"""

from federation.migrate.archive import Archive
from federation.migrate.plan import build_plan, posts, transfers
from federation.migrate.receipt import render, to_json

__all__ = ["Archive", "build_plan", "posts", "render", "to_json", "transfers"]
