"""How the kiosk looks: colours, letters, icons, and the few widgets all screens are made of."""
