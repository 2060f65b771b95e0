"""What cannot be written as machine code here."""


class Untranslatable(Exception):  # noqa: N818
    """A graph holds something that has no rule; the usual way of compiling takes it.

    Parameters
    ----------
    what : str
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"no rule for {what}")
