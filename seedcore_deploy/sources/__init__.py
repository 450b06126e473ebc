"""What lies on disk: overlays, ray-contract.toml, YAML; nothing here talks to a cluster."""
