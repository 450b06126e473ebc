"""Runs inside the client pod: one `ray.init(ADDRESS)`, told as one JSON line on stdout.

Python 3.8 and Ray only. The line is written before the disconnect, which is not measured.
"""

import json
import os
import sys
import time

ray_says = 2
result = os.dup(1)
os.dup2(ray_says, 1)  # Ray prints to stdout; only our line may stand there

import ray  # noqa: E402

with open("/proc/loadavg") as loadavg:  # noqa: PTH123
    load = float(loadavg.read().split()[0])
told = {"ok": False, "error": "", "load": load, "seconds": 0.0}
begun = time.monotonic()
try:
    ray.init(sys.argv[1], logging_level="ERROR", log_to_driver=False)
    told["ok"] = True
except Exception as error:  # whatever it is, it is the measurement
    told["error"] = type(error).__name__ + ": " + str(error)
told["seconds"] = time.monotonic() - begun
os.write(result, (json.dumps(told) + "\n").encode())
ray.shutdown()
