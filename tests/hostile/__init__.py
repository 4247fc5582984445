"""What an insider, an applicant and a stranger try; each test fails without the repair it names."""
