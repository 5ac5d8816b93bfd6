"""What branch staff work with: their routes and their page."""
