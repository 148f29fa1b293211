"""What greets the user at the start: templates with pictures, recent files, and a tour of four steps."""
