"""What X-Ray's SDKs and ADOT's layers for Lambda send to the X-Ray daemon, taken in in its place."""
