"""The only room that makes English of findings: phrases, sentences, titles, commands, lines."""
