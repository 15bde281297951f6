-- Full-text search (FTS5). The text is prepared in core/src/search.rs, which sets the characters of
-- scripts without spaces apart, and every row carries its owner as a word, so that a search reads
-- only the postings of one person.
--
-- A backup leaves these tables out (D1's own export refuses a database that has them); restoring
-- fills them again from `emails` and `tasks`.

CREATE VIRTUAL TABLE email_search USING fts5 (
  owner, subject, people, body,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);

CREATE VIRTUAL TABLE task_search USING fts5 (
  owner, title, description, tokenize = 'unicode61 remove_diacritics 2'
);
