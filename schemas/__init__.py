"""What things are: events, messages, ids, amounts. No I/O, no clock, no randomness."""
