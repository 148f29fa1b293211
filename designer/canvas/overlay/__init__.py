"""What floats above the drawing: minimap, zoom, breadcrumbs, and the fields that names are typed into."""
