"""One reader for each kind of file that may hold a leftover of the old pattern."""
