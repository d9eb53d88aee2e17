"""A page as it is printed: its text layer, lines, words, columns, furniture, and what is drawn on it."""
