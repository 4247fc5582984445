"""The composition root: joins workflows, activities and settings into running processes."""
