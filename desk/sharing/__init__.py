"""Sharing customers' data: application, approval, encrypted export, log of use (R-E2)."""
