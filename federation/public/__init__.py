"""What a group shows to everybody, and an umbrella of its groups; the newsletter that both send."""
