"""Public data sets of others, supplied by path: the log of HDFS and the traces of TrainTicket.

Each is read into a `Split` (`hdfs`, `trainticket`). Its sessions become native events (`events`), from which
`coldtrail train` and `coldtrail score` give figures (`judging`) to stand beside published ones (`report`).
Nothing is downloaded. `imitation` makes up sessions like HDFS's, for where its file is not at hand.
"""
