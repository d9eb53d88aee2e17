"""PDF → document: passages with their places, sections, tables, figures, references, hidden text."""
