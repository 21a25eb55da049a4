//! Landmarks in the XML of annotation tools.
//!
//! Nothing is expanded: no entity, no document type. Only the attributes that hold landmarks are read.

mod attributes;
mod cvat;
mod imglab;
mod reader;

pub(crate) use reader::read;
