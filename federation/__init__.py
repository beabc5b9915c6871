"""The running node, in rooms of its own."""
