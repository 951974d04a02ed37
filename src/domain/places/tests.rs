//! Programs, sites and therapists as their files have them.

use super::*;
use crate::domain::people::Modality;
use crate::domain::roster::KnownPlaces;

fn tables(bytes: &[u8]) -> Vec<Table> {
    crate::intake::read(bytes, "f").unwrap()
}

fn known() -> KnownPlaces {
    KnownPlaces {
        programs: programs(&tables(include_bytes!("../../../demo/programs.csv")))
            .taken
            .into_iter()
            .map(|one| one.1.code)
            .collect(),
        sites: sites(&tables(include_bytes!("../../../demo/sites.csv")))
            .taken
            .into_iter()
            .map(|one| one.1.name)
            .collect(),
        ..KnownPlaces::default()
    }
}

#[test]
fn the_sample_files_read_as_they_stand() {
    let programs = programs(&tables(include_bytes!("../../../demo/programs.csv")));
    let mut text: Vec<String> = programs
        .taken
        .iter()
        .map(|(line, p)| {
            format!("{line} {} {} {} {} {}", p.code, p.name, p.zone, p.state.as_str(), p.coordinator.reveal())
        })
        .collect();
    let sites = sites(&tables(include_bytes!("../../../demo/sites.csv")));
    text.extend(sites.taken.iter().map(|one| format!("{one:?}")));
    let therapists = therapists(&tables(include_bytes!("../../../demo/therapists.csv")), &known());
    text.extend(therapists.taken.iter().map(|(line, t)| {
        let who = (t.identity.reveal_given(), t.identity.reveal_family(), t.identity.address().reveal());
        let more = (&t.modalities, &t.sites, &t.languages, &t.gender, &t.licensed_states, &t.supervises);
        format!("{line} {who:?} {more:?} {:?}", t.places)
    }));
    text.extend(therapists.refused.iter().chain(&therapists.warnings).map(ToString::to_string));
    insta::assert_snapshot!(text.join("\n"));
    assert!(programs.refused.is_empty() && sites.refused.is_empty() && therapists.refused.is_empty());
}

#[test]
fn nobody_is_booked_by_video_without_a_video_address() {
    let file = "name,email,modality,licensed_states,video_url,sites\nAnn Lee,a@x.org,video,CO,,\nBo Lee,b@x.org,zoom;phone,co;nm,https://v.org/1,Denver main";
    let drafts = therapists(&tables(file.as_bytes()), &known());
    let warnings: Vec<String> = drafts.warnings.iter().map(ToString::to_string).collect();
    assert!(
        warnings[0].contains("line 2, column “video_url”: nobody will be booked by video: no video address")
    );
    assert!(warnings[1].contains("line 3: nobody will be booked by telephone: no number"));
    assert_eq!(drafts.taken[1].1.modalities, [Modality::Video, Modality::Phone]);
    assert_eq!(drafts.taken[1].1.sites, ["Denver Main"]);
}

#[test]
fn what_is_not_known_is_refused_with_the_verb_that_makes_it_known() {
    let file = "name,email,modality,licensed_states,sites,supervises,video_url\nA,a@x.org,video,CO,Mars,,\nB,b@x.org,video,CO,,XX,\nC,c@x.org,dance,CO,,,\nD,d@x.org,video,Colorado,,,\nE,e@x.org,video,CO,,,http://x.org\nF,f,video,CO,,,\nG,g@x.org,phone,CO,,,\nG,g@x.org,phone,CO,,,";
    let drafts = therapists(&tables(file.as_bytes()), &known());
    let refused: Vec<String> = drafts.refused.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(refused.join("\n"));
    assert_eq!(drafts.taken.len(), 1);
    let programs = programs(&tables(b"code,zone,state,coordinator\nIM,Mars/Base,CO,a@x.org\nim,America/Denver,CO,a@x.org\nIM,America/Denver,CO,a@x.org\nEM,America/Denver,CO,"));
    assert_eq!((programs.taken.len(), programs.refused.len()), (1, 3));
}
