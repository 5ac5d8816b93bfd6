"""HEAD OFFICE. Listens to every branch, keeps what they report, and shows them live."""

VERSION = "0.1.0"
