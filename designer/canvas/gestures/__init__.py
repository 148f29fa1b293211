"""What hands do on the canvas: each gesture starts, is updated, and ends with a commit or without a trace."""
