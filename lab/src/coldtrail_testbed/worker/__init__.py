"""What runs inside the processes that stand for Lambda instances."""
