"""The work: a paper's way from its name to a post. Imports `store`, is imported by `ui`."""

import os

# Checkpoints are read back into the typed records of the state and into nothing else; langgraph reads this at import.
os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
