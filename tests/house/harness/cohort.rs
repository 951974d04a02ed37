//! A cohort as large as a survey needs, without its people: the cycle is frozen with members whom nobody ever meets. All of
//! them are counted in Nephrology, so that Internal Medicine stays what it is.

use holdspace::domain::id::ResidentId;
use holdspace::domain::offering::Rules;
use holdspace::domain::survey::{Answers, Sheet};
use holdspace::storage::{offerings, people, places, releases, survey_codes};
use holdspace::vault::Location;

use super::house::House;

impl House {
    /// Imports the small town, opens its offering, freezes the cycle's cohort at so many people, books everybody, and stays
    /// until the invitations are out.
    pub async fn has_invited_a_cohort_of(&self, people: usize, rules: Rules) {
        self.imports_the_sample_files().await;
        self.opens(rules).await;
        self.freezes_a_cohort_of(people).await;
        let booked = self.books().await;
        assert_eq!((booked.booked, booked.waiting), (self.town.people().len(), 0));
        self.post_goes().await;
        self.sleeps(5).await;
    }

    /// Freezes the cohort of the only offering's cycle at so many people: those on the roster, and strangers of Nephrology.
    pub async fn freezes_a_cohort_of(&self, size: usize) {
        let mut tx = self.store.write().await.unwrap();
        let offering = offerings::offerings(&mut tx).await.unwrap().pop().unwrap();
        let programs = places::programs(&mut tx, offering.institution).await.unwrap();
        let small = programs.iter().find(|program| program.code == "NEPH").unwrap().id;
        let mut members: Vec<_> = people::residents(&mut tx, offering.institution)
            .await
            .unwrap()
            .into_iter()
            .map(|row| (row.id, row.program))
            .collect();
        let strangers = (members.len()..size).map(|number| {
            let mut id = [0xee; 16];
            id[..8].copy_from_slice(&(number as u64).to_be_bytes());
            (ResidentId::from_bytes(id), small)
        });
        members.extend(strangers.collect::<Vec<_>>());
        assert!(places::freeze_cycle(&mut tx, offering.cycle, self.now().timestamp()).await.unwrap());
        for (id, program) in members {
            releases::add_member(&mut tx, offering.cycle, id, program).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// All sheets of the only survey, opened, with their codes and their sealed bytes.
    pub async fn sheets(&self) -> Vec<(String, Vec<u8>, Sheet)> {
        let mut db = self.store.read().await.unwrap();
        let offering = offerings::offerings(&mut db).await.unwrap().pop().unwrap();
        let rows = survey_codes::of_offering(&mut db, offering.id).await.unwrap();
        let opened = rows.into_iter().map(|row| {
            let id = row.id.to_string();
            let at = Location { column: "survey_codes.sealed", row: &id };
            let sheet = self.data_key(&row.key).open_value(at, &row.sealed).unwrap();
            (id, row.sealed, sheet)
        });
        opened.collect()
    }

    /// So many people whom nobody meets hand in sheets: four of five agree with everything that is asked.
    pub async fn strangers_answer(&self, many: usize) {
        let mut db = self.store.read().await.unwrap();
        let season = offerings::offerings(&mut db).await.unwrap().pop().unwrap().key.unwrap();
        drop(db);
        let free = self.sheets().await.into_iter().filter(|(_, _, sheet)| !sheet.given).take(many);
        let mut tx = self.store.write().await.unwrap();
        for (number, (id, before, _)) in free.enumerate() {
            let answer = if number % 5 == 0 { "2" } else { "4" };
            let answers = Answers::read(6, |_| Some(answer)).unwrap();
            let at = Location { column: "survey_codes.sealed", row: &id };
            let sheet = Sheet { given: true, answers };
            let after = self.data_key(&season).seal_at_size(at, &sheet, before.len()).unwrap();
            assert!(survey_codes::swap(&mut tx, id.parse().unwrap(), &before, after).await.unwrap());
        }
        tx.commit().await.unwrap();
    }
}
