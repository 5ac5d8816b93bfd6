"""A contactless reader (NXP PN532) that recognises the bank's own customer by the bank card."""
