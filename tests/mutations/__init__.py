"""Mutations of every module that takes part in numbers: the version must change whenever a number does."""
