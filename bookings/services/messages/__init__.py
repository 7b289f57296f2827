"""What patients are told: promised as rows, written as letters, sent by the sweep."""
