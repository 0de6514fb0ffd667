// What was seen at each step of connecting, in English.

import type { StepCode, StepValues, StepWords } from '../api/templates.ts';

const SECRET = 'Copy it from developers.facebook.com, your app, App settings, Basic.';

export const stepsInEnglish: { [code in StepCode]: (v: StepValues) => StepWords } = {
  'waits-before': () => ({ said: 'after what comes before' }),
  'waits-account': () => ({ said: 'after the account' }),
  'waits-token': () => ({ said: 'after the token' }),
  'meta-not-asked': ({ why }) => ({
    said: `Meta was not asked: ${why}`,
    cure: 'See whether this machine reaches Meta: a firewall or a proxy may stand in between.',
  }),
  'meta-refused': ({ why }) => ({ said: `Meta refused: ${why}` }),
  'meta-unclear': ({ why }) => ({ said: `what Meta did is not known: ${why}`, cure: 'Try again in a little while.' }),
  'token-missing': () => ({
    said: 'there is no token',
    cure: 'Make one in Meta’s Business settings: System users, Generate token.',
  }),
  'token-untold': ({ why }) => ({
    said: `Meta does not say what the token is good for: ${why}`,
    cure: 'Name the app’s id and secret as well: then it does.',
  }),
  'token-over': () => ({
    said: 'the token is no longer good',
    cure: 'Make a new one in Meta’s Business settings: System users, Generate token.',
  }),
  'token-lacks-rights': ({ rights }) => ({
    said: `the token lacks rights: ${rights}`,
    cure: 'Generate it again with both rights, and give its system user the WhatsApp account.',
  }),
  'token-ends': ({ at }) => ({
    said: `the token is good, and ends on ${at}`,
    cure: 'A system user’s token can be made without an end.',
  }),
  'token-good': () => ({ said: 'the token is good, and does not end' }),
  'app-secret-wrong': () => ({ said: 'the app secret is not the one of the token’s app', cure: SECRET }),
  'app-another': ({ own, named }) => ({
    said: `the token was made with the app ${own}, not with ${named}`,
    cure: 'Name that app, or make a token with this one.',
  }),
  'app-secret-missing': () => ({
    said: 'without the app secret, requests carry no proof and webhooks cannot be believed',
    cure: SECRET,
  }),
  'app-untold': () => ({
    said: 'Meta does not say which app it is',
    cure: 'Name the app’s id: samples of template headers are uploaded under it.',
  }),
  'app-good': ({ name }) => ({ said: `${name} is the token’s app, and the secret is its own` }),
  'account-untold': () => ({
    said: 'Meta does not say which account the token is for',
    cure: 'Name the account’s id: WhatsApp Manager shows it, and its address holds it.',
  }),
  'account-to-choose': () => ({ said: 'the token is for several accounts', cure: 'Choose one.' }),
  'account-blocked': ({ name, why }) => ({
    said: `${name} cannot send now: ${why}`,
    cure: 'WhatsApp Manager shows what Meta wants done.',
  }),
  'account-good': ({ name }) => ({ said: `${name} is the token’s to manage` }),
  'number-another': ({ id }) => ({
    said: `the account has no number ${id}`,
    cure: 'Choose one of its numbers: their ids are in WhatsApp Manager.',
  }),
  'number-none': () => ({
    said: 'the account has no number yet',
    cure: 'Add one in WhatsApp Manager; templates can be written meanwhile.',
  }),
  'number-unready': ({ number, status }) => ({
    said: `${number} cannot send yet: it is ${status}`,
    cure: 'Give a PIN of six digits, and it is registered when you connect.',
  }),
  'number-good': ({ number, name, count }) => ({
    said: number === undefined ? `${count} numbers can send` : `${number} can send as ${name}`,
  }),
  'webhook-good': () => ({ said: 'Meta sends what happens to the app' }),
  'webhook-waits': () => ({
    said: 'Meta does not send what happens to the app yet',
    cure: 'It is asked to when you connect. Its address and verify token are set in the app’s dashboard.',
  }),
};
