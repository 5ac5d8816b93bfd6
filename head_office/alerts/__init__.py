"""What somebody at head office must see to: noticed, kept, answered for, told on."""
