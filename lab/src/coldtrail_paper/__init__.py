"""The paper's experiment, whole: runs, training, update, tables, figures; and an enquiry into its recipe."""
