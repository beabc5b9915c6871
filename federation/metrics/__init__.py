"""What a machine may know of a node, for Prometheus: numbers about groups, and nobody's name."""
