"""`make bench`: every measurement that needs no outside data, one after the other."""

import runpy
import sys

for module in ("bench.proxy", "bench.thousand", "bench.intake"):
    sys.stderr.write(f"== {module}\n")
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")
