"""What head office says from afar: configurations, on trial before they are kept, and messages to show."""
