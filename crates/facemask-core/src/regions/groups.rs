//! Groups: names for several labels, or several zones, of one kind.

/// A group of labels or zones.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RegionGroup {
    /// The name, which no label has.
    pub(super) name: &'static str,
    /// The names of its members. A scheme may lack some of them.
    pub(super) members: &'static [&'static str],
}

/// The groups of labels. A scheme without a member has the group without it.
pub(super) static LABEL_GROUPS: [RegionGroup; 8] = [
    RegionGroup {
        name: "face",
        members: &[
            "skin",
            "brow_r",
            "brow_l",
            "eye_r",
            "eye_l",
            "nose",
            "lip_upper",
            "mouth_inner",
            "lip_lower",
            "glasses",
        ],
    },
    RegionGroup {
        name: "head",
        members: &[
            "skin",
            "brow_r",
            "brow_l",
            "eye_r",
            "eye_l",
            "nose",
            "lip_upper",
            "mouth_inner",
            "lip_lower",
            "glasses",
            "hair",
            "hat",
            "ear_r",
            "ear_l",
            "earring",
        ],
    },
    RegionGroup { name: "body", members: &["neck", "necklace", "cloth", "skin_body"] },
    RegionGroup { name: "eyes", members: &["eye_r", "eye_l"] },
    RegionGroup { name: "brows", members: &["brow_r", "brow_l"] },
    RegionGroup { name: "ears", members: &["ear_r", "ear_l"] },
    RegionGroup { name: "lips", members: &["lip_upper", "lip_lower"] },
    RegionGroup { name: "mouth", members: &["lip_upper", "mouth_inner", "lip_lower"] },
];

/// The groups of zones.
pub(super) static ZONE_GROUPS: [RegionGroup; 4] = [
    RegionGroup { name: "under_eyes", members: &["under_eye_r", "under_eye_l"] },
    RegionGroup { name: "cheeks", members: &["cheek_r", "cheek_l"] },
    RegionGroup { name: "ears", members: &["ear_r", "ear_l"] },
    RegionGroup { name: "brows", members: &["brow_r", "brow_l"] },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regions::{LabelScheme, Zone};

    #[test]
    fn members_are_labels_and_zones_and_no_group_is_called_as_one() {
        let is_label = |name: &str| LabelScheme::ALL.iter().any(|scheme| scheme.id(name).is_some());
        for group in &LABEL_GROUPS {
            assert!(group.members.iter().all(|name| is_label(name)), "{}", group.name);
            assert!(!is_label(group.name), "{}", group.name);
        }
        for group in &ZONE_GROUPS {
            assert!(group.members.iter().all(|name| Zone::from_name(name).is_some()), "{}", group.name);
            assert!(Zone::from_name(group.name).is_none(), "{}", group.name);
        }
    }

    #[test]
    fn the_face_is_what_a_scheme_calls_face_and_its_glasses() {
        for scheme in LabelScheme::ALL {
            for (id, name) in (0..).zip(scheme.names).skip(1) {
                let is_member = LABEL_GROUPS[0].members.contains(name);
                assert_eq!(is_member, scheme.is_face(id) || *name == "glasses", "{} {name}", scheme.name);
            }
        }
        // Every label is part of the head or of the body, but for what MediaPipe does not tell apart.
        for scheme in LabelScheme::ALL {
            let is_in = |group: &RegionGroup, name: &str| group.members.contains(&name);
            for name in scheme.names.iter().skip(1).filter(|name| **name != "accessory") {
                assert!(is_in(&LABEL_GROUPS[1], name) != is_in(&LABEL_GROUPS[2], name), "{name}");
            }
        }
    }
}
