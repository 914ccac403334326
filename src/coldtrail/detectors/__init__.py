"""One file or folder a detector: arrays of flows in, a score per channel and the evidence for it out."""
