//! Memory that a list holds.

/// The bytes that a list has room for.
pub(crate) fn room<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>()
}
