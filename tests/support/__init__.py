"""Test data, oracles, clients and servers that several folders of tests, the benchmarks and the fuzzers share."""
