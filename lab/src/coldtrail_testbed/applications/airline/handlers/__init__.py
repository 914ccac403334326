"""The airline's Lambda handlers: ordinary boto3 and X-Ray SDK code, configured by the environment alone."""
