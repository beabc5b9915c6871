"""The rules inside a group: accounts, transfers, imports. Pure, like `federation.line`."""
