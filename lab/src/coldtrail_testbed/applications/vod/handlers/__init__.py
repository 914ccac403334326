"""The Lambda handlers of video on demand: boto3 and X-Ray SDK code, configured by the environment alone."""
