"""What members do: persons, profiles, offers and wants. One use case a function; no HTTP, no HTML."""
