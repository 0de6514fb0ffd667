//! Every error of Meta's that is known, with what it calls for: one table, so that who sends, who syncs and who reads a page
//! are told the same. Codes decide, texts do not: Meta changes those.

/// What an error calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It passes: the same again, after growing pauses.
    Retry,
    /// Too much in an hour: nothing more of this account for minutes.
    Wait,
    /// Too fast: the same number goes on more slowly.
    SlowDown,
    /// Too much to this one person: only they wait, ever longer.
    DelayRecipient,
    /// Not today: hours must pass.
    Later,
    /// Never as it is: somebody has to change something first.
    Fix,
    /// This person cannot be reached so; the others can.
    Skip,
    /// The person does not want it: record an opt-out.
    RecordOptOut,
    /// Nothing more with this template.
    StopTemplate,
    /// Nothing more from this number until somebody looks.
    StopNumber,
    /// Nothing more of this account until somebody looks.
    StopAccount,
    /// The token or its rights: everything with it waits for a new one.
    StopToken,
    /// Read from the beginning: the place in the list is none any more.
    Restart,
}

impl Action {
    /// As machines read it.
    pub fn id(self) -> &'static str {
        match self {
            Action::Retry => "retry",
            Action::Wait => "wait",
            Action::SlowDown => "slow-down",
            Action::DelayRecipient => "delay-recipient",
            Action::Later => "later",
            Action::Fix => "fix",
            Action::Skip => "skip",
            Action::RecordOptOut => "record-opt-out",
            Action::StopTemplate => "stop-template",
            Action::StopNumber => "stop-number",
            Action::StopAccount => "stop-account",
            Action::StopToken => "stop-token",
            Action::Restart => "restart",
        }
    }
}

/// One error.
#[derive(Debug)]
pub struct ErrorRule {
    /// Its code.
    pub code: i64,
    /// The last code of a range that means the same; the same as `code` where there is no range.
    pub code_last: i64,
    /// The sub-code that makes it this one; none where the code alone says it.
    pub subcode: Option<i64>,
    /// What it calls for.
    pub action: Action,
    /// What it is.
    pub title: &'static str,
    /// What helps.
    pub cure: &'static str,
}

/// The row for a code and sub-code of Meta's; sub-codes come before codes alone.
pub fn rule(code: i64, subcode: Option<i64>) -> Option<&'static ErrorRule> {
    let of_code = |rule: &&ErrorRule| (rule.code..=rule.code_last).contains(&code);
    let exact = ERRORS.iter().filter(of_code).find(|rule| rule.subcode.is_some() && rule.subcode == subcode);
    exact.or_else(|| ERRORS.iter().filter(of_code).find(|rule| rule.subcode.is_none()))
}

const fn one(code: i64, action: Action, title: &'static str, cure: &'static str) -> ErrorRule {
    ErrorRule { code, code_last: code, subcode: None, action, title, cure }
}

const fn range(
    code: i64,
    code_last: i64,
    action: Action,
    title: &'static str,
    cure: &'static str,
) -> ErrorRule {
    ErrorRule { code, code_last, subcode: None, action, title, cure }
}

const fn sub(code: i64, subcode: i64, action: Action, title: &'static str, cure: &'static str) -> ErrorRule {
    ErrorRule { code, code_last: code, subcode: Some(subcode), action, title, cure }
}

const NEW_TOKEN: &str =
    "Make a new token in Meta's Business settings (System users) and connect the account again.";
const RIGHTS: &str = "Give the token's system user this account and both rights, whatsapp_business_management and \
    whatsapp_business_messaging, in Meta's Business settings, and make a new token.";
const A_LITTLE_LATER: &str = "Meta's own trouble, as a rule: the same request succeeds a little later.";
const PARAMETERS: &str =
    "See the details for which value it is, and change it before anything is sent again.";
const HOURLY: &str =
    "Wait: the count starts anew within the hour. Nothing more is asked of this account until then.";

const HOURLY_APP: &str = "Wait: the count starts anew within the hour. Nothing more is asked with this app until then, for none of \
    its accounts.";
/// The code that speaks of all accounts of an app.
pub const APP_LIMIT: i64 = 4;

/// All of them. A test holds this against samples of Meta's errors.
#[rustfmt::skip]
pub static ERRORS: &[ErrorRule] = &[
    // Token and rights.
    one(0, Action::StopToken, "Meta does not accept the token", NEW_TOKEN),
    sub(190, 463, Action::StopToken, "the token has expired", NEW_TOKEN),
    sub(190, 460, Action::StopToken, "the token ended when a password was changed", NEW_TOKEN),
    one(190, Action::StopToken, "Meta does not accept the token", NEW_TOKEN),
    one(101, Action::Fix, "there is no such app, or its secret is another", "Check the app's id and secret: App settings, Basic, in the app's dashboard."),
    one(104, Action::Fix, "the request came without a token or proof", "Name the app secret when you connect: the app demands proof with every request."),
    one(3, Action::StopToken, "the app may not do this", RIGHTS),
    one(10, Action::StopToken, "the right to do this is missing", RIGHTS),
    range(200, 299, Action::StopToken, "a right on this account is missing", RIGHTS),
    one(131005, Action::StopToken, "access is denied", RIGHTS),
    // What passes.
    one(1, Action::Retry, "Meta failed for a reason it does not tell", A_LITTLE_LATER),
    one(2, Action::Retry, "Meta is not available for the moment", A_LITTLE_LATER),
    one(131000, Action::Retry, "Meta failed for a reason it does not tell", A_LITTLE_LATER),
    one(131016, Action::Retry, "a service of Meta's is not available", A_LITTLE_LATER),
    one(133004, Action::Retry, "a server of Meta's is not available", A_LITTLE_LATER),
    one(131057, Action::Retry, "the number is being moved to a higher throughput", "It is over within a minute; sending goes on by itself."),
    one(131059, Action::Restart, "the place in the list is no longer valid", "Nothing to do: the list is read again from its beginning."),
    // Too much.
    one(APP_LIMIT, Action::Wait, "the app asked too much in an hour", HOURLY_APP),
    one(17, Action::Wait, "the user asked too much in an hour", HOURLY),
    one(32, Action::Wait, "too much was asked in an hour", HOURLY),
    one(613, Action::Wait, "too much was asked in a short time", HOURLY),
    one(80007, Action::Wait, "the account was asked too much in an hour", HOURLY),
    one(130429, Action::SlowDown, "the number sends faster than it may", "Nothing to do: sending slows down and grows again."),
    one(131056, Action::DelayRecipient, "too many messages to one person in a short time", "Nothing to do: this person waits, the others go on."),
    one(131048, Action::StopNumber, "Meta holds messages of this number back as spam", "See the quality of the number and the template in WhatsApp Manager, and write only to people who expect it."),
    one(131064, Action::StopAccount, "Meta limits the account because a template has the wrong category", "Correct the template's category in WhatsApp Manager, and wait until the limit is lifted."),
    // The account.
    one(368, Action::StopAccount, "the account is blocked for breaking a policy", "See Business Support Home for which policy it is and how to appeal."),
    one(131031, Action::StopAccount, "the account is locked", "See Business Support Home for why, and how it is unlocked."),
    one(131042, Action::StopAccount, "something is wrong with the payment", "Mend the payment method of the account in Meta's Billing."),
    one(131044, Action::StopAccount, "something is wrong with the payment of calls", "Mend the payment method of the account in Meta's Billing."),
    one(139000, Action::Fix, "the flow was refused for the account's integrity", "See the account's standing in Business Support Home."),
    one(139200, Action::StopAccount, "the account may not send without an approved template", "Send with a template that was approved."),
    // The number.
    one(33, Action::Fix, "there is no such object, or the token cannot see it", "Check the id, and that the token's system user was given the account."),
    one(131045, Action::StopNumber, "the number's registration is not in order", "Register the number again with its PIN: connect the account once more."),
    one(133010, Action::StopNumber, "the number is not registered", "Register it with a PIN of six digits: connect the account once more."),
    one(131037, Action::Fix, "the number has no display name that was approved", "Wait for the review of the display name, or choose another in WhatsApp Manager."),
    one(131030, Action::Fix, "a test number may write to five named numbers only", "Add the recipient to the list in the app's dashboard, or use a number of your own."),
    one(133000, Action::Later, "the number could not be taken off before", "Try the registration again in some hours."),
    one(133005, Action::Later, "the PIN is not the number's", "Find the PIN in WhatsApp Manager, or set a new one there; a wrong one costs tries."),
    one(133006, Action::Later, "the number has to be verified first", "Have a code sent to the number in WhatsApp Manager, and verify it."),
    one(133008, Action::Later, "the PIN was tried too often", "Wait for as long as the details say; twelve hours, as a rule."),
    one(133009, Action::Later, "the PIN was tried again too soon", "Wait a minute before the next try."),
    one(133015, Action::Later, "the number was taken off just now", "Wait five minutes and register it again."),
    one(133016, Action::Later, "the number was registered too often", "Ten times in three days are allowed: wait three days."),
    // The request.
    sub(100, 33, Action::Fix, "there is no such object, or the token cannot see it", "Check the id, and that the token's system user was given the account."),
    sub(100, 36007, Action::Fix, "the sign-up code is not valid", "Begin the sign-up again: a code lasts half a minute."),
    sub(100, 36008, Action::Fix, "the sign-up code is none", "Begin the sign-up again: the code belongs to another app or was cut."),
    sub(100, 36009, Action::Fix, "the sign-up code was used already", "Begin the sign-up again: a code is good for one exchange."),
    sub(100, 2207051, Action::StopNumber, "the number is not registered", "Register it with a PIN of six digits: connect the account once more."),
    sub(100, 2388019, Action::Fix, "the account has as many templates as it may have", "Delete templates that are no longer used, or have the business verified."),
    sub(100, 2388023, Action::Later, "a template of this name and language is being deleted", "Take another name: this one is free again some four weeks after the deletion."),
    sub(100, 2388024, Action::Fix, "a template of this name and language exists already", "Edit that one, or take another name. Pull the templates if it is not in the list."),
    sub(100, 2388040, Action::Fix, "a text of the template is too long", "Shorten it: body 1024 characters, header and footer 60, a button 25."),
    sub(100, 2388047, Action::Fix, "the header is not as Meta wants it", "No line break, emoji, asterisk or markup in the header, and one variable at most."),
    sub(100, 2388072, Action::Fix, "the body is not as Meta wants it", "No more than two line breaks in a row, no tab, no more than four spaces in a row."),
    sub(100, 2388073, Action::Fix, "the footer is not as Meta wants it", "No variable, line break or emoji in the footer."),
    sub(100, 2388293, Action::Fix, "the body has too many variables for its length", "Write more words around the variables, or use fewer of them."),
    sub(100, 2388299, Action::Fix, "the body begins or ends with a variable", "Put words before the first variable and behind the last one."),
    one(100, Action::Fix, "a value of the request is not valid", PARAMETERS),
    one(131008, Action::Fix, "a value that is needed is missing", PARAMETERS),
    one(131009, Action::Fix, "a value is not valid", PARAMETERS),
    one(131014, Action::Fix, "Meta could not fetch the media from its address", "See that the address answers without a sign-in, or upload the file instead."),
    one(131051, Action::Fix, "this kind of message is not supported", "Send a kind that is; a template, for one."),
    one(131052, Action::Fix, "the media a person sent could not be fetched", "Ask the person to send it again."),
    one(131053, Action::Fix, "the media could not be taken in", "See that the file is of the kind it says, and not too large."),
    one(135000, Action::Fix, "Meta does not take the request, and does not say why", PARAMETERS),
    // The template.
    one(132000, Action::Fix, "the number of values is not the number of variables", "Pull the templates: this one was changed. Then see which attributes its variables take."),
    one(132001, Action::Fix, "there is no such template in this language, or it is not approved", "Pull the templates, and see what became of it."),
    one(132005, Action::Fix, "a text is too long with its values in it", "Shorten the template, or the values that go into it."),
    one(132007, Action::Fix, "the text breaks a policy of WhatsApp's", "See Meta's messaging policy, and change the text or the value."),
    one(132008, Action::Fix, "a value is missing or has the wrong form", PARAMETERS),
    one(132012, Action::Fix, "a value has the wrong form", PARAMETERS),
    one(132018, Action::Fix, "a value holds what it must not", "Line breaks, tabs and more than four spaces in a row are not allowed in a value."),
    one(132015, Action::StopTemplate, "the template is paused for its quality", "People block or report it. Change it, or wait for the end of the pause."),
    one(132016, Action::StopTemplate, "the template was disabled for its quality", "It stays so. Write another one, to people who expect it."),
    one(132068, Action::Fix, "the template's flow is blocked", "Mend the flow in WhatsApp Manager."),
    one(132069, Action::Later, "the template's flow is slowed down", "Ten in an hour are sent. Mend the flow in WhatsApp Manager."),
    one(134011, Action::Fix, "the terms of payments were not accepted", "Accept them in WhatsApp Manager."),
    range(134100, 134102, Action::Fix, "this cannot be sent as a marketing message", "Only marketing templates of accounts that may use the Marketing Messages API go this way."),
    // The person.
    one(1026, Action::Skip, "the person's WhatsApp cannot show it", "Nothing to do for this person; the others go on."),
    one(130472, Action::Skip, "Meta keeps marketing from this person for an experiment", "Nothing to do for this person; the others go on."),
    one(130497, Action::Skip, "businesses may not write to people in this country", "Leave this country out."),
    one(130501, Action::Skip, "a message in a group that is not supported", "Nothing to do."),
    one(131021, Action::Skip, "the person's number is the sender's own", "Leave your own number out."),
    one(131026, Action::Skip, "it cannot be delivered", "The number has no WhatsApp, an old one, or its owner did not accept the terms. The others go on."),
    one(131035, Action::Skip, "it cannot be sent without being stored", "See the settings for local storage of the number."),
    one(131036, Action::Skip, "it cannot be sent without being stored", "See the settings for local storage of the number."),
    one(131047, Action::Fix, "more than a day passed since the person's last word", "Send a template: that may begin a conversation."),
    one(131049, Action::Later, "the person got enough marketing for now", "Nothing to do: not before a day has passed."),
    one(131050, Action::RecordOptOut, "the person does not want your marketing", "Nothing to do: an opt-out is recorded."),
    one(131062, Action::Skip, "this template needs a phone number, and the person is known by an id alone", "Ask for the number first, with a template that has such a button."),
    one(131063, Action::Fix, "marketing is switched off on this way", "Use the Marketing Messages API, or switch it on again in WhatsApp Manager."),
    one(137000, Action::Skip, "the person's identity key has changed", "Confirm the new key before you write to this person again."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_hides_another_and_each_says_what_helps() {
        for (at, row) in ERRORS.iter().enumerate() {
            assert!(std::ptr::eq(rule(row.code, row.subcode).unwrap(), row), "row {at}, code {}", row.code);
            assert!(
                row.code <= row.code_last && row.cure.ends_with('.') && !row.title.ends_with('.'),
                "{row:?}"
            );
        }
    }

    #[test]
    fn an_unknown_subcode_is_its_code() {
        let row = rule(100, Some(2_388_999)).unwrap();
        assert_eq!((row.subcode, row.action), (None, Action::Fix));
    }
}
