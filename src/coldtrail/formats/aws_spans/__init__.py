"""The log group `aws/spans`: spans as CloudWatch keeps what X-Ray receives."""
