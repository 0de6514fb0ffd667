// The words of what holds the pages together - menu, settings, the first steps, who may do what - in English.

import { localeOf } from '../preferences.ts';

const number = new Intl.NumberFormat(localeOf('en'));
const people = (n: number) => `${number.format(n)} ${n === 1 ? 'person' : 'people'}`;

export const homeInEnglish = {
  menu: {
    open: 'Menu',
    title: 'All pages',
    close: 'Close',
  },

  settings: {
    title: 'Settings',
    lead: 'What is set up once, and looked at seldom.',
    label: 'Settings',
    pages: {
      health: { name: 'Health', text: 'Whether everything runs, and what needs you.' },
      connect: { name: 'WhatsApp', text: 'The accounts and numbers that send, and how to connect one.' },
      webhooks: { name: 'Webhooks', text: 'Where Meta tells what people answer, and whether it arrives.' },
      team: { name: 'People', text: 'Who may come in, and what each of them may do.' },
      keys: { name: 'API keys', text: 'What your programs show instead of signing in.' },
      audit: { name: 'Audit', text: 'Who did what here, when and from where.' },
      account: { name: 'My account', text: 'Password, recovery codes, and where you are signed in.' },
      'first-steps': { name: 'First steps', text: 'The way from nothing to a sent campaign.' },
    },
  },

  webhooks: {
    title: 'Webhooks',
    lead: 'Meta calls this address when a person writes, a message arrives or a template is decided on.',
    copyInto: 'Give Meta this address and this word, under “Webhooks” of your app.',
    last: 'Last call',
    never: 'Nothing has come yet',
    waiting: 'Waiting to be acted on',
    nothingWaits: 'Nothing',
    kept: 'Kept altogether',
    all: 'See what came',
  },

  openAccount: {
    title: 'Nobody signs in here',
    may: 'On this machine you may do everything:',
    how: 'To give people accounts of their own, start the host so:',
    sandboxHow: 'To try signing in with the sandbox, start it so:',
  },

  first: {
    title: 'Your first campaign',
    page: 'First steps',
    lead: 'From nothing to a sent campaign and its report.',
    done: (n: number, of: number) => `${n} of ${of} done`,
    isDone: 'done',
    hide: 'Hide',
    hideLabel: 'Hide the first steps',
    hidden: 'They stay under Settings.',
    show: 'Show them on the start page again',
    steps: {
      connect: 'Connect WhatsApp',
      people: 'Bring people in',
      template: 'Get a message approved',
      campaign: 'Send it',
      report: 'See what came of it',
    },
    texts: {
      connect: 'Your number sends the messages. Connecting takes a token from Meta.',
      people: 'Drop your own file below, or take three people that are made up.',
      template: 'Meta looks at every message before it may go to many.',
      templateSandbox: 'The sandbox plays Meta: a good message is written for you and approved in seconds.',
      pending: 'Meta is looking at your message. This goes on by itself.',
      campaign: 'All is filled in. You look once more, and send.',
      going: 'It is on its way. Watch people receive and read it.',
      report: 'Who got it, who read it, who answered.',
    },
    acts: {
      connect: 'Connect WhatsApp',
      sample: 'Take the sample',
      make: 'Make a good message',
      making: 'Making it …',
      write: 'Write a message',
      ownMessage: 'Write my own',
      seePending: 'Look at it',
      send: 'Go to sending',
      goOn: 'Go on with it',
      watch: 'Watch it',
      report: 'See the report',
    },
    over: 'You have sent your first campaign.',
    overText: 'Everything here works the same with your own people and your own number.',
    overSandbox: 'This was the sandbox: no real person got anything.',
    ownFile: 'Bring your own list',
    ownNumber: 'Connect your own number',
    campaignName: 'My first campaign',
  },

  next: {
    sendTo: (n: number) => `Send to ${n === 1 ? 'this person' : `these ${people(n)}`}`,
    sendTemplate: 'Send a campaign with it',
    write: 'Write a message for them',
    make: 'Make a message for them',
    inReviewText: 'This page shows by itself when it has decided.',
  },

  rights: {
    who: (roles: string) => `${roles} can do this.`,
    or: ' or ',
    lookOnly: 'You may look at this, and change nothing.',
  },
};
