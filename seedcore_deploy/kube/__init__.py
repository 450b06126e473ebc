"""The one home of `kubernetes` and of `tenacity`: talking to the API server in plain JSON."""
