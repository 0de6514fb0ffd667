//! What a message costs, by country and category: a table that the customer brings, because Meta's changes and differs by
//! contract.

use std::collections::HashMap;

use consentry_core::diagnostic::clip;

use super::Campaigns;
use crate::desk::{DeskError, ROUNDS_MAX};
use crate::store::{Kind, Put, StoreError, TenantId};

/// Longest table, in bytes.
pub const TABLE_BYTES_MAX: usize = 512 * 1024;
/// Highest price of one message: more is a slip of the comma.
const PRICE_MAX: f64 = 1_000_000.0;
/// What stands for every country, or every category.
const ANY: &str = "*";
const CATEGORIES: [&str; 3] = ["MARKETING", "UTILITY", "AUTHENTICATION"];
const KEY: &str = "prices";

/// A price table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// The currency, where the table names one.
    pub currency: Option<String>,
    /// By country and category.
    prices: HashMap<(String, String), f64>,
}

impl Prices {
    /// Reads `country,category,price` lines, with `currency=USD` before them if it is named; what is wrong with them otherwise.
    pub fn read(csv: &str) -> Result<Prices, String> {
        if csv.len() > TABLE_BYTES_MAX {
            return Err(format!("a price table has {TABLE_BYTES_MAX} bytes at most"));
        }
        let mut table = Prices::default();
        for (at, line) in csv.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim().trim_end_matches([';', ',']);
            let wrong = |why: &str| format!("line {} of the price table, `{}`: {why}", at + 1, clip(line));
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(currency) = line.strip_prefix("currency=") {
                let currency = currency.trim().to_ascii_uppercase();
                if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
                    return Err(wrong("a currency has three letters, like `USD`"));
                }
                if table.currency.replace(currency).is_some() || !table.prices.is_empty() {
                    return Err(wrong("the currency is named once, before the prices"));
                }
                continue;
            }
            // Where commas part decimals, spreadsheets part cells by semicolons.
            let (separator, with_comma) = if line.contains(';') { (';', true) } else { (',', false) };
            let cells: Vec<&str> = line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect();
            let [country, category, price] = cells[..] else {
                return Err(wrong("a line has a country, a category and a price"));
            };
            let (country, category) = (country.to_ascii_uppercase(), category.to_ascii_uppercase());
            if (country.as_str(), category.as_str()) == ("COUNTRY", "CATEGORY") {
                continue;
            }
            let is_country = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
            if !is_country && country != ANY {
                return Err(wrong("a country has two letters, like `TR`, or is `*` for all others"));
            }
            if category != ANY && !CATEGORIES.contains(&category.as_str()) {
                return Err(wrong(
                    "a category is `MARKETING`, `UTILITY`, `AUTHENTICATION`, or `*` for all others",
                ));
            }
            let price = if with_comma { price.replace(',', ".") } else { price.to_owned() };
            let is_plain = price.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let price = price.parse::<f64>().ok().filter(|price| is_plain && *price <= PRICE_MAX);
            let Some(price) = price else {
                return Err(wrong("a price is a number like `0.0109`, and not below 0"));
            };
            if table.prices.insert((country, category), price).is_some() {
                return Err(wrong("there is a price for this already"));
            }
        }
        if table.prices.is_empty() {
            return Err(
                "the price table has no price in it: write lines like `TR,MARKETING,0.0109`".to_owned()
            );
        }
        Ok(table)
    }

    /// What one message costs; none where the table does not say.
    pub fn of(&self, country: [u8; 2], category: &str) -> Option<f64> {
        let country = String::from_utf8_lossy(&country).into_owned();
        let category = category.to_ascii_uppercase();
        let keys = [(country.as_str(), category.as_str()), (&country, ANY), (ANY, &category), (ANY, ANY)];
        let key = |(country, category): (&str, &str)| (country.to_owned(), category.to_owned());
        keys.into_iter().find_map(|names| self.prices.get(&key(names)).copied())
    }
}

/// The table that is kept; none where there is none.
pub fn find(room: &Campaigns, tenant: TenantId) -> Result<Option<Prices>, DeskError> {
    let text = text(room, tenant)?;
    if text.is_empty() {
        return Ok(None);
    }
    Ok(Some(Prices::read(&text).map_err(StoreError::Damaged)?))
}

/// The table as it was written, empty where there is none.
pub fn text(room: &Campaigns, tenant: TenantId) -> Result<String, DeskError> {
    let document = room.desk.store.document(tenant, Kind::Setting, KEY)?;
    Ok(document.map(|document| String::from_utf8_lossy(&document.body).into_owned()).unwrap_or_default())
}

/// Keeps a table; what is wrong with it otherwise. An empty one takes away the one that is kept.
pub fn put(room: &Campaigns, tenant: TenantId, csv: &str) -> Result<Prices, DeskError> {
    let is_none = csv.trim().is_empty();
    let prices = if is_none { Prices::default() } else { Prices::read(csv).map_err(DeskError::Invalid)? };
    for _ in 0..ROUNDS_MAX {
        let stands = room.desk.store.document(tenant, Kind::Setting, KEY)?;
        let expected_version = stands.map(|stands| stands.version);
        let body = (!is_none).then_some(csv.as_bytes());
        match room
            .desk
            .store
            .put_documents(tenant, &[Put { kind: Kind::Setting, key: KEY, expected_version, body }])
        {
            Err(StoreError::Overtaken) => {}
            other => return Ok(other.map(|_| prices)?),
        }
    }
    Err(DeskError::Overtaken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_price_is_taken() {
        let table = "\u{feff}currency=usd\ncountry,category,price\nTR,MARKETING,0.0109\nDE,*,0.2\n*,marketing,0.05\n\n# rest\n*,UTILITY,0\n";
        let prices = Prices::read(table).unwrap();
        assert_eq!(prices.currency.as_deref(), Some("USD"));
        for (country, category, price) in [
            (b"TR", "MARKETING", Some(0.0109)),
            (b"TR", "UTILITY", Some(0.0)),
            (b"DE", "marketing", Some(0.2)),
            (b"FR", "MARKETING", Some(0.05)),
            (b"FR", "AUTHENTICATION", None),
        ] {
            assert_eq!(prices.of(*country, category), price, "{country:?} {category}");
        }
        let german = Prices::read("currency=EUR;;\nTR;MARKETING;0,0109\n").unwrap();
        assert_eq!((german.of(*b"TR", "MARKETING"), german.currency.as_deref()), (Some(0.0109), Some("EUR")));
    }

    #[test]
    fn what_is_no_price_is_refused_with_its_line() {
        for (table, says) in [
            ("", "no price in it"),
            ("currency=US\n", "line 1 of the price table, `currency=US`: a currency"),
            (
                "TR,MARKETING,1\ncurrency=USD\n",
                "line 2 of the price table, `currency=USD`: the currency is named once",
            ),
            ("TUR,MARKETING,1\n", "a country has two letters"),
            ("TR,PROMO,1\n", "a category is"),
            ("TR,MARKETING,-1\n", "a price is"),
            ("TR,MARKETING,1e3\n", "a price is"),
            ("TR,MARKETING,inf\n", "a price is"),
            ("TR,MARKETING\n", "a line has"),
            (
                "TR,MARKETING,1\ntr,marketing,2\n",
                "line 2 of the price table, `tr,marketing,2`: there is a price",
            ),
        ] {
            let said = Prices::read(table).unwrap_err();
            assert!(said.contains(says), "{said}");
        }
    }
}
