"""What Razbor keeps: SQL is the truth, Chroma a rebuildable index, files. Knows nothing of models or the graph."""
