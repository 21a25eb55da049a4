//! Attributes of elements, and the coordinates in them.

use quick_xml::events::BytesStart;

use crate::landmark_file::coordinate_fault;
use crate::numbers::parse_number;

/// The coordinate in a text; `expected` is the error for a text that is no number.
pub(super) fn coordinate(text: &str, expected: &str) -> Result<f64, String> {
    let value = parse_number(text.trim()).ok_or(expected)?;
    coordinate_fault(value).map_or(Ok(value), |fault| Err(fault.to_owned()))
}

/// The text of an attribute, without entities resolved: numbers have none.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    // Without checks: those for repeated names take quadratic time.
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| "an attribute of the XML is damaged".to_owned())?;
        if attribute.key.as_ref() == name {
            return Ok(Some(attribute.value.into_owned()));
        }
    }
    Ok(None)
}
