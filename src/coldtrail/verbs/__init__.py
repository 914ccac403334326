"""What Coldtrail does, one function a verb: the command line prints what these give."""
