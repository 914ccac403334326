"""One table each: the figures of all cases in, Markdown out."""
