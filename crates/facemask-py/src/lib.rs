//! The compiled module `facemask._core`: a door, no algorithm.
