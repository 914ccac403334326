"""What an AWS account records, asked for through its APIs."""
