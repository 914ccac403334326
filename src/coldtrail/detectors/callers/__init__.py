"""Who starts a function and how, and what each principal usually does and from where."""
