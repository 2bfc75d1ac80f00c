"""What people receive by mail, and how it leaves."""
