"""What a scorer is made of: input columns, pipeline stages, trees, and the file that holds them. No Spark here."""
