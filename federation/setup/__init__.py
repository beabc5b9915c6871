"""Setting a group up on a server: its first questions, its database, its keys on paper."""
