"""The live loop: sources, the line, the store and the outbox, and what people see of them."""
