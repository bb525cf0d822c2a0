"""For all tests: one OpenMP thread, as in production (see desk/cli/__init__.py), and properties
that no busy machine fails."""

import os

from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")

settings.register_profile("kefu", deadline=None)
settings.load_profile("kefu")
