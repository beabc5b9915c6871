"""Moving out: the whole of a group with its signed log, another server that goes on, the end."""
