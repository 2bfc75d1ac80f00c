"""What people receive, and how it leaves: real messages, a real SMTP server."""
