"""From a verdict to text: pure, and knowing only the model."""
