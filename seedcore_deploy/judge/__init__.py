"""From a Snapshot to a Verdict: pure, and never a guess."""
