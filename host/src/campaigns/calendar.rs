//! Times as people write them, and the hours in which nobody is written to.

use consentry_core::time::UnixMs;

/// Reads `2026-11-27T10:00[Europe/Istanbul]` or RFC 3339; what is wrong with it otherwise.
pub fn moment(text: &str) -> Result<UnixMs, String> {
    let _ = text;
    Err("not yet".to_owned())
}

/// Hours of a day, by the clock of a number's country.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from_minute: u16,
    until_minute: u16,
}

impl QuietHours {
    /// Reads the hours of a campaign; what is wrong with them otherwise.
    pub fn read(quiet: &consentry_core::wire::campaign::v1::Quiet) -> Result<QuietHours, String> {
        let _ = quiet;
        Err("not yet".to_owned())
    }

    /// Until when it is quiet in a country at a time; none where nobody sleeps.
    pub fn quiet_until(&self, country: [u8; 2], at: UnixMs) -> Option<UnixMs> {
        let _ = (country, at, self.from_minute, self.until_minute);
        None
    }
}
