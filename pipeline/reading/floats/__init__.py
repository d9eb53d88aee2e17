"""What floats beside the text: captions, figures, tables."""
