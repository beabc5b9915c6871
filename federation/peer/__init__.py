"""HTTP between nodes: signed requests, the channel exchange."""
