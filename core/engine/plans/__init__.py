"""A network bound to a batch size and a purpose: which kernels compute it, and where every value lies in memory."""
