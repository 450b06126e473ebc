"""From the cluster to one Snapshot: nothing here judges, and nothing here writes."""
