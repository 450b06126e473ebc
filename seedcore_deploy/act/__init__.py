"""The only writers: each function here changes something, says what, and is asked for by name."""
