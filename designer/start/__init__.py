"""What greets who starts: templates with pictures, recent files, and a tour of four steps."""
