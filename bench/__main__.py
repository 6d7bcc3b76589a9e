"""`make bench`: every measurement that needs no outside data, one after the other; `python -m bench fidelity` one."""

import runpy
import sys

MODULES = ("bench.proxy", "bench.thousand", "bench.intake", "bench.fidelity")

for module in [f"bench.{name}" for name in sys.argv[1:]] or MODULES:
    sys.stderr.write(f"== {module}\n")
    sys.argv = [module]
    runpy.run_module(module, run_name="__main__")
