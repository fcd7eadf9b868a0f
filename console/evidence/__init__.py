"""Evidence forms: what each fact and step asks for, drawn on the case page and read back as facts."""
