"""The running text: paragraphs, section headings, the head of the paper."""
