//! Nothing of EX11 is timed.

witness::workloads! {}
