//! Lists with more elements than their setting has room for.

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use super::Complaint;

/// Complaints about lists with more elements than their setting has room for, which the deserializer
/// passes over. The schema is one without references.
pub(crate) fn surplus(schema: &Json, table: &DeTable<'_>) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        let property = schema.get("properties").and_then(|all| all.get(name));
        let Some(property) = property else { continue };
        match value.get_ref() {
            DeValue::Array(items) => {
                let most = property.get("maxItems").and_then(Json::as_u64);
                if most.is_some_and(|most| items.len() as u64 > most) {
                    let most = most.unwrap_or_default();
                    complaints.push(Complaint {
                        span: value.span(),
                        path: vec![name.to_owned()],
                        message: format!(
                            "{name}: should be a list of {most}, not of {}",
                            items.len()
                        ),
                        hint: None,
                        missing: None,
                    });
                }
            }
            DeValue::Table(inner) => {
                for complaint in surplus(property, inner) {
                    let mut path = vec![name.to_owned()];
                    path.extend(complaint.path);
                    let message = format!("{name}.{}", complaint.message);
                    complaints.push(Complaint {
                        path,
                        message,
                        ..complaint
                    });
                }
            }
            _ => {}
        }
    }
    complaints
}
