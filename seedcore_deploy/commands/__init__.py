"""One file a verb: its phases, in order, and no detail."""
