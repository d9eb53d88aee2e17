"""arXiv: its API, its PDFs, and dumps of its metadata."""
