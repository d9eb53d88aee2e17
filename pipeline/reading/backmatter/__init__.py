"""References with the marks that cite them, acknowledgements, links, watched names."""
