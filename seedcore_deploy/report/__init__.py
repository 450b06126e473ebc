"""From a Verdict to text: pure, and knowing nothing but the model."""
