"""Composing: one function for each kind of mail, from facts to a letter. Pure."""
