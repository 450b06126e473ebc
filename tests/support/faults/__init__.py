"""One thing broken at a time, in a snapshot that is healthy else."""
