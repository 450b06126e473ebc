"""The fault matrix: what is broken on the real cluster, and what the tool must say of it."""
