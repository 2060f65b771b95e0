"""A ledger of numbers: what must stay equal to the last bit while code is moved."""
