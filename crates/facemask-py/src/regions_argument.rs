//! The option `regions` as a Python argument: a word, a list of names, or groups by name.

use std::collections::BTreeMap;

use facemask_core::error::{Error, Result, quote};
use facemask_core::trace::{RegionSelection, RegionSet};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyString, PyTuple};

/// What regions are, and which of them the result has.
pub(crate) struct RegionsArgument {
    pub(crate) set: RegionSet,
    pub(crate) selection: Option<RegionSelection>,
}

impl RegionsArgument {
    /// Reads the argument. `None` stands for every label.
    ///
    /// # Errors
    ///
    /// `option_invalid` with the path of what is neither a name nor an id.
    pub(crate) fn parse(given: Option<&Bound<'_, PyAny>>) -> Result<Self> {
        let selected = |selection| Ok(Self { set: RegionSet::Labels, selection: Some(selection) });
        let Some(given) = given else { return Ok(Self { set: RegionSet::Labels, selection: None }) };
        if let Ok(word) = given.cast::<PyString>() {
            let word = to_text(word, "regions")?;
            let own = RegionSet::NAMES.iter().find(|(name, _)| *name == word);
            return own.map(|&(_, set)| Self { set, selection: None }).ok_or_else(|| {
                let names = RegionSet::NAMES.map(|(name, _)| name).join(" or ");
                let detail = format!(
                    "must be {names}, got {}; names go in a list, such as [\"lips\", \"eye_r\"]",
                    quote(&word)
                );
                Error::option("regions", detail)
            });
        }
        let Ok(groups) = given.cast::<PyDict>() else {
            return selected(RegionSelection::from_list(read_names(given, "regions")?)?);
        };
        check_length(groups.len(), "regions")?;
        let mut members = BTreeMap::new();
        for (name, value) in groups {
            let name = read_name(&name, "regions")?;
            let names = if value.is_instance_of::<PyString>() || value.is_instance_of::<PyInt>() {
                vec![read_name(&value, &format!("regions.{name}"))?]
            } else {
                read_names(&value, &format!("regions.{name}"))?
            };
            members.insert(name, names);
        }
        selected(RegionSelection::from_groups(members)?)
    }
}

/// Reads a list or tuple of names and ids.
fn read_names(given: &Bound<'_, PyAny>, field: &str) -> Result<Vec<String>> {
    let items: Vec<Bound<'_, PyAny>> = if let Ok(list) = given.cast::<PyList>() {
        check_length(list.len(), field)?;
        list.iter().collect()
    } else if let Ok(tuple) = given.cast::<PyTuple>() {
        check_length(tuple.len(), field)?;
        tuple.iter().collect()
    } else {
        let rule = "must be labels or zones, a list of names and ids, or lists of them by name";
        return Err(Error::option(field, format!("{rule}, got a value of type {}", type_name(given))));
    };
    items.iter().enumerate().map(|(i, item)| read_name(item, &format!("{field}[{i}]"))).collect()
}

fn check_length(length: usize, field: &str) -> Result<()> {
    let max = RegionSelection::MAX_ENTRIES;
    let is_possible = (1..=max).contains(&length);
    let rule = || format!("must hold 1 to {max} names, ids or groups, got {length}");
    is_possible.then_some(()).ok_or_else(|| Error::option(field, rule()))
}

/// Reads a name or an id.
fn read_name(given: &Bound<'_, PyAny>, field: &str) -> Result<String> {
    if let Ok(text) = given.cast::<PyString>() {
        return to_text(text, field);
    }
    if given.is_instance_of::<PyInt>() && !given.is_instance_of::<PyBool>() {
        // An id of many digits has no text, and is none.
        return Ok(given.extract::<i64>().map_or_else(|_| "a huge number".to_owned(), |id| id.to_string()));
    }
    Err(Error::option(field, format!("must be a name or an id, got a value of type {}", type_name(given))))
}

fn to_text(text: &Bound<'_, PyString>, field: &str) -> Result<String> {
    let detail = "must be Unicode text, got the half of a character";
    text.to_str().map(str::to_owned).map_err(|_| Error::option(field, detail))
}

fn type_name(given: &Bound<'_, PyAny>) -> String {
    given.get_type().name().map_or_else(|_| "unknown".to_owned(), |name| name.to_string())
}
