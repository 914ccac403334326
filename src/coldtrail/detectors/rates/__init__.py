"""How often functions run: more than they ever did, more than their callers explain, or not at all."""
