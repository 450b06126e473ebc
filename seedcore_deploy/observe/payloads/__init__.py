"""Programs that run inside pods: standard library and ray only, Python 3.8 and newer."""
