"""Registry, mirror and audit of the umbrella organisation."""
