"""Programs that PyTorch exported (`.pt2`) as documents."""
