"""What shows that the record is as it was written: anchors over its chains, exports, verification."""
