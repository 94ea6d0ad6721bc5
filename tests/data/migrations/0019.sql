INSERT INTO mail_attachments (mail_id, position, file_id, file_name, media_type, size)
SELECT min(mail_id), 1, (SELECT min(file_id) FROM files), 'slides.pdf', 'application/pdf', 4 FROM mails;
