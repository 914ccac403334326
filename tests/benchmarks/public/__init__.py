"""Tests of the public data sets: samples in their forms, made up here."""
