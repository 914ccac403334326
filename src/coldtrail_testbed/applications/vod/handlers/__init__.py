"""The Lambda handlers of video on demand: ordinary boto3 and X-Ray SDK code, configured by the environment."""
