"""Use cases, configuration, start and stop of a node."""
