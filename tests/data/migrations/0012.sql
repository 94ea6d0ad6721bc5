INSERT INTO files (size, sha256, media_type, format_name, is_whole) VALUES (4, sha256('%PDF'), 'application/pdf', 'PDF', true);
