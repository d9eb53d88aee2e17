"""Where papers come from: arXiv and local files."""
