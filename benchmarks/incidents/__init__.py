"""Attacks beyond single runs on the testbed: is each told as one case, how soon, and what else is told?"""
