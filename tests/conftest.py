"""For all tests: one OpenMP thread, as in production (see desk/cli/__init__.py)."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
