"""One question each: a case in, plain figures out."""
