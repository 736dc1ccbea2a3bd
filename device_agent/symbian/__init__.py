"""The agent of a real phone, in Symbian C++, and the check that it is sound without a Symbian tool chain."""
