"""What the verb `doctor` looks at, part by part."""
