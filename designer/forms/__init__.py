"""Forms for declarations: a row with an editor for each setting, wherever settings are shown."""
