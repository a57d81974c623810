//! How a scorecard is shown.
