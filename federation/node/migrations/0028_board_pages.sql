-- Pages about the group beside news, dates and documents, and what a group tells in more than one
-- language: the same title and text, each in a language (`others`).
ALTER TABLE board_item
    DROP CONSTRAINT board_item_kind_check,
    ADD CONSTRAINT board_item_kind_check CHECK (kind IN ('news', 'date', 'document', 'page'));
ALTER TABLE plain.board_item ADD COLUMN others jsonb NOT NULL DEFAULT '[]';
