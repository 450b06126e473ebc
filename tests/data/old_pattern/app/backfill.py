"""Fills in what a night left out."""

import ray


def connect() -> None:
    """Reach the head."""
    ray.init("ray://seedcore-head-svc:10001", namespace="seedcore-dev")


if __name__ == "__main__":
    connect()
    print(ray.nodes())
