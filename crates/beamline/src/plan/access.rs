//! Tables on what clients may do: `[access]` and `[limits]`.

use std::ops::Range;

use beamtwin_sim::access::{self, Network, Rules};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Reader;
use super::sections::table_of;
use crate::problem::{Problem, Problems};

/// `[access]`: who may read and write what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Access {
    /// Whether the host names that clients give are believed, so that rules may name `hosts`.
    #[serde(default)]
    trust_hosts: bool,
    /// Whether a client is not heard while a put with completion waits for another one on the same channel, as an
    /// IOC does it; true unless given.
    #[serde(default = "yes")]
    puts_in_turn: bool,
    /// The first rule that is for a client and a channel decides. Where none is, clients on this machine may do
    /// everything, and others may read.
    #[serde(default)]
    rules: Vec<Rule>,
}

/// One rule. What it does not name is for all; in names, `*` stands for any text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rule {
    /// What they may do; to write includes to read.
    may: May,
    /// User names, as clients give them.
    #[serde(default)]
    users: Vec<String>,
    /// Host names, as clients give them.
    #[serde(default)]
    hosts: Vec<String>,
    /// Where they connect from: `"10.0.3.7"`, `"10.0.3.0/24"`.
    #[serde(default)]
    addresses: Vec<Address>,
    /// Names of PVs, with or without a field: `"*Mtr"`, `"*Mtr.VELO"`.
    #[serde(default)]
    pvs: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum May {
    Nothing,
    Read,
    Write,
}

/// An address, or those that begin alike.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Address(Network);

impl TryFrom<String> for Address {
    type Error = access::NoNetwork;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl JsonSchema for Address {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "An address, or a network.",
            "examples": ["10.0.3.0/24"],
        })
    }
}

/// `[limits]`: how much clients may ask for; the largest that the server allows unless given.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Circuits.
    #[serde(default)]
    pub circuits: Option<u32>,
    /// Channels of all circuits together.
    #[serde(default)]
    pub channels: Option<u32>,
    /// Channels of one circuit.
    #[serde(default)]
    pub channels_per_circuit: Option<u32>,
    /// Subscriptions of all circuits together.
    #[serde(default)]
    pub subscriptions: Option<u32>,
    /// Subscriptions of one circuit.
    #[serde(default)]
    pub subscriptions_per_circuit: Option<u32>,
    /// Bytes of one message, in either direction, as `EPICS_CA_MAX_ARRAY_BYTES`.
    #[serde(default)]
    pub array_bytes: Option<u32>,
}

/// What the file says of clients.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients {
    pub(crate) rules: Rules,
    pub(crate) puts_in_turn: bool,
    pub(crate) limits: Limits,
    /// Where a PV is named in a rule, and the name.
    pub(crate) pvs: Vec<(Range<usize>, String)>,
}

const fn yes() -> bool {
    true
}

impl Reader<'_> {
    /// `[access]` and `[limits]`.
    pub(super) fn clients(&self, root: &DeTable<'_>, problems: &mut Problems) -> Clients {
        let limits = table_of(root, "limits", problems)
            .and_then(|(span, table)| self.section(table, &span, "limits", problems));
        let mut clients = Clients {
            puts_in_turn: true,
            limits: limits.unwrap_or_default(),
            ..Clients::default()
        };
        let Some((span, table)) = table_of(root, "access", problems) else {
            return clients;
        };
        let before = problems.0.len();
        let Some(access) = self.section::<Access>(table, &span, "access", problems) else {
            return clients;
        };
        if problems.0.len() > before {
            // What stands where is only sure where all of it could be read.
            return clients;
        }
        clients.puts_in_turn = access.puts_in_turn;
        let tables = items(table, "rules").filter_map(|rule| match rule.get_ref() {
            DeValue::Table(rule) => Some(rule),
            _ => None,
        });
        for (rule, table) in access.rules.into_iter().zip(tables) {
            for name in ["users", "hosts", "addresses", "pvs"] {
                if let Some(list) = table
                    .get(name)
                    .filter(|_| items(table, name).next().is_none())
                {
                    let message = format!("access: rules: {name}: the list is empty");
                    let hint = "leave it out if the rule is for all";
                    problems.push(Problem::new(list.span(), message).hint(hint));
                }
            }
            if let Some(host) = items(table, "hosts").next().filter(|_| !access.trust_hosts) {
                let message = "access: rules: hosts: a client can give any host name";
                let hint = "name addresses, or say trust_hosts = true in [access]";
                problems.push(Problem::new(host.span(), message).hint(hint));
            }
            let places = items(table, "pvs").map(Spanned::span);
            clients.pvs.extend(places.zip(rule.pvs.iter().cloned()));
            clients.rules.0.push(rule.into());
        }
        clients
    }
}

/// The items of a list in a table, if there is one.
fn items<'a, 't>(
    table: &'a DeTable<'t>,
    name: &str,
) -> impl Iterator<Item = &'a Spanned<DeValue<'t>>> {
    let list = match table.get(name).map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => Some(items.iter()),
        _ => None,
    };
    list.into_iter().flatten()
}

impl From<Rule> for access::Rule {
    fn from(rule: Rule) -> Self {
        Self {
            users: rule.users,
            hosts: rule.hosts,
            addresses: rule.addresses.iter().map(|address| address.0).collect(),
            pvs: rule.pvs,
            access: match rule.may {
                May::Nothing => access::Access::NONE,
                May::Read => access::Access::READ,
                May::Write => access::Access::WRITE,
            },
        }
    }
}
