"""The pages that members see: HTML made on the server, no page needs JavaScript."""
