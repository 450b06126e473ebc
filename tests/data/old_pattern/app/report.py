"""Counts what the cluster has, every night."""

import os

import ray

os.environ["RAY_ADDRESS"] = "ray://seedcore-head-svc:10001"

ray.init()
print(ray.cluster_resources())
