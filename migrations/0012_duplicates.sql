-- The same bytes that arrived before (domain.md 5, *same statement?*).
CREATE INDEX files_by_hash ON files (sha256) WHERE is_whole;
