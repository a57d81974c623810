//! Is every public item of the contract used by a check? What no check uses could be missing from a submission, and nobody would notice.
//!
//! Types need not be named: who reads a field or calls a method needs the type as well.

use std::collections::BTreeSet;

use syn::{Fields, ImplItem, Item, TraitItem, Visibility};

/// The public names of some sources that none of the checks' sources mentions.
pub(super) fn unused<'s>(reference: impl Iterator<Item = &'s str>, checks: &[String]) -> BTreeSet<String> {
    let words = |text: &String| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let used: BTreeSet<String> = checks.iter().flat_map(words).collect();
    let mut names = BTreeSet::new();
    for source in reference {
        // A reference that does not parse does not compile either, and is complained of elsewhere.
        if let Ok(file) = syn::parse_file(source) {
            collect(&file.items, &mut names);
        }
    }
    names.difference(&used).cloned().collect()
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn collect(items: &[Item], names: &mut BTreeSet<String>) {
    for item in items {
        match item {
            Item::Fn(function) if is_public(&function.vis) => drop(names.insert(function.sig.ident.to_string())),
            Item::Struct(item) if is_public(&item.vis) => {
                if let Fields::Named(fields) = &item.fields {
                    let public = fields.named.iter().filter(|field| is_public(&field.vis));
                    names.extend(public.filter_map(|field| field.ident.as_ref()).map(ToString::to_string));
                }
            }
            Item::Enum(item) if is_public(&item.vis) => {
                names.extend(item.variants.iter().map(|variant| variant.ident.to_string()));
            }
            Item::Trait(item) if is_public(&item.vis) => {
                names.extend(item.items.iter().filter_map(|item| match item {
                    TraitItem::Fn(method) => Some(method.sig.ident.to_string()),
                    _ => None,
                }));
            }
            Item::Impl(item) if item.trait_.is_none() => {
                names.extend(item.items.iter().filter_map(|item| match item {
                    ImplItem::Fn(method) if is_public(&method.vis) => Some(method.sig.ident.to_string()),
                    _ => None,
                }));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_check_mentions_is_told() {
        let reference = "pub struct Clock { pub at: u64, own: u64 } impl Clock { pub fn tick(&mut self) {} fn hidden(&self) {} } pub enum Order { Before }";
        let checks = ["Clock::tick(); Order::Before".to_owned()];
        assert_eq!(
            unused([reference].into_iter(), &checks),
            BTreeSet::from(["at".to_owned()])
        );
    }
}
