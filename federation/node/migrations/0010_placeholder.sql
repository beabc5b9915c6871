-- Placeholder of this worktree.
SELECT 1;
