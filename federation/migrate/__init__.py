"""Reading what a group brings along from its former system."""
