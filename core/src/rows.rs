//! Judged rows as packed columns: what the check hands to matching, and what crosses the WebAssembly border.

/// Many short texts in one allocation; an empty text means “the row has none”.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Appends one text.
    #[inline]
    pub fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(u32::try_from(self.bytes.len()).expect("a batch of rows is far below 4 GiB"));
    }

    /// The text of one row. Panics past the end.
    #[inline]
    pub fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.bytes[start..self.ends[at] as usize]
    }

    /// The text of one row, `None` when empty.
    #[inline]
    pub fn some(&self, at: usize) -> Option<&str> {
        Some(self.get(at)).filter(|text| !text.is_empty())
    }

    /// Keeps the first texts only.
    pub fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.bytes.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    /// Number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The packed form: all bytes, and where each text ends.
    pub fn parts(&self) -> (&str, &[u32]) {
        (&self.bytes, &self.ends)
    }

    /// From the packed form; `None` unless the ends ascend, fit the bytes and fall between characters.
    pub fn from_parts(bytes: String, ends: Vec<u32>) -> Option<Texts> {
        let fits = |end: &u32| bytes.is_char_boundary(*end as usize);
        let last = ends.last().map_or(0, |end| *end as usize);
        (ends.is_sorted() && ends.iter().all(fits) && last == bytes.len()).then_some(Texts { bytes, ends })
    }
}

/// Accepted rows of a consent file, in file order. All columns have the same length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Data record, counted from 1.
    pub row: Vec<u64>,
    /// Physical line, counted from 1.
    pub line: Vec<u64>,
    /// WhatsApp number: digits of its E.164.
    pub number: Vec<u64>,
    /// Digits of the msisdn's E.164; 0 when the row has none.
    pub msisdn: Vec<u64>,
    /// 1 for opt-in, 2 for opt-out.
    pub permission: Vec<u8>,
    /// Bits of the row's [`crate::rule::CodeSet`].
    pub codes: Vec<u64>,
    /// Customer's own id, trimmed.
    pub exid: Texts,
    /// E-mail address, trimmed.
    pub email: Texts,
    /// The number's cell as it stood.
    pub number_cell: Texts,
    /// The permission's cell as it stood.
    pub permission_cell: Texts,
    /// Declared attributes, in the order of the declaration.
    pub attributes: Vec<Texts>,
}

impl Rows {
    /// No rows yet, with this many attribute columns.
    pub fn with_attributes(count: usize) -> Rows {
        Rows { attributes: vec![Texts::default(); count], ..Rows::default() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.row.is_empty()
    }

    /// Bytes of all texts.
    pub fn text_bytes(&self) -> usize {
        self.texts().map(|texts| texts.parts().0.len()).sum()
    }

    /// Appends the rows of `other` from index `from` on.
    pub fn extend(&mut self, other: &Rows, from: usize) {
        for at in from..other.len() {
            self.row.push(other.row[at]);
            self.line.push(other.line[at]);
            self.number.push(other.number[at]);
            self.msisdn.push(other.msisdn[at]);
            self.permission.push(other.permission[at]);
            self.codes.push(other.codes[at]);
            for (to, texts) in self.texts_mut().zip(other.texts()) {
                to.push(texts.get(at));
            }
        }
    }

    /// Keeps the first `at` rows and gives the others.
    pub fn split_off(&mut self, at: usize) -> Rows {
        let mut rest = Rows::with_attributes(self.attributes.len());
        rest.extend(self, at);
        self.row.truncate(at);
        self.line.truncate(at);
        self.number.truncate(at);
        self.msisdn.truncate(at);
        self.permission.truncate(at);
        self.codes.truncate(at);
        self.texts_mut().for_each(|texts| texts.truncate(at));
        rest
    }

    /// Every text column: exid, email, the two cells, then the attributes.
    pub fn texts(&self) -> impl Iterator<Item = &Texts> {
        [&self.exid, &self.email, &self.number_cell, &self.permission_cell]
            .into_iter()
            .chain(&self.attributes)
    }

    fn texts_mut(&mut self) -> impl Iterator<Item = &mut Texts> {
        [&mut self.exid, &mut self.email, &mut self.number_cell, &mut self.permission_cell]
            .into_iter()
            .chain(&mut self.attributes)
    }
}
