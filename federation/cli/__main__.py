"""`python -m federation.cli` is the command `ruilbrug`."""

from federation.cli.main import main

main()
