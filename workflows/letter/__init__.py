"""One letter to one mailbox."""
