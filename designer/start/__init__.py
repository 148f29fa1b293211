"""What greets the user at the start: templates with pictures, recent files, and a tour of four steps."""

from designer.start.gallery import Gallery
from designer.start.tour import Stop, Tour
from designer.start.welcome import Welcome

__all__ = ["Gallery", "Stop", "Tour", "Welcome"]
