//! Authorities, units and people of the demo. The names are invented; likeness to anyone is chance.

use super::{
    Authority, Domain, Person,
    Role::{Admin, Auditor, Handler, Registrar, Steering, UnitManager},
    Unit,
};

/// Keys and Swedish labels of the subjects, in the order in which the interface offers them.
pub const SUBJECTS: &[(&str, &str)] = &[
    ("children", "Barn och unga"),
    ("adults", "Vuxna"),
    ("violence", "Våld i nära relation"),
    ("addiction", "Skadligt bruk och beroende"),
    ("disability", "Funktionsnedsättning"),
    ("elderly", "Äldre"),
    ("economy", "Ekonomi och försörjning"),
    ("school", "Skola"),
    ("psychiatry", "Psykisk ohälsa"),
];

pub const AUTHORITIES: &[Authority] = &[
    Authority {
        key: "granasa",
        name: "Social- och utbildningsnämnden, Granåsa kommun",
        domains: &[Domain { key: "socialtjanst", name: "Socialtjänst" }, Domain { key: "elevhalsa", name: "Skola och elevhälsa" }],
    },
    Authority {
        key: "norrdala",
        name: "Hälso- och sjukvårdsnämnden, Region Norrdala",
        domains: &[Domain { key: "vard", name: "Hälso- och sjukvård" }],
    },
];

/// The three units of social services stand in for each other in a ring: whoever manages both sides of a question decides for neither, so two
/// units that back each other up would leave what is held between them to nobody.
pub const UNITS: &[Unit] = &[
    Unit {
        key: "barn",
        name: "Barn och unga",
        authority: "granasa",
        domain: "socialtjanst",
        municipality: "1980",
        subjects: &["children", "violence"],
        target_days: 3,
        phone: "0980-319 204",
        small: false,
        backup_manager: "karin.sjoberg",
        backup_unit: Some("vuxen"),
    },
    Unit {
        key: "vuxen",
        name: "Vuxenenheten",
        authority: "granasa",
        domain: "socialtjanst",
        municipality: "1980",
        subjects: &["adults", "addiction", "economy", "disability", "elderly"],
        target_days: 3,
        phone: "0980-319 217",
        small: false,
        backup_manager: "ingalill.nutti",
        backup_unit: Some("vald"),
    },
    Unit {
        key: "vald",
        name: "Våld i nära relation",
        authority: "granasa",
        domain: "socialtjanst",
        municipality: "1980",
        subjects: &["violence"],
        target_days: 2,
        phone: "0980-319 231",
        small: true,
        backup_manager: "gunilla.fors",
        backup_unit: Some("barn"),
    },
    Unit {
        key: "elevhalsan",
        name: "Elevhälsan",
        authority: "granasa",
        domain: "elevhalsa",
        municipality: "1980",
        subjects: &["school", "children", "disability"],
        target_days: 4,
        phone: "0980-319 248",
        small: false,
        backup_manager: "petter.lindh",
        backup_unit: None,
    },
    Unit {
        key: "psykiatri",
        name: "Öppenpsykiatrin vuxna",
        authority: "norrdala",
        domain: "vard",
        municipality: "1983",
        subjects: &["psychiatry", "addiction", "disability"],
        target_days: 5,
        phone: "0980-319 263",
        small: false,
        backup_manager: "farid.karimi",
        backup_unit: None,
    },
];

pub const PEOPLE: &[Person] = &[
    Person { login: "anna.ek", name: "Anna Ek", roles: &[Handler("barn")] },
    Person { login: "samir.haddad", name: "Samir Haddad", roles: &[Handler("barn")] },
    Person { login: "gunilla.fors", name: "Gunilla Fors", roles: &[UnitManager("barn")] },
    Person { login: "mehmet.yildiz", name: "Mehmet Yildiz", roles: &[Handler("vuxen")] },
    Person { login: "karin.sjoberg", name: "Karin Sjöberg", roles: &[UnitManager("vuxen"), Handler("vuxen")] },
    Person { login: "hodan.warsame", name: "Hodan Warsame", roles: &[Handler("vald")] },
    Person { login: "ingalill.nutti", name: "Inga-Lill Nutti", roles: &[UnitManager("vald"), Handler("vald")] },
    Person { login: "petter.lindh", name: "Petter Lindh", roles: &[Handler("elevhalsan")] },
    Person { login: "marja.kallio", name: "Marja Kallio", roles: &[UnitManager("elevhalsan"), Handler("elevhalsan")] },
    Person { login: "farid.karimi", name: "Farid Karimi", roles: &[Handler("psykiatri")] },
    Person { login: "elsa.winther", name: "Elsa Winther", roles: &[UnitManager("psykiatri"), Handler("psykiatri")] },
    Person { login: "jonas.stal", name: "Jonas Stål", roles: &[Admin] },
    Person { login: "ritva.niemi", name: "Ritva Niemi", roles: &[Auditor("granasa")] },
    Person { login: "tomas.oliveira", name: "Tomás Oliveira", roles: &[Steering] },
    Person { login: "birgitta.akesson", name: "Birgitta Åkesson", roles: &[Registrar("granasa")] },
];
