"""The log: canonical bytes, keys, signatures, Merkle tree, sequencer. Knows nothing of LETS."""
