"""Text that a reader does not see but a language model would read."""
