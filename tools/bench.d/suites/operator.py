"""What the operator's hands cost: configuration, flags, logs, metrics, traces, the control plane. Each subject has a file
operator_<subject>.py beside this one."""

import importlib
import pkgutil

import suites

PARTS = sorted(found.name for found in pkgutil.iter_modules(suites.__path__) if found.name.startswith("operator_"))
ROWS = [row for part in PARTS for row in importlib.import_module(f"suites.{part}").ROWS]
