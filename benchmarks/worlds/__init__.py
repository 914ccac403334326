"""Random applications that nobody drew by hand: how well does what was learned carry over?"""
