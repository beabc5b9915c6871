-- What a group itself says on top of some mails, in each language. Nothing here is about a person.
CREATE TABLE mail_words (
    letter text NOT NULL,
    language text NOT NULL,
    said text NOT NULL,
    CONSTRAINT mail_words_pkey PRIMARY KEY (letter, language),
    CONSTRAINT mail_words_language_check CHECK (language IN ('nl', 'fr', 'en')),
    CONSTRAINT mail_words_said_check CHECK (length(said) BETWEEN 1 AND 1000)
);
