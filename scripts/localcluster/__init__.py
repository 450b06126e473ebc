"""A throw-away Kubernetes with KubeRay on this machine, for people and for tests.

The code behind ``scripts/cluster`` and ``scripts/kind``. It uses the standard library alone,
so that it runs before any virtual environment exists, and knows nothing of seedcore_deploy.
"""
