// The same words in Turkish.

import { localeOf } from '../preferences.ts';
import type { tableInEnglish } from './table.en.ts';

const number = new Intl.NumberFormat(localeOf('tr'));

export const tableInTurkish: typeof tableInEnglish = {
  table: {
    title: 'Satırlar',
    label: (rows) => `Dosyanın satırları: ${number.format(rows)}. Ok tuşları gezdirir, Enter hücreyi değiştirir.`,
    text: 'Bir hücreyi değiştirmek için çift tıklayın ya da üzerinde Enter’a basın. Diskinizdeki dosya olduğu gibi kalır.',
    show: 'Göster',
    filters: {
      all: 'bütün satırlar',
      rejected: 'reddedilenler',
      warned: 'uyarılı olanlar',
      changed: 'değiştirdikleriniz',
    },
    search: 'Satırlarda ara',
    nextBad: 'Sonraki reddedilen satır',
    previousBad: 'Önceki reddedilen satır',
    noBad: 'Gösterilen satırların hiçbiri reddedilmedi.',
    showing: (n, of) => (n === of ? `${number.format(n)} satır` : `${number.format(of)} satırdan ${number.format(n)} tanesi`),
    nothing: 'Böyle bir satır yok.',
    row: 'Satır',
    verdict: 'Sonuç',
    fine: { in: 'Onay', out: 'Ret' },
    rejected: 'reddedildi',
    warned: 'uyarıyla kabul edildi',
    was: 'değiştirildi',
    edit: (row, column) => `${number.format(row)}. satır, ${column}`,
    more: (n) => `${number.format(n)} sütun daha var, burada gösterilmiyor.`,
    undo: 'Geri al',
    redo: 'Yinele',
    toRows: 'Bu satırları göster',
  },
  mend: {
    title: 'Birçok satırı birden düzeltin',
    text: 'Kural, içe aktarılanı değiştirir; diskinizdeki dosyayı asla. Her adım geri alınabilir.',
    zero: 'Her 0 rettir',
    country: 'Ülke kodu olmayan numaraların ülkesi',
    values: 'Bu değerlerin anlamı',
    optIn: 'onay',
    optOut: 'ret',
    reject: 'dışarıda bırak',
    column: 'Şu sütunda',
    spaces: 'Boşluk, nokta ve parantezleri sil',
    apply: 'Uygula',
    from: 'Şöyle yazan hücreler',
    to: 'şöyle yazsın',
    replace: 'Her satırda değiştir',
    done: 'Uygulandı. Dosya yeniden denetleniyor.',
  },
  corrected: {
    note: (n) => (n === 0 ? 'Kurallarınız bu dosyayı değiştiriyor.' : `${number.format(n)} satırı değiştirdiniz.`),
    sends: (name) => `İçe aktarılan, düzeltilmiş dosyadır: ${name}.`,
    download: 'Düzeltilmiş dosyayı indir',
  },
  asLastTime: {
    text: 'Bu sütunlara sahip son dosya gibi okundu.',
    forget: 'Baştan oku',
  },
  trial: {
    ask: 'Önce dene',
    title: 'İçe aktarma neyi değiştirirdi',
    text: 'Şu anda bilinen kişilerle denendi. Hiçbir şey yazılmadı, sunucu dosyayı unuttu.',
    sending: (done, total) => `Deneme için ${total} içinden ${done} gönderildi`,
    waiting: 'Sunucu bildiği herkesle karşılaştırıyor …',
    stop: 'Denemeyi durdur',
    conflicts: 'Kimliklerin çeliştiği yerler',
    none: 'Çelişen kimlik yok.',
  },
  resume: {
    running: (name) => `${name} içe aktarılıyor`,
    runningText: 'Bu sayfaya ne olursa olsun içe aktarma sunucuda sürer.',
    follow: 'İzle',
    unsent: (name) => `${name} gönderilirken kesildi`,
    unsentText:
      'Sunucu dosyanın tamamını almadı, bu yüzden hiçbir satırı içe aktarılmadı. Dosyayı yeniden seçin: söylediğiniz gibi okunur.',
    unsentCorrected: 'Sayfada yaptığınız düzeltmeler kayboldu; ayarlarınız duruyor.',
    dismiss: 'Unut',
  },
};
