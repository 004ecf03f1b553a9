"""The ground floor: settings, database, time, text, forms, letters. It knows no article and no comment."""
