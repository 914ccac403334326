"""What following functions over time costs."""
