"""A folder that grows: new files, lines and requests that are appended, files that are rotated."""
