//! Records of one window judged together: a column for each thing that is known of them.

/// Records of a window, column by column.
#[derive(Default)]
pub(super) struct Columned {
    pub digits: Vec<u64>,
    pub msisdns: Vec<u64>,
    pub codes: Vec<u64>,
    pub permissions: Vec<u8>,
    pub regions: Vec<u8>,
    /// Those that are not everyday.
    pub slow: Vec<bool>,
}

/// One record of them.
pub(super) struct Row<'a> {
    pub digits: &'a mut u64,
    pub msisdn: &'a mut u64,
    pub codes: &'a mut u64,
    pub permission: &'a mut u8,
    pub slow: &'a mut bool,
}

impl Columned {
    pub(super) fn resize(&mut self, records: usize) {
        self.digits.resize(records, 0);
        self.msisdns.resize(records, 0);
        self.codes.resize(records, 0);
        self.permissions.resize(records, 0);
        self.regions.resize(records, 0);
        self.slow.resize(records, false);
    }

    #[inline(always)]
    pub(super) fn rows(&mut self) -> impl Iterator<Item = Row<'_>> {
        let numbers = self.digits.iter_mut().zip(&mut self.msisdns).zip(&mut self.codes);
        numbers.zip(&mut self.permissions).zip(&mut self.slow).map(
            |((((digits, msisdn), codes), permission), slow)| Row { digits, msisdn, codes, permission, slow },
        )
    }
}
