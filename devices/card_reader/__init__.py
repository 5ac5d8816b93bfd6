"""A motorised card reader: it draws the card in, reads it and gives it back."""
