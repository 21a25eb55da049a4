//! Heap memory of a list.

/// The bytes that a list has allocated, used or not.
pub(crate) fn heap_bytes<T>(list: &Vec<T>) -> usize {
    list.capacity() * size_of::<T>()
}
