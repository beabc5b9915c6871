"""What is mailed: composing, the outbox, sending, choices, links that act, the demo's mailbox."""
