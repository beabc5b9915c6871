"""What the log means: pure folds, and the tables that they fill."""
