"""Runs on disk: kept while they train, so that none is lost; listed, resumed to the same bits, replayed."""
