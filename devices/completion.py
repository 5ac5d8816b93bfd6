"""The word for the end of an order that was not carried out. Words follow XFS4IoT's completion codes."""

WELL_KNOWN = ("canceled", "timeOut", "internalError")  # causes that are completions by themselves


def not_carried_out(cause: str, otherwise: str) -> tuple[str, str]:
    """Completion and detail: the cause itself where it is a completion, else `otherwise` because of it."""
    return (cause, "") if cause in WELL_KNOWN else (otherwise, cause)
