"""SAM templates of the applications, made from the same data that the local cloud deploys."""
