// How each library says whether a cell holds a valid number, and which.

/** For libphonenumber-js with whichever metadata: its `parsePhoneNumber` given. */
export function byLibphonenumberJs(parsePhoneNumber) {
  return (cell) => {
    const number = parsePhoneNumber(cell);
    return number?.isValid() ? number.number : undefined;
  };
}

/** What a form without a library does: a plus and digits, of any country and of none. */
export function byPattern() {
  const pattern = /^\+[1-9][0-9]{9,14}$/;
  return (cell) => {
    const digits = cell.replace(/[ ()-]/g, '');
    return pattern.test(digits) ? digits : undefined;
  };
}

/** Google's own JavaScript, compiled by Closure. */
export function byGoogle({ PhoneNumberUtil, PhoneNumberFormat }) {
  const util = PhoneNumberUtil.getInstance();
  return (cell) => {
    try {
      const number = util.parse(cell);
      return util.isValidNumber(number) ? util.format(number, PhoneNumberFormat.E164) : undefined;
    } catch {
      return undefined;
    }
  };
}

/** The same in a friendlier wrapper. */
export function byAwesome(parsePhoneNumber) {
  return (cell) => {
    const number = parsePhoneNumber(cell);
    return number.valid ? number.number.e164 : undefined;
  };
}
