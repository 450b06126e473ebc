"""Deploys a Ray connection pattern to Kubernetes and proves it."""

__version__ = "0.1.0"
