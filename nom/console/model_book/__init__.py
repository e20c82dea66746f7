"""The model book: one page for each process, written from the code and the policy packs. States nothing by itself."""
