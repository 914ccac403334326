"""What is made hostile: one file a kind of input."""
