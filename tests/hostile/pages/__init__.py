"""The console's pages in the hands of everybody there is: who comes to which, and what he gets."""
