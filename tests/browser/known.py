"""Pages with digits that are neither results under their keys nor dates, versions or quoted text."""

KNOWN: list[str] = []
