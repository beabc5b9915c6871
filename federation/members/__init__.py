"""What members do: persons, profiles, offers and wants; one use case a function, no HTTP."""
