// The words about taking an import back, in Turkish.

import type { undoInEnglish } from './undo.en.ts';
import { localeOf } from '../preferences.ts';

const number = new Intl.NumberFormat(localeOf('tr'));
const count = (n: number, noun: string) => `${number.format(n)} ${noun}`;

export const undoInTurkish: typeof undoInEnglish = {
  takeBack: {
    open: 'Bu aktarımı geri al …',
    title: 'Bu aktarım geri alınsın mı?',
    effects: {
      removed: 'Aktarımın oluşturduğu kişiler silinir.',
      reversed: 'Ötekiler önceki numaralarına ve izinlerine döner.',
      kept: 'Sonraki bir aktarımın değiştirdiği ya da doğruladığı, o zamandan beri ret bildiren ya da önceki numarası artık başkasında olan kişiler olduğu gibi kalır.',
    },
    after: 'Kanıt durur: aktarımın ne yaptığı ve kimin geri aldığı. Dosya yeniden içe aktarılabilir.',
    by: 'Geri alan',
    byMissing: 'Kim olduğunuzu bir iki sözcükle yazın',
    reason: 'Neden',
    optional: 'boş bırakılabilir',
    cancel: 'Vazgeç',
    close: 'Kapat',
    confirm: 'Geri al',
    waiting: 'Geri alınıyor …',
  },

  undone: {
    title: 'Bu aktarım geri alındı',
    text: 'Aktarımın değiştirdiği kişilerin akıbeti',
    reversed: 'Eskisi gibi',
    removed: 'Silinen',
    kept: 'Olduğu gibi kalan',
    because: {
      'later-import': (n) => `${count(n, 'kişi')}: sonraki bir aktarım değiştirdi ya da doğruladı.`,
      'own-opt-out': (n) => `${count(n, 'kişi')}: o zamandan beri ret bildirdi.`,
      'number-taken': (n) => `${count(n, 'kişi')}: önceki numarası artık onu elinde tutan bir başkasının.`,
    },
    more: (n) => `ve ${number.format(n)} kişi daha`,
    by: 'Geri alan',
    reason: 'Neden',
    noReason: 'belirtilmedi',
    at: 'Geri alındı',
    had: 'Aktarım ne yapmıştı',
  },
};
