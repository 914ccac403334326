"""What is told by how much was learned, and of what: sizes, growth, poison, halves and daily updates."""
