"""Changes of a function over many runs, none of which is strange alone."""
