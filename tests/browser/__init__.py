"""Pages in a real Chromium: behaviour, accessibility, phones, and that nothing is fetched from elsewhere."""
