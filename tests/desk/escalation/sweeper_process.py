"""A sweeper as a process of its own. It sweeps, says so, and waits before it commits:

python sweeper_process.py DATABASE_URL NOW
"""

import sys
import threading
from datetime import datetime

from desk.database import Database
from desk.escalation.service import sweep

url, now = sys.argv[1:]
with Database(url).transaction() as session:
    handled = sweep(session, datetime.fromisoformat(now))
    session.flush()
    sys.stdout.write(f"{handled}\n")
    sys.stdout.flush()
    threading.Event().wait()
