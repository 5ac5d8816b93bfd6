"""What was: each closed day of each branch as visits, in Parquet files, and what can be read from them."""
