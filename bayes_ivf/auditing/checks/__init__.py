"""One check per file: each module here with NAME, QUESTION, applies_to and run is found by being here."""
