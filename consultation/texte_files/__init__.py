"""A texte as files: what it says with its sources, its figures and its annex, for PDF, DOCX and ODT alike."""
