"""`ctxlint --lsp`: findings and fixes in an editor, over the Language Server Protocol."""
