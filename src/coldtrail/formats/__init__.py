"""One file or folder a format: a document in, what it says out; pure, and ignorant of each other."""
