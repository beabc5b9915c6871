"""What people read, in three languages: one module for each language and area."""
