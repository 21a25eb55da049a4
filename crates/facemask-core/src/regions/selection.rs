//! The selection of regions: names, ids and groups, resolved to the labels or zones that each region consists of.

use std::collections::BTreeMap;

use super::groups::{LABEL_GROUPS, RegionGroup, ZONE_GROUPS};
use super::scheme::LabelScheme;
use super::zones::{RegionSet, Zone};
use crate::error::{Error, Result};

/// Which regions a result has, and which labels or zones each of them merges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionSelection {
    entries: Vec<SelectionEntry>,
}

/// An entry of a selection, as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct SelectionEntry {
    /// The name of a group of the caller's own; `None` for an entry of a list.
    name: Option<String>,
    /// Names, ids or groups.
    members: Vec<String>,
}

/// A region to be made: its name, and the ids that it merges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelectedRegion {
    /// The name in the result.
    pub name: String,
    /// The ids of the labels or zones, ascending. Empty where the label scheme has none.
    pub ids: Vec<u8>,
}

impl SelectedRegion {
    /// The id in the result: the smallest one of its ids, whether or not the map shows it.
    #[must_use]
    pub fn id(&self) -> Option<u8> {
        self.ids.first().copied()
    }
}

/// The names that the ids of a map have.
#[derive(Clone, Copy, Debug)]
pub struct RegionVocabulary<'a> {
    /// What an id stands for.
    pub set: RegionSet,
    /// The scheme of the label map, if it is known.
    pub scheme: Option<&'static LabelScheme>,
    /// The caller's names by id, which take precedence.
    pub names: &'a BTreeMap<u8, String>,
}

impl RegionSelection {
    /// The most entries of a selection, and the most members of a group: one for every id, and some more names.
    pub const MAX_ENTRIES: usize = 256;
    /// The maximum length of a name, in characters.
    pub const MAX_NAME: usize = 100;

    /// A region for each name, id or group.
    ///
    /// # Errors
    /// `option_invalid` for no entry, for too many, and for texts that are no names.
    pub fn from_list(entries: Vec<String>) -> Result<Self> {
        check_members("regions", &entries)?;
        let entry = |member| SelectionEntry { name: None, members: vec![member] };
        Ok(Self { entries: entries.into_iter().map(entry).collect() })
    }

    /// A region for each group of the caller's own: its name, and the names, ids or groups that it merges.
    ///
    /// # Errors
    /// As [`Self::from_list`].
    pub fn from_groups(groups: BTreeMap<String, Vec<String>>) -> Result<Self> {
        check_members("regions", &groups.keys().cloned().collect::<Vec<_>>())?;
        for (name, members) in &groups {
            check_members(&format!("regions.{name}"), members)?;
        }
        let entry = |(name, members)| SelectionEntry { name: Some(name), members };
        Ok(Self { entries: groups.into_iter().map(entry).collect() })
    }

    /// What the entries are names of: zones where one of them is known as a zone only, and none as a label only.
    #[must_use]
    pub fn region_set(&self, names: &BTreeMap<u8, String>) -> RegionSet {
        let vocabulary = |set| RegionVocabulary { set, scheme: None, names };
        let (labels, zones) = (vocabulary(RegionSet::Labels), vocabulary(RegionSet::Zones));
        let mut members = self.entries.iter().flat_map(|entry| &entry.members);
        // An id tells nothing: a zone has one too.
        let is_label_only =
            |member: &String| parse_id(member).is_none() && labels.knows(member) && !zones.knows(member);
        let is_zone_only = |member: &String| zones.knows(member) && !labels.knows(member);
        let has_zones = members.clone().any(is_zone_only);
        if has_zones && !members.any(is_label_only) { RegionSet::Zones } else { RegionSet::Labels }
    }

    /// The regions to be made, by ascending id. Those without ids come last.
    ///
    /// # Errors
    /// `option_invalid` for a name that is not known, a mixture of labels and zones, and a label in two regions.
    pub fn resolve(&self, vocabulary: &RegionVocabulary<'_>) -> Result<Vec<SelectedRegion>> {
        let mut owner: [Option<usize>; 256] = [None; 256];
        let mut regions: Vec<SelectedRegion> = Vec::new();
        for entry in &self.entries {
            let mut ids = Vec::new();
            for member in &entry.members {
                ids.extend(vocabulary.ids_of(member)?);
            }
            ids.sort_unstable();
            ids.dedup();
            let name = entry.result_name(&ids, vocabulary);
            for &id in &ids {
                if let Some(other) = owner[usize::from(id)].replace(regions.len()) {
                    let (what, label) = (vocabulary.noun(), vocabulary.name_of(id));
                    let detail = format!(
                        "the {what} {label:?} ({id}) is in both {:?} and {name:?}, and regions cannot overlap; leave \
                         one of them out, or trace the face once for each",
                        regions[other].name
                    );
                    return Err(Error::option("regions", detail));
                }
            }
            regions.push(SelectedRegion { name, ids });
        }
        regions.sort_by_key(|region| (region.ids.is_empty(), region.id()));
        Ok(regions)
    }
}

impl SelectionEntry {
    /// The name of a region: the caller's own, that of a group, or that of the only id.
    fn result_name(&self, ids: &[u8], vocabulary: &RegionVocabulary<'_>) -> String {
        match (&self.name, ids) {
            (Some(name), _) => name.clone(),
            (None, &[id]) if vocabulary.find_group(&self.members[0]).is_none() => vocabulary.name_of(id),
            (None, _) => self.members[0].clone(),
        }
    }
}

impl RegionVocabulary<'_> {
    /// The name of a region: the caller's, else that of the scheme or zone, else the id.
    #[must_use]
    pub fn name_of(&self, id: u8) -> String {
        let custom = self.names.get(&id).map(String::as_str);
        let known = || match self.set {
            RegionSet::Labels => self.scheme.and_then(|scheme| scheme.names.get(usize::from(id))).copied(),
            RegionSet::Zones => Zone::name_of(id),
        };
        custom.or_else(known).map_or_else(|| id.to_string(), str::to_owned)
    }

    fn noun(&self) -> &'static str {
        match self.set {
            RegionSet::Labels => "label",
            RegionSet::Zones => "zone",
        }
    }

    fn groups(&self) -> &'static [RegionGroup] {
        match self.set {
            RegionSet::Labels => &LABEL_GROUPS,
            RegionSet::Zones => &ZONE_GROUPS,
        }
    }

    /// The largest id that there can be.
    fn max_id(&self) -> u8 {
        match self.set {
            RegionSet::Labels => u8::MAX,
            RegionSet::Zones => Zone::ALL.len() as u8,
        }
    }

    /// The names of the scheme or of the zones, with their ids.
    fn own_names(&self) -> Vec<(u8, &'static str)> {
        match self.set {
            RegionSet::Labels => {
                let names = self.scheme.map_or(&[][..], |scheme| scheme.names);
                (0..).zip(names.iter().copied()).skip(1).collect()
            }
            RegionSet::Zones => Zone::ALL.iter().map(|zone| (zone.id, zone.name)).collect(),
        }
    }

    fn find_group(&self, name: &str) -> Option<&'static RegionGroup> {
        let is_own = |id_and_name: (&u8, &String)| *id_and_name.0 > 0 && id_and_name.1 == name;
        let group = self.groups().iter().find(|group| group.name == name);
        group.filter(|_| {
            !self.names.iter().any(is_own) && self.own_names().iter().all(|(_, own)| *own != name)
        })
    }

    /// Whether a text is an id, a name or a group, in any scheme.
    fn knows(&self, text: &str) -> bool {
        let is_known_name = match self.set {
            RegionSet::Labels => {
                LabelScheme::ALL.iter().any(|scheme| scheme.id(text).is_some_and(|id| id > 0))
            }
            RegionSet::Zones => Zone::from_name(text).is_some(),
        };
        is_known_name
            || parse_id(text).is_some_and(|id| (1..=u32::from(self.max_id())).contains(&id))
            || self.names.iter().any(|(&id, name)| id > 0 && name == text)
            || self.groups().iter().any(|group| group.name == text)
    }

    /// The ids that a text stands for: an id, the ids of that name, or those of a group. None where the scheme lacks a
    /// name of other schemes.
    fn ids_of(&self, text: &str) -> Result<Vec<u8>> {
        if let Some(id) = parse_id(text) {
            let is_possible = (1..=u32::from(self.max_id())).contains(&id);
            return if is_possible { Ok(vec![id as u8]) } else { Err(self.unknown(text)) };
        }
        let own_names = self.own_names();
        let custom = self.names.iter().filter(|&(&id, name)| id > 0 && name == text).map(|(&id, _)| id);
        let own = own_names.iter().filter(|(id, name)| *name == text && !self.names.contains_key(id));
        let mut ids: Vec<u8> = custom.chain(own.map(|&(id, _)| id)).collect();
        if ids.is_empty() {
            // A name of the scheme that the caller has replaced.
            ids.extend(own_names.iter().filter(|(_, name)| *name == text).map(|&(id, _)| id));
        }
        if !ids.is_empty() {
            return Ok(ids);
        }
        if !self.knows(text) {
            return Err(self.unknown(text));
        }
        if self.set == RegionSet::Labels && self.scheme.is_none() {
            let detail = format!(
                "{text:?} is a name of label schemes, and the scheme of this label map is not known; name the \
                 label_scheme, or select by id or by a name of label_names"
            );
            return Err(Error::option("regions", detail));
        }
        let members =
            self.groups().iter().find(|group| group.name == text).map_or(&[][..], |group| group.members);
        Ok(own_names.iter().filter(|(_, name)| members.contains(name)).map(|&(id, _)| id).collect())
    }

    /// The error for a text that names nothing here.
    fn unknown(&self, text: &str) -> Error {
        let other = match self.set {
            RegionSet::Labels => Self { set: RegionSet::Zones, ..*self },
            RegionSet::Zones => Self { set: RegionSet::Labels, ..*self },
        };
        if parse_id(text).is_none() && other.knows(text) {
            let (noun, other) = (self.noun(), other.noun());
            let detail = format!(
                "{text:?} is a {other}, and others are known as a {noun} only; one result has labels or zones, so \
                 trace the face once for each"
            );
            return Error::option("regions", detail);
        }
        if RegionSet::NAMES.iter().any(|(name, _)| *name == text) {
            let detail = format!("{text:?} is the whole value of the option, and no name in a list");
            return Error::option("regions", detail);
        }
        let groups: Vec<_> = self.groups().iter().map(|group| group.name).collect();
        let named = self.own_names().into_iter().map(|(id, _)| id).chain(self.names.keys().copied());
        let ids: std::collections::BTreeSet<u8> = named.filter(|&id| id > 0).collect();
        let more = ids.len().saturating_sub(MAX_LISTED);
        let names = ids.into_iter().take(MAX_LISTED).map(|id| self.name_of(id));
        let names: Vec<_> = names.chain((more > 0).then(|| format!("{more} more names"))).collect();
        let of_zones = match self.set {
            RegionSet::Labels => {
                let zones: Vec<_> = Zone::ALL.iter().map(|zone| zone.name).collect();
                format!("; the zones {}", zones.join(", "))
            }
            RegionSet::Zones => String::new(),
        };
        let names = if names.is_empty() { String::new() } else { format!("{}; ", names.join(", ")) };
        let detail = format!(
            "no {} is called {text:?}; there are {names}the groups {}{of_zones}; and the ids 1 to {}",
            self.noun(),
            groups.join(", "),
            self.max_id()
        );
        Error::option("regions", detail)
    }
}

/// The most names that an error lists.
const MAX_LISTED: usize = 64;

/// A number without sign or leading zero.
fn parse_id(text: &str) -> Option<u32> {
    text.parse::<u32>().ok().filter(|id| id.to_string() == text)
}

fn check_members(field: &str, members: &[String]) -> Result<()> {
    let max = RegionSelection::MAX_ENTRIES;
    if members.is_empty() || members.len() > max {
        let rule = format!("must hold 1 to {max} names, ids or groups, got {}", members.len());
        return Err(Error::option(field, rule));
    }
    let is_name = |member: &&String| (1..=RegionSelection::MAX_NAME).contains(&member.chars().count());
    match members.iter().find(|member| !is_name(member)) {
        Some(member) => {
            let (max, count) = (RegionSelection::MAX_NAME, member.chars().count());
            Err(Error::option(field, format!("a name has 1 to {max} characters, got one of {count}")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> RegionSelection {
        RegionSelection::from_list(entries.iter().map(|&entry| entry.to_owned()).collect()).unwrap()
    }

    fn resolve(
        entries: &[&str],
        scheme: Option<&str>,
        names: &[(u8, &str)],
    ) -> Result<Vec<(u8, String, Vec<u8>)>> {
        let names: BTreeMap<u8, String> = names.iter().map(|&(id, name)| (id, name.to_owned())).collect();
        let selection = list(entries);
        let scheme = scheme.and_then(LabelScheme::from_name);
        let set = selection.region_set(&names);
        let regions = selection.resolve(&RegionVocabulary { set, scheme, names: &names })?;
        Ok(regions.into_iter().map(|region| (region.id().unwrap_or(0), region.name, region.ids)).collect())
    }

    fn region(id: u8, name: &str, ids: &[u8]) -> (u8, String, Vec<u8>) {
        (id, name.to_owned(), ids.to_vec())
    }

    fn detail(entries: &[&str], scheme: Option<&str>, names: &[(u8, &str)]) -> String {
        let error = resolve(entries, scheme, names).unwrap_err();
        assert_eq!((error.kind.code(), error.field.as_str()), ("option_invalid", "regions"));
        error.detail
    }

    #[test]
    fn names_ids_and_groups_of_a_scheme() {
        let lapa = Some("lapa-11");
        let expected = [region(1, "skin", &[1]), region(4, "eye_r", &[4]), region(7, "lips", &[7, 9])];
        assert_eq!(resolve(&["lips", "4", "skin"], lapa, &[]).unwrap(), expected);
        let expected = [region(1, "face", &[1, 2, 3, 4, 5, 6, 7, 8, 9]), region(10, "hair", &[10])];
        assert_eq!(resolve(&["hair", "face"], lapa, &[]).unwrap(), expected);
        assert_eq!(
            resolve(&["face"], Some("mediapipe-multiclass-6"), &[]).unwrap(),
            [region(3, "face", &[3])]
        );
        assert_eq!(resolve(&["200"], None, &[]).unwrap(), [region(200, "200", &[200])]);
    }

    #[test]
    fn names_of_the_caller_come_first_and_shared_ones_merge() {
        let names = [(2, "brow"), (3, "brow"), (6, "lips"), (4, "right eye")];
        let expected = [region(2, "brow", &[2, 3]), region(4, "right eye", &[4]), region(6, "lips", &[6])];
        assert_eq!(resolve(&["brow", "lips", "eye_r"], Some("lapa-11"), &names).unwrap(), expected);
        assert_eq!(resolve(&["4", "6"], None, &names).unwrap(), expected[1..]);
    }

    #[test]
    fn what_other_schemes_name_is_missing_and_what_none_names_is_an_error() {
        let expected = [region(6, "nose", &[6]), region(0, "ears", &[]), region(0, "hat", &[])];
        assert_eq!(resolve(&["ears", "hat", "nose"], Some("lapa-11"), &[]).unwrap(), expected);
        let text = detail(&["lip"], Some("lapa-11"), &[(6, "snout")]);
        assert!(text.contains("\"lip\"") && text.contains("eye_l, snout, lip_upper"), "{text}");
        assert!(text.contains("groups face, head") && text.contains("zones forehead"), "{text}");
        for id in ["0", "256", "background", "04", "-1"] {
            assert!(detail(&[id], Some("lapa-11"), &[]).contains("1 to 255"), "{id}");
        }
        assert!(detail(&["nose"], None, &[]).contains("label_scheme"));
        assert!(detail(&["lips"], None, &[]).contains("label_scheme"));
    }

    #[test]
    fn a_zone_makes_all_entries_zones() {
        let expected = [region(1, "forehead", &[1]), region(5, "nose", &[5]), region(8, "cheeks", &[8, 9])];
        assert_eq!(resolve(&["nose", "cheeks", "forehead"], Some("lapa-11"), &[]).unwrap(), expected);
        assert_eq!(resolve(&["chin", "13"], None, &[]).unwrap()[1], region(13, "brow_l", &[13]));
        for entries in [["forehead", "hair"], ["eyes", "cheek_l"]] {
            let text = detail(&entries, Some("lapa-11"), &[]);
            assert!(text.contains("is a zone") && text.contains("once for each"), "{text}");
        }
        assert!(detail(&["chin", "14"], None, &[]).contains("1 to 13"));
        // The caller's own label of that name.
        let expected = [region(10, "hair", &[10]), region(77, "forehead", &[77])];
        assert_eq!(resolve(&["forehead", "hair"], Some("lapa-11"), &[(77, "forehead")]).unwrap(), expected);
    }

    #[test]
    fn a_label_is_in_one_region() {
        for entries in [["face", "nose"], ["6", "nose"], ["lips", "mouth"], ["nose", "nose"]] {
            assert!(detail(&entries, Some("lapa-11"), &[]).contains("cannot overlap"), "{entries:?}");
        }
        assert!(detail(&["cheeks", "cheek_r"], Some("lapa-11"), &[]).contains("the zone \"cheek_r\""));
    }

    #[test]
    fn groups_of_the_caller_merge_anything() {
        let groups = [("b", vec!["lips", "6"]), ("a", vec!["hair", "hair", "hat"]), ("c", vec!["hat"])];
        let to_owned = |members: &Vec<&str>| members.iter().map(|&member| member.to_owned()).collect();
        let groups = groups.iter().map(|(name, members)| ((*name).to_owned(), to_owned(members))).collect();
        let selection = RegionSelection::from_groups(groups).unwrap();
        let vocabulary = RegionVocabulary {
            set: RegionSet::Labels,
            scheme: LabelScheme::from_name("lapa-11"),
            names: &BTreeMap::new(),
        };
        let regions = selection.resolve(&vocabulary).unwrap();
        let found: Vec<_> =
            regions.iter().map(|region| (region.name.as_str(), region.ids.as_slice())).collect();
        assert_eq!(found, [("b", &[6, 7, 9][..]), ("a", &[10][..]), ("c", &[][..])]);
    }

    #[test]
    fn sizes_are_bounded() {
        let many = vec!["1".to_owned(); 257];
        for entries in [vec![], many, vec![String::new()], vec!["x".repeat(101)]] {
            let error = RegionSelection::from_list(entries.clone()).unwrap_err();
            assert_eq!(error.field, "regions");
            let groups = BTreeMap::from([("a".to_owned(), entries)]);
            assert_eq!(RegionSelection::from_groups(groups).unwrap_err().field, "regions.a");
        }
        assert!(RegionSelection::from_groups(BTreeMap::new()).is_err());
    }
}
