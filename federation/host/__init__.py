"""Many groups in one process: each with its own folder, keys, database and log, none in another."""
