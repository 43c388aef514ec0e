"""What the fork server imports once, so that every stage starts with Beam loaded.

In: nothing. Out: `pipelines.workers` in `sys.modules`. Beam warns at import about cloud clients
that nobody asked for; a handler that drops records keeps that from the operator's screen.
"""

import importlib
import logging

from pipelines.left_out import leave_out

leave_out()
logging.getLogger().addHandler(logging.NullHandler())
importlib.import_module("pipelines.workers")
