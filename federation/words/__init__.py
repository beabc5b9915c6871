"""What people read: sentences in three languages, amounts, days. No I/O but the catalogues."""
